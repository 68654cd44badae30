import pytest

from seedbed_runner.contract.layers import check
from seedbed_runner.contract.layers.table import TABLE

CONV = {"type": "Conv2d", "out_channels": 8, "kernel_size": 3}


@pytest.mark.parametrize(
    ("layers", "problem"),
    [
        ([], "layers: must be a list of one or more layers"),
        ("Conv2d", "layers: must be a list of one or more layers"),
        ([CONV, "ReLU"], "layers[1]: must name its type"),
        ([{"type": 3}], "layers[0]: must name its type"),
        ([{"type": "conv2d"}], "layers[0].type: 'conv2d' is no layer; did you mean Conv2d?"),
        ([{"type": "MaxPol2d"}], "did you mean MaxPool2d"),
        ([{**CONV, "in_channels": 1}], "layers[0].in_channels: is inferred from what comes in; leave it out"),
        ([{**CONV, "paddin": 1}], "layers[0].paddin: is no argument of Conv2d; did you mean padding?"),
        ([{"type": "ReLU", "inplace": True}], "layers[0].inplace: is no argument of ReLU, which takes none"),
        (
            [{"type": "Linear"}],
            "layers[0].out_features: is missing; give a whole number from 1 to 65536, or `classes`",
        ),
        ([{**CONV, "out_channels": 0}], "layers[0].out_channels: must be a whole number from 1 to 65536"),
        (
            [{**CONV, "out_channels": 65_537}],
            "must be a whole number from 1 to 65536, or `classes`, not 65537",
        ),
        ([{**CONV, "out_channels": "ten"}], "not 'ten'"),
        ([{**CONV, "out_channels": True}], "not True"),
        ([{**CONV, "out_channels": 8.0}], "not 8.0"),
        (
            [{**CONV, "kernel_size": [3]}],
            "layers[0].kernel_size: must be a whole number from 1 to 1024, or a list",
        ),
        ([{**CONV, "padding": "full"}], "layers[0].padding: must be a whole number from 0 to 1024"),
        ([{**CONV, "bias": 1}], "layers[0].bias: must be true or false, not 1"),
        ([{"type": "Dropout", "p": 1.5}], "layers[0].p: must be a number from 0 to 1, not 1.5"),
        ([{"type": "Dropout", "p": float("nan")}], "layers[0].p: must be a number from 0 to 1, not nan"),
        ([{"type": "GELU", "approximate": "erf"}], "layers[0].approximate: must be one of none, tanh"),
        ([{"type": "Unflatten", "dim": 1, "unflattened_size": []}], "must be a list of 1 to 3 whole numbers"),
        ([{**CONV, "padding": "same", "stride": 2}], "layers[0] Conv2d: padding `same` goes with stride 1"),
        ([{**CONV, "groups": 3}], "layers[0] Conv2d: groups 3 does not divide out_channels 8"),
        (
            [{"type": "MaxPool1d", "kernel_size": 3, "padding": 2}],
            "layers[0] MaxPool1d: padding 2 is more than half of the kernel's 3",
        ),
        ([{"type": "Residual"}], "layers[0].layers: is missing"),
        ([{"type": "Residual", "layers": []}], "layers[0].layers: must be a list of one or more layers"),
        (
            [{"type": "Residual", "layers": [CONV, {"type": "X"}]}],
            "layers[0].layers[1].type: 'X' is no layer",
        ),
        ([{"type": "Sequential", "layers": [CONV], "repeat": 0}], "layers[0].repeat: must be a whole number"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_path(layers, problem):
    (found,) = check(layers)
    assert problem in found


def test_every_mistake_is_found():
    layers = [{"type": "conv2d"}, {"type": "Linear", "width": 3}, {"type": "Dropout", "p": 2}]
    assert [problem.split(":")[0] for problem in check(layers)] == [
        "layers[0].type",
        "layers[1].width",
        "layers[1].out_features",
        "layers[2].p",
    ]


def test_no_mistake():
    assert (
        check([CONV, {"type": "Residual", "layers": [CONV]}, {"type": "Sequential", "layers": [CONV]}]) == []
    )


def _nested(depth):
    layers = [{"type": "ReLU"}]
    for _ in range(depth):
        layers = [{"type": "Sequential", "layers": layers}]
    return layers


def test_nesting_goes_four_deep():
    assert check(_nested(4)) == []
    (problem,) = check(_nested(5))
    assert "nested 5 deep, at most 4 are allowed" in problem


def test_repeats_count_towards_the_limit():
    repeated = {"type": "Sequential", "repeat": 128, "layers": [{"type": "ReLU"}, {"type": "Tanh"}]}
    assert check([repeated]) == []
    assert check([repeated, {"type": "ReLU"}]) == ["layers: more than 256 layers with all repeats"]


def test_a_list_that_holds_itself_ends():
    layers = []
    layers += [{"type": "Sequential", "layers": layers}] * 64
    assert any("more than 256 layers" in problem for problem in check(layers))


def test_defaults_are_what_their_own_argument_takes():
    for name, kind in TABLE.items():
        for argument, declared in kind.arguments.items():
            default = declared.default
            if default is None or type(default).__name__ == "Required":
                continue
            assert declared.kind.read(default) == default, (name, argument)
