import subprocess
import sys

import pytest

from seedbed_runner.contract.layers import LayerError, resolve

HEAD = [{"type": "Flatten"}, {"type": "Linear", "out_features": "classes"}]


def conv(out, kernel=3, **more):
    return {"type": "Conv2d", "out_channels": out, "kernel_size": kernel, **more}


def test_a_small_cnn_by_hand():
    layers = [conv(32, padding="same"), {"type": "BatchNorm2d"}, {"type": "ReLU"},
              {"type": "MaxPool2d", "kernel_size": 2}, *HEAD]  # fmt: skip
    plan = resolve(layers, (1, 8, 8), 10)
    assert [step.output_shape for step in plan.steps] == [
        (32, 8, 8), (32, 8, 8), (32, 8, 8), (32, 4, 4), (512,), (10,),
    ]  # fmt: skip
    assert plan.parameters == (32 * 9 + 32) + 64 + (512 * 10 + 10)
    assert plan.multiply_adds == 64 * 32 * 9 + 512 * 10
    assert plan.activations == 32 * 64
    assert plan.activations_kept == 3 * 32 * 64 + 512 + 512 + 10


def test_arguments_hold_every_default_and_inferred_size():
    plan = resolve([conv(4, padding="same", groups=2), *HEAD], (2, 6, 6), 3)
    assert plan.steps[0].arguments == {
        "in_channels": 2, "out_channels": 4, "kernel_size": (3, 3), "stride": (1, 1), "padding": (1, 1),
        "dilation": (1, 1), "groups": 2, "bias": True,
    }  # fmt: skip
    assert plan.steps[0].parameters == 4 * 1 * 9 + 4
    assert plan.steps[-1].arguments == {"in_features": 4 * 36, "out_features": 3, "bias": True}


def test_same_stays_a_word_where_it_can_not_be_split_evenly():
    plan = resolve([conv(4, kernel=[2, 3], padding="same"), *HEAD], (1, 5, 5), 2)
    assert plan.steps[0].arguments["padding"] == "same"
    assert plan.steps[0].output_shape == (4, 5, 5)


