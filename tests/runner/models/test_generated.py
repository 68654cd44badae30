import copy
from typing import Any

import pytest
import torch

from fakes.sources import CNN, MLP
from seedbed_runner.errors import ModelFailure
from seedbed_runner.models import Built, build
from seedbed_runner.randomness import fresh_model, streams, with_stream

LAYERS = [
    {"type": "Flatten"}, {"type": "Linear", "out_features": 16}, {"type": "ReLU"},
    {"type": "Dropout", "p": 0.1}, {"type": "Linear", "out_features": "classes"},
]  # fmt: skip
SETTINGS = {"type": "AdamW", "lr": 0.5, "weightDecay": 0.25, "momentum": 0.9}
HEAD = "import torch\nfrom torch import nn\n"
BUILD = "def build_model(input_shape, num_classes):\n"


def made(source: str, shape: tuple[int, ...] = (4,), seed: int = 0) -> Built:
    return fresh_model(lambda: build({"source": source}, shape, 3), streams(seed))


def bits(model: torch.nn.Module) -> list[torch.Tensor]:
    return list(model.state_dict().values())


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(bits(one), bits(other), strict=True))


@pytest.mark.parametrize(("source", "shape"), [(MLP, (4,)), (CNN, (1, 8, 8))])
def test_the_seed_alone_decides_the_first_weights(source: str, shape: tuple[int, ...]) -> None:
    first = made(source, shape).model
    torch.rand(5)
    assert same(first, made(source, shape).model)
    assert not same(first, made(source, shape, seed=1).model)


def test_source_and_layers_with_the_same_order_have_the_same_weights() -> None:
    layers = fresh_model(lambda: build({"layers": LAYERS}, (4,), 3), streams(7))
    assert same(layers.model, made(MLP, seed=7).model)
    assert layers.optimizer is None and layers.augment is None


def test_two_sources_share_no_names() -> None:
    made(MLP.replace("WIDTH = 16", "WIDTH = 16\nLEFT = 1"))
    with pytest.raises(ModelFailure, match="LEFT"):
        made(MLP.replace("WIDTH = 16", "WIDTH = LEFT"))


def test_the_optimizer_gets_the_training_s_rate_and_decay() -> None:
    cnn = made(CNN, (1, 8, 8))
    assert cnn.optimizer is not None
    optimizer = cnn.optimizer(cnn.model, SETTINGS)
    assert isinstance(optimizer, torch.optim.SGD)
    assert [(group["lr"], group["weight_decay"]) for group in optimizer.param_groups] == [
        (0.5, 0.25),
        (1.0, 0.0),
    ]


def test_the_augmentation_makes_another_batch() -> None:
    augment = made(CNN, (1, 8, 8)).augment
    assert augment is not None
    batch = torch.zeros(5, 1, 8, 8)
    assert augment(batch).shape == batch.shape and not torch.equal(augment(batch), batch)


def body(*lines: str) -> str:
    """A source whose `build_model` begins at line 3."""
    return HEAD + BUILD + "".join(f"    {line}\n" for line in lines)


def net(forward: str, *more: str) -> str:
    """A source whose module's `forward` returns that, at line 9 if there is nothing more."""
    lines = ("class Net(nn.Module):", "    def __init__(self, n):", "        super().__init__()",
             "        self.fc = nn.Linear(4, n)", *(f"        {line}" for line in more),
             "    def forward(self, x):", "", f"        return {forward}")  # fmt: skip
    return HEAD + "\n".join(lines) + "\n" + BUILD + "    return Net(num_classes)\n"


