import copy

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from seedbed_runner.contract.layers import LayerError, resolve
from seedbed_runner.models import build_model
from seedbed_runner.models.layers import Residual, module
from seedbed_runner.models.texts import NEEDS_PADDING, padding_of

HEAD = [{"type": "Flatten"}, {"type": "Linear", "out_features": "classes"}]
BATCH = 2
VOCABULARY = 7
KINDS = ("Avg", "Max")

small = st.integers(1, 4)
flags = st.booleans()


def layer(name, **arguments):
    """A layer of that type, any of whose arguments may be left out unless it is in capitals."""
    needed = {key.lower(): value for key, value in arguments.items() if key.isupper()}
    optional = {key: value for key, value in arguments.items() if not key.isupper()}
    return st.fixed_dictionaries({"type": st.just(name), **needed}, optional=optional)


def sides(low, high, dims):
    return st.integers(low, high) | st.lists(st.integers(low, high), min_size=dims, max_size=dims)


def convolutions(dims):
    return layer(
        f"Conv{dims}d",
        OUT_CHANNELS=small | st.just("classes"),
        KERNEL_SIZE=sides(1, 4, dims),
        stride=sides(1, 3, dims),
        padding=sides(0, 3, dims) | st.sampled_from(["same", "valid"]),
        dilation=sides(1, 2, dims),
        groups=st.integers(1, 2),
        bias=flags,
    )


def poolings(name, dims, **more):
    window = {"KERNEL_SIZE": sides(1, 4, dims), "stride": sides(1, 3, dims), "padding": sides(0, 2, dims)}
    return layer(f"{name}{dims}d", **window, **more)


plain = st.one_of(
    *(convolutions(dims) for dims in (1, 2)),
    *(poolings("MaxPool", dims, dilation=sides(1, 2, dims)) for dims in (1, 2)),
    *(poolings("AvgPool", dims) for dims in (1, 2)),
    *(layer(f"Adaptive{kind}Pool{d}d", OUTPUT_SIZE=sides(1, 5, d)) for kind in KINDS for d in (1, 2)),
    *(layer(f"BatchNorm{dims}d", affine=flags, momentum=st.floats(0, 1)) for dims in (1, 2)),
    layer("Linear", OUT_FEATURES=small | st.just("classes"), bias=flags),
    layer("LayerNorm", elementwise_affine=flags),
    layer("GroupNorm", NUM_GROUPS=small, affine=flags),
    *(layer(name) for name in ("ReLU", "SiLU", "Tanh", "Sigmoid", "GELU", "ELU", "LeakyReLU")),
    layer("Dropout", p=st.floats(0, 1)),
    layer("Dropout2d"),
    layer("Flatten", start_dim=st.integers(1, 3), end_dim=st.integers(-2, 3)),
    layer("Transpose", DIM0=st.integers(1, 3), DIM1=st.integers(1, 3)),
    layer("Unflatten", DIM=st.integers(1, 3), UNFLATTENED_SIZE=st.lists(small, min_size=1, max_size=2)),
    layer("Embedding", num_embeddings=st.integers(7, 9) | st.just("vocabulary"), EMBEDDING_DIM=small),
)  # fmt: skip
for_texts = st.one_of(
    *(layer(name) for name in ("PositionalEmbedding", "MaskedMeanPool", "MaskedMaxPool", "LastToken")),
    *(
        layer(name, HIDDEN_SIZE=small, num_layers=st.integers(1, 2), bias=flags, bidirectional=flags)
        for name in ("LSTM", "GRU")
    ),
    layer(
        "TransformerEncoderLayer",
        NHEAD=st.integers(1, 2),
        DIM_FEEDFORWARD=small,
        norm_first=flags,
        bias=flags,
    ),
)
nested = st.recursive(
    plain | for_texts,
    lambda inside: st.one_of(
        layer("Residual", LAYERS=st.lists(inside, min_size=1, max_size=3)),
        layer("Sequential", LAYERS=st.lists(inside, min_size=1, max_size=3), repeat=st.integers(1, 3)),
    ),
    max_leaves=5,
)
shapes = st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)


@st.composite
def models(draw):
    """Layers that fit some data: each drawn layer is kept if the list with it still resolves."""
    shape, classes, vocabulary = draw(shapes), draw(st.integers(2, 5)), draw(st.sampled_from([0, VOCABULARY]))
    kept = [{"type": "Embedding", "embedding_dim": draw(small)}] if vocabulary else []
    for drawn in draw(st.lists(nested, max_size=8)):
        try:
            resolve([*kept, drawn, *HEAD], shape, classes, vocabulary)
        except LayerError:
            continue
        kept.append(drawn)
    return [*kept, *HEAD], shape, classes, vocabulary


def batch(shape, vocabulary):
    return torch.randint(0, vocabulary, (BATCH, *shape)) if vocabulary else torch.randn(BATCH, *shape)


