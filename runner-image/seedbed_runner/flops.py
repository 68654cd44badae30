"""How much arithmetic a forward pass is: called by the train step once the child is dead, and by `costs`.

The train step counts on a model of its own with weights of its own: the number depends on the request and the
shape of the data, on nothing that training did.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from seedbed_runner.contract.records import RunRequest
from seedbed_runner.models import build
from seedbed_runner.randomness import deterministic
from seedbed_runner.workfolder import Task


def flops_a_row(request: RunRequest, task: Task) -> int | None:
    """Floating point operations of one row's forward pass; None where the model is code of others."""
    if "source" in request.model:
        return None
    kind = torch.int64 if task.vocabulary else torch.float32
    with deterministic(1), torch.inference_mode():
        model = build(request.model, task.input_shape, task.classes, task.vocabulary).model.eval()
        row = torch.zeros((1, *task.input_shape), dtype=kind)
        return counted(lambda: model(row))


def counted(work: Callable[[], object]) -> int:
    """Floating point operations of `work`; a multiply-add counts twice."""
    with _no_fused_kernels(), _Counter() as counter:
        work()
    total: int = counter.total
    return total


@contextmanager
def _no_fused_kernels() -> Iterator[None]:
    """A recurrent layer or an encoder in one kernel has no formula; what it consists of has."""
    fast, fused = torch.backends.mha.get_fastpath_enabled(), torch.backends.mkldnn.enabled
    torch.backends.mha.set_fastpath_enabled(False)
    torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
    try:
        with torch.backends.cudnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mkldnn.enabled = fused
        torch.backends.mha.set_fastpath_enabled(fast)


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up torch's own formulas; torch's own counter imports its compiler, which takes a second."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.total = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # the compiler would be imported only to be told so

    def __torch_dispatch__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named, formula = kwargs or {}, flop_registry.get(function.overloadpacket)
        if formula is None:
            with self:  # of what it is made of, if it is
                parts = function.decompose(*args, **named)
            return function(*args, **named) if parts is NotImplemented else parts
        out = function(*args, **named)
        self.total += int(formula(*args, **named, out_val=out))
        return out