BAD: dict[str, tuple[str, str, str]] = {
    "syntax": ("import torch\ndef build_model(:\n", "Format", "line 2 of the source: invalid syntax"),
    "nul": ("x = '\0'", "Format", "null bytes"),
    "fails to load": ("x = 1\ny = x / 0\n", "Crash", "loading the source: line 2 of the source: Zero"),
    "imports what is not there": ("import absent\n", "Crash", "line 1 of the source: ModuleNotFoundError"),
    "no build_model": ("x = 1\n", "Format", "has no function build_model(input_shape, num_classes)"),
    "no function": ("build_model = 1\n", "Format", "has no function build_model"),
    "augment is no function": (MLP + "augment = 3\n", "Format", "has no function augment(inputs)"),
    "parameters": ("def build_model(shape):\n    return 1\n", "Crash", "takes 1 positional argument"),
    "raises": (body("", "raise KeyError('width')"), "Crash", "build_model: line 5 of the source: KeyError"),
    "exception that raises when it is read": (
        HEAD + "class E(Exception):\n    def __str__(self): return 1 / 0\n" + BUILD + "    raise E\n",
        "Crash", "line 6 of the source: E",
    ),
    "says much": (body("raise ValueError('x' * 10 ** 6)"), "Crash", "line 4 of the source: ValueError: xxx"),
    "for ever deeper": (body("return build_model(input_shape, 3)"), "Crash", "line 4 of the source: R"),
    "too large": (body("return nn.Linear(10 ** 9, 10 ** 9)"), "OutOfMemory", "line 4 of the source"),
    "no module": (body("return torch.zeros(3)"), "Format", "returned a Tensor, not an nn.Module"),
    "no weights": (body("return nn.Flatten()").replace("Flatten()", "ConstantPad1d((0, -1), 0.)"),
                   "Format", "no parameters"),
    "frozen": (body("return nn.Linear(4, 3).requires_grad_(False)"), "Format", "no parameters"),
    "another device": (body("return nn.Linear(4, 3, device='meta')"), "Format", "weight is on meta: build"),
    "a part elsewhere": (net("self.fc(x)", "self.w = nn.Parameter(torch.ones(2, device='meta'))"),
                         "Format", "w is on meta: build the model on the CPU"),
    "not a number": (net("self.fc(x)", "nn.init.constant_(self.fc.bias, float('nan'))"),
                     "NonFinite", "the parameter fc.bias is not finite before any training"),
    "too many numbers": (net("self.fc(x)", "self.w = nn.Parameter(torch.zeros(1).expand(2 ** 31))"),
                         "Size", "3 tensors of"),
    "never sized": (net("self.fc(x)", "self.lazy = nn.LazyLinear(3)"), "Format", "lazy.weight has no size"),
    "state that is no tensor": (
        net("self.fc(x)").replace("    def f", "    def get_extra_state(self): return {}\n    def f"),
        "Format", "_extra_state is no tensor",
    ),
    "a pair": (net("(x, self.fc(x))"), "Shape", "gives a tuple"),
    "whole numbers": (net("self.fc(x).long()"), "Shape", "torch.int64"),
    "one row": (net("self.fc(x)[:1]"), "Shape", "gives (1, 3)"),
    "other classes": (body("return nn.Linear(4, 5)"), "Shape", "gives (2, 5) torch.float32 for 2 rows"),
    "other input": (body("return nn.Linear(7, num_classes)"), "Shape", "shapes cannot be multiplied"),
    "fails forward": (net("self.missing(x)"), "Crash", "line 9 of the source: AttributeError"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "reason", "words"), BAD.values(), ids=BAD.keys())
def test_what_is_no_model_says_why_and_where(source: str, reason: str, words: str) -> None:
    with pytest.raises(ModelFailure) as caught:
        made(source)
    assert (caught.value.reason, words in str(caught.value)) == (reason, True), str(caught.value)
    assert len(str(caught.value)) < 600 and "\n" not in str(caught.value)


def test_weights_that_get_their_sizes_from_the_first_batch_can_be_trained() -> None:
    model = made(body("return nn.LazyLinear(num_classes)")).model
    model(torch.ones(2, 4)).sum().backward()
    assert all(value.grad is not None for value in model.parameters())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("3", "returned a int, not a torch.optim.Optimizer"),
        ("torch.optim.SGD([nn.Parameter(torch.ones(1))], lr)", "not the model's parameters"),
        ("torch.optim.Optimizer(model.parameters(), {})", "no `lr`"),
    ],
)
def test_an_optimizer_that_the_loop_can_not_use(given: str, words: str) -> None:
    source = HEAD + f"{MLP}\ndef build_optimizer(model, lr, weight_decay):\n    return {given}\n"
    built = made(source)
    assert built.optimizer is not None
    with pytest.raises(ModelFailure, match=words) as caught:
        built.optimizer(built.model, SETTINGS)
    assert caught.value.reason == "Format"


@pytest.mark.parametrize(
    ("given", "reason", "words"),
    [
        ("inputs[:1]", "Shape", r"augment gave \(1, 4\) torch.float32 on cpu for a batch of \(2, 4\)"),
        ("inputs.double()", "Shape", "gave .* torch.float64"),
        ("None", "Shape", "gave NoneType"),
        ("inputs.flip(2)", "Crash", r"augment: line \d+ of the source: IndexError"),
    ],
)
def test_an_augmentation_that_spoils_the_batch(given: str, reason: str, words: str) -> None:
    augment: Any = made(f"{MLP}\ndef augment(inputs):\n    return {given}\n").augment
    with pytest.raises(ModelFailure, match=words) as caught:
        augment(torch.ones(2, 4))
    assert caught.value.reason == reason


def test_the_augmentation_s_stream_is_its_own() -> None:
    def draw(batch: torch.Tensor) -> torch.Tensor:
        return batch + torch.rand(3)

    torch.manual_seed(1)
    expected = torch.rand(2)
    for _ in range(2):
        stream = with_stream(draw, 5, torch.device("cpu"))
        torch.manual_seed(1)
        drawn = [stream(torch.zeros(3)) for _ in range(2)]
        assert torch.equal(torch.rand(2), expected)
        torch.manual_seed(5)
        assert torch.equal(torch.cat(drawn), torch.rand(6))


def test_torchvision_by_source() -> None:
    source = (
        "from torchvision import models\n"
        + BUILD
        + "    return models.squeezenet1_1(num_classes=num_classes)\n"
    )
    model = made(source, (3, 64, 64)).model
    assert copy.deepcopy(model)(torch.zeros(2, 3, 64, 64)).shape == (2, 3)
