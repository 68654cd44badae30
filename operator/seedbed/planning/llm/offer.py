"""What a planner may choose from beyond what every goal has, and what is left to spend.

The caller fills these from the goal's provider, profile and budget; prompt, schema and checks read them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from seedbed.api.goal import Resources
from seedbed.api.source import check
from seedbed_runner.contract.source import FUNCTIONS, MAX_BYTES, MODULES, PACKAGES, REQUIRED

_MADE = {  # what each function returns
    "build_model": "a new nn.Module that turns float32 inputs (batch, *input_shape) into logits (batch, "
    "num_classes); input_shape is a tuple without the batch; on the CPU, from random weights",
    "build_optimizer": "a torch.optim.Optimizer of all of the model's parameters, instead of the one that "
    "`training` names; the schedule scales the rate of each parameter group",
    "augment": "a training batch (rows, *input_shape) changed, of the same shape, type and device; by "
    "torch's random numbers alone",
}

CodeRuns = Literal["sealed", "unsealed", "refused"]
_SAID = {
    "sealed": "It runs sealed in: no network, no other files, no other program, no new process. When it is "
    "confirmed it predicts again from its saved state, in another order: what it gives for a row must follow "
    "from that row and its state_dict alone.",
    "unsealed": "Where it runs nothing may seal it in, and then no claim is made of it.",
}


@dataclass(frozen=True)
class Code:
    """PyTorch code instead of layers.

    Attributes:
        rules: what a module must hold, for the prompt.
        check: the mistakes in a module's text, one sentence each.
    """

    rules: str
    check: Callable[[str], Sequence[str]]


def code_offer(runs: CodeRuns = "sealed") -> Code:
    """Code by `seedbed_runner.contract.source`, checked without being run."""
    functions = [f"{_called(name)} returns {made}" for name, made in _MADE.items() if name != REQUIRED]
    rules = (
        f"It defines {_called(REQUIRED)} at the top level, which returns {_MADE[REQUIRED]}. "
        f"It may define too: {'; '.join(functions)}. It may import {', '.join(sorted(MODULES))}, and what is "
        f"below {', '.join(PACKAGES)}; nothing else is there. Nothing but imports, definitions and constants "
        "stands at its top level; it reads and writes no files, seeds nothing, chooses no device, and loads "
        f"no weights. At most {MAX_BYTES} bytes. {_SAID[runs]} Where layers can say it, give layers."
    )
    return Code(rules, lambda text: [str(finding) for finding in check(text)])


def _called(name: str) -> str:
    return f"`{name}({', '.join(FUNCTIONS[name])})`"


@dataclass(frozen=True)
class Offer:
    """What one answer may hold.

    Attributes:
        batch: the most proposals.
        caps: the most that one run may ask for; None: what the goal gives every run is fixed.
        code: None where only layers and torchvision's classifiers are taken.
    """

    batch: int = 1
    caps: Resources | None = None
    code: Code | None = None


@dataclass(frozen=True)
class Left:
    """What the goal may still spend. Not its time: what is asked must not depend on the clock."""

    experiments: int
    failures: int
    confirmations: int
    tokens: int
    gpu_hours: float
