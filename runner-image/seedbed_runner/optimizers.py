"""torch's optimizers without its compiler: made by the training loop for models of which we know the code.

torch wraps the methods of its optimizers for `torch.compile`, and the wrappers import `torch._dynamo` at
their first call: a second in each process, for a compiler that nothing here uses. The classes below call the
same methods below those wrappers, so every bit stays what torch gives.
"""

from collections.abc import Callable
from inspect import unwrap
from typing import Any

import torch

_add_param_group = unwrap(torch.optim.Optimizer.add_param_group)


class _Uncompiled(torch.optim.Optimizer):
    """What the three have in common; stands before torch's own class among the bases."""

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As torch's own."""
        _add_param_group(self, param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients.

        Raises:
            ValueError: `set_to_none` is False, which nothing here asks for.
        """
        if not set_to_none:
            raise ValueError("gradients are forgotten, never set to zero: `set_to_none` must be True")
        for group in self.param_groups:
            for weight in group["params"]:
                weight.grad = None


def _uncompiled(kind: Any) -> Any:
    """`kind` without the wrappers."""
    own_step = unwrap(kind.step)

    def step(self: torch.optim.Optimizer, closure: Callable[[], float] | None = None) -> Any:
        with torch.no_grad():
            return own_step(self, closure)

    return type(kind.__name__, (_Uncompiled, kind), {"step": step, "__doc__": kind.__doc__})


KINDS = {kind.__name__: _uncompiled(kind) for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW)}