def assert_shapes_are_the_plans(built, steps, x, padding):
    """Run the modules one by one, into residual blocks too, and compare every shape."""
    for part, step in zip(built, steps, strict=True):
        assert tuple(x.shape[1:]) == step.input_shape
        if step.type == "Residual":
            assert_shapes_are_the_plans(part.body, step.body, x, padding)
        assert sum(weight.numel() for weight in part.parameters()) == step.parameters
        x = part(x, padding) if isinstance(part, NEEDS_PADDING) else part(x)
        assert tuple(x.shape) == (BATCH, *step.output_shape)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(models())
def test_the_module_is_what_the_plan_says(drawn):
    layers, shape, classes, vocabulary = drawn
    plan = resolve(layers, shape, classes, vocabulary)
    before = copy.deepcopy(layers)
    built = build_model({"layers": layers}, shape, classes, vocabulary).eval()
    assert layers == before
    x = batch(shape, vocabulary)
    padding = padding_of(x) if vocabulary and len(shape) == 1 else None
    with torch.no_grad():
        assert built(x).shape == (BATCH, classes)
        assert_shapes_are_the_plans(built, plan.steps, x, padding)
    assert sum(weight.numel() for weight in built.parameters()) == plan.parameters
    assert all(weight.requires_grad for weight in built.parameters())


windows = st.one_of(
    *(convolutions(dims) for dims in (1, 2)),
    *(poolings(f"{kind}Pool", dims) for kind in ("Avg", "Max") for dims in (1, 2)),
)


def torch_takes(drawn, shape):
    """Whether torch itself can build the layer for `shape` and run it."""
    arguments = {key: tuple(value) if type(value) is list else value for key, value in drawn.items()}
    name = arguments.pop("type")
    if name.startswith("Conv"):
        arguments["in_channels"] = shape[0]
    try:
        with torch.no_grad():
            getattr(nn, name)(**arguments)(torch.randn(BATCH, *shape))
    except (RuntimeError, ValueError):
        return False
    return True


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@settings(max_examples=300, deadline=None, derandomize=True)
@given(windows, st.lists(st.integers(1, 6), min_size=3, max_size=3))
def test_a_window_is_refused_exactly_when_torch_refuses_it(drawn, sizes):
    shape = tuple(sizes[: int(drawn["type"][-2]) + 1])
    drawn = {key: 3 if value == "classes" else value for key, value in drawn.items()}
    try:
        resolve([drawn, *HEAD], shape, 3)
        resolved = True
    except LayerError:
        resolved = False
    assert resolved == torch_takes(drawn, shape)


def multiply_adds(model, x):
    """Counted from outside, by torch's own flop counter: two a multiply-add, biases left out."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(x)
    return counter.get_total_flops() / 2 / len(x)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        (
            [{"type": "Conv2d", "out_channels": 6, "kernel_size": 3, "stride": 2, "groups": 2}, *HEAD],
            (4, 9, 8),
        ),
        ([{"type": "Conv1d", "out_channels": 6, "kernel_size": 3, "padding": "same"}, *HEAD], (4, 9)),
        ([{"type": "Linear", "out_features": 6}, *HEAD], (5, 9)),
        ([{"type": "Residual", "layers": [{"type": "Linear", "out_features": 6}]}, *HEAD], (9,)),
    ],
)
def test_multiply_adds_are_torchs(layers, shape):
    x = torch.randn(BATCH, *shape)
    assert resolve(layers, shape, 3).multiply_adds == multiply_adds(
        build_model({"layers": layers}, shape, 3), x
    )


def test_a_residual_adds_its_input_and_nothing_else():
    inside = nn.Linear(3, 3)
    x = torch.randn(4, 3)
    assert torch.equal(Residual(inside, nn.Identity())(x), inside(x) + x)
    step = resolve(
        [{"type": "Residual", "layers": [{"type": "Linear", "out_features": 5}]}, *HEAD], (3,), 2
    ).steps[0]
    built = module(step)
    assert torch.equal(built(x), built.body(x) + x @ built.shortcut.weight.T)


def test_weights_are_torchs_own_start_from_the_callers_seed():
    torch.manual_seed(3)
    expected = nn.Linear(4, 2)
    torch.manual_seed(3)
    built = build_model({"layers": [{"type": "Linear", "out_features": 2}]}, (4,), 2)
    assert torch.equal(built[0].weight, expected.weight)
    assert torch.equal(built[0].bias, expected.bias)


@pytest.mark.parametrize(
    "model", [{}, {"source": "x"}, {"layers": HEAD, "torchvision": {"name": "resnet18"}}]
)
def test_exactly_one_kind_of_model(model):
    with pytest.raises(LayerError, match="exactly one of `layers` and `torchvision`"):
        build_model(model, (4,), 2)