@pytest.mark.parametrize(
    ("layer", "came", "gives"),
    [
        ({"type": "Conv1d", "out_channels": 5, "kernel_size": 3, "stride": 2}, (2, 10), (5, 4)),
        (conv(5, kernel=3, dilation=2, padding=1), (2, 10, 9), (5, 8, 7)),
        ({"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1}, (2, 8, 7), (2, 4, 4)),
        ({"type": "AvgPool1d", "kernel_size": 4}, (3, 11), (3, 2)),
        ({"type": "AdaptiveAvgPool2d", "output_size": [2, 3]}, (7, 5, 5), (7, 2, 3)),
        ({"type": "AdaptiveMaxPool1d", "output_size": 4}, (7, 5), (7, 4)),
        ({"type": "Linear", "out_features": 6}, (4, 9), (4, 6)),
        ({"type": "Flatten", "start_dim": 2}, (4, 3, 2), (4, 6)),
        ({"type": "Flatten", "end_dim": -2}, (4, 3, 2), (12, 2)),
        ({"type": "Unflatten", "dim": 1, "unflattened_size": [1, 12]}, (12,), (1, 12)),
        ({"type": "Transpose", "dim0": 1, "dim1": 3}, (4, 3, 2), (2, 3, 4)),
    ],
)
def test_shapes(layer, came, gives):
    assert resolve([layer, *HEAD], came, 2).steps[0].output_shape == gives


@pytest.mark.parametrize(
    ("layer", "came", "normalized", "parameters"),
    [
        ({"type": "LayerNorm"}, (6,), (6,), 12),
        ({"type": "LayerNorm"}, (5, 6), (6,), 12),
        ({"type": "LayerNorm"}, (2, 5, 6), (2, 5, 6), 120),
        ({"type": "LayerNorm", "elementwise_affine": False}, (6,), (6,), 0),
    ],
)
def test_layer_norm_normalizes_features_or_a_whole_image(layer, came, normalized, parameters):
    step = resolve([layer, *HEAD], came, 2).steps[0]
    assert step.arguments["normalized_shape"] == normalized
    assert step.parameters == parameters


def test_tokens_pass_through_an_embedding_to_a_convolution():
    layers = [
        {"type": "Embedding", "num_embeddings": 100, "embedding_dim": 16},
        {"type": "Transpose", "dim0": 1, "dim1": 2},
        {"type": "Conv1d", "out_channels": 8, "kernel_size": 3},
        {"type": "AdaptiveMaxPool1d", "output_size": 1},
        *HEAD,
    ]
    plan = resolve(layers, (20,), 2, vocabulary=100)
    assert [step.output_shape for step in plan.steps[:3]] == [(20, 16), (16, 20), (8, 18)]
    assert plan.parameters == 1600 + (8 * 16 * 3 + 8) + (8 * 2 + 2)


def test_a_sequence_is_unrolled_and_a_repeat_is_named():
    block = {"type": "Sequential", "repeat": 2, "layers": [conv(4), {"type": "ReLU"}]}
    plan = resolve([block, *HEAD], (1, 8, 8), 2)
    assert [step.path for step in plan.steps[:4]] == [
        "layers[0] (repeat 1).layers[0]",
        "layers[0] (repeat 1).layers[1]",
        "layers[0] (repeat 2).layers[0]",
        "layers[0] (repeat 2).layers[1]",
    ]
    assert [step.arguments["in_channels"] for step in plan.steps if step.type == "Conv2d"] == [1, 4]


@pytest.mark.parametrize(
    ("inside", "came", "shortcut"),
    [
        ([conv(3, padding=1)], (3, 8, 8), None),
        ([conv(6, padding=1)], (3, 8, 8), ("Conv2d", 18, (1, 1))),
        ([conv(6, padding=1, stride=2)], (3, 9, 8), ("Conv2d", 18, (2, 2))),
        ([{"type": "MaxPool2d", "kernel_size": [1, 2]}], (3, 8, 8), ("Conv2d", 9, (1, 2))),
        ([{"type": "Conv1d", "out_channels": 2, "kernel_size": 1}], (3, 8), ("Conv1d", 6, (1,))),
        ([{"type": "Linear", "out_features": 4}], (3,), ("Linear", 12, None)),
    ],
)
def test_the_shortcut_of_a_residual_is_inferred(inside, came, shortcut):
    step = resolve([{"type": "Residual", "layers": inside}, *HEAD], came, 2).steps[0]
    if shortcut is None:
        assert step.shortcut is None
        return
    found = step.shortcut
    assert (found.type, found.parameters, found.arguments.get("stride")) == shortcut
    assert found.output_shape == step.output_shape
    assert step.parameters == found.parameters + sum(part.parameters for part in step.body)


RES = "layers[0] Residual: the layers inside make "


@pytest.mark.parametrize(
    ("layers", "came", "message"),
    [
        (
            [conv(32), conv(32), {"type": "MaxPool2d", "kernel_size": 2}, conv(32, kernel=5)],
            (1, 10, 10),
            "layers[3] Conv2d: a 5×5 kernel does not fit the 3×3 input that comes in (32×3×3): use a smaller "
            "kernel, padding or fewer poolings",
        ),
        ([conv(2, kernel=3, dilation=4)], (1, 8, 8), "a 3×3 kernel, dilated to 9×9, does not fit the 8×8"),
        ([conv(4, groups=2)], (3, 8, 8), "groups 2 does not divide the 3 channels that come in (3×8×8)"),
        ([conv(4)], (5,), "layers[0] Conv2d: needs channels × height × width, but 5 comes in"),
        ([{"type": "MaxPool1d", "kernel_size": 2}], (1, 8, 8), "but 1×8×8 comes in: use MaxPool2d"),
        (
            [{"type": "BatchNorm1d"}],
            (1, 8, 8),
            "needs features or channels × length, but 1×8×8 comes in: use",
        ),
        ([{"type": "GroupNorm", "num_groups": 2}], (3, 4), "num_groups 2 does not divide the 3 channels"),
        ([{"type": "GroupNorm", "num_groups": 3}], (3,), "each of the 3 groups would be one value (3)"),
        (
            [{"type": "Transpose", "dim0": 1, "dim1": 3}],
            (3, 4),
            "there is no dimension 3: what comes in (3×4)",
        ),
        (
            [{"type": "Flatten", "start_dim": 3}],
            (3, 4),
            "start_dim 3 to end_dim -1 is no range of the dimensions",
        ),
        ([{"type": "Unflatten", "dim": 1, "unflattened_size": [2, 2]}], (5,), "2×2 is 4 values, not the 5"),
        (
            [conv(4), {"type": "Linear", "out_features": 64}],
            (1, 3, 3),
            "end with {type: Flatten} and {type: Lin",
        ),
        (
            [{"type": "Linear", "out_features": 64}],
            (5,),
            "the last layer gives 64 but the data has 10 classes: end with {type: Linear, out_features: cla",
        ),
        (
            [{"type": "Residual", "layers": [conv(1, kernel=2)]}],
            (1, 8, 8),
            RES + "1×7×7 of the 1×8×8 that comes",
        ),
        ([{"type": "Residual", "layers": [{"type": "Flatten"}]}], (1, 8, 8), RES + "64 of the 1×8×8"),
        ([{"type": "Residual", "layers": [conv(1, padding=2)]}], (1, 8, 8), RES + "1×10×10 of the 1×8×8"),
        (
            [{"type": "Residual", "layers": [{"type": "AdaptiveAvgPool1d", "output_size": 1}]}],
            (1, 2000),
            RES + "1×1 of the 1×2000",
        ),
        ([{"type": "Flatten"}], (10,), "layers: nothing here can be trained"),
        (
            [{"type": "Embedding", "num_embeddings": 9, "embedding_dim": 2}],
            (5,),
            "needs tokens (whole numbers)",
        ),
        ([{"type": "Linear", "out_features": 1.5}], (5,), "layers[0].out_features: must be a whole number"),
        ([{"type": "Linear", "out_features": 65_536}] * 2 + HEAD, (1000,), "at most 200,000,000 are allowed"),
        (
            [{"type": "AdaptiveAvgPool2d", "output_size": 1024}, conv(65_536, kernel=1)],
            (1, 8, 8),
            "layers[1] Conv2d: gives 65536×1024×1024 = 68,719,476,736 values an item, at most 100,000,000",
        ),
    ],
)
def test_what_does_not_fit_says_which_layer_and_why(layers, came, message):
    with pytest.raises(LayerError) as caught:
        resolve(layers, came, 10)
    assert message in str(caught.value)


def test_tokens_need_an_embedding_first():
    with pytest.raises(LayerError, match="layers\\[1\\] Linear: tokens .* put an Embedding before it"):
        resolve(HEAD, (5,), 2, vocabulary=100)


def test_groups_are_checked_once_classes_is_a_number():
    layers = [conv("classes", kernel=8, groups=2), {"type": "Flatten"}]
    assert resolve(layers, (2, 8, 8), 4).steps[-1].output_shape == (4,)
    with pytest.raises(LayerError, match="groups 2 does not divide out_channels 5"):
        resolve(layers, (2, 8, 8), 5)


def test_layers_are_not_changed():
    layers = [conv("classes", kernel=8), {"type": "Flatten"}]
    resolve(layers, (1, 8, 8), 4)
    assert layers == [conv("classes", kernel=8), {"type": "Flatten"}]


def test_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = sys.modules['numpy'] = None\n"
        "from seedbed_runner.contract.layers import resolve\n"
        "assert resolve([{'type': 'Linear', 'out_features': 'classes'}], (3,), 2).parameters == 8"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
