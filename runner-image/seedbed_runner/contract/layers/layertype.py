"""What is said of a type of layer; `contract.layers.table` has one for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from seedbed_runner.contract.layers.arguments import Argument
from seedbed_runner.contract.layers.effects import Arguments, EffectOf


def _no_rule(arguments: Arguments) -> str | None:
    return None


@dataclass(frozen=True)
class LayerType:
    """One type of layer.

    Attributes:
        arguments: what a manifest may give, by name.
        effect: what it does to an item's shape; containers (with `layers` among their arguments) have none.
        ranks: numbers of dimensions that an item may have, without the batch; empty: any.
        integers: whether it refuses tokens, passes them on as they are, or needs them.
        inferred: torch's arguments that are never given.
        rule: what its arguments must fulfil together: the mistake in words, or None.
        needs_positions: whether it must know which positions of a text are padding.
        keeps_positions: whether the first dimension of what it gives still is the text's positions.
    """

    arguments: Mapping[str, Argument]
    effect: EffectOf | None
    ranks: tuple[int, ...] = ()
    integers: Literal["refused", "kept", "needed"] = "refused"
    inferred: tuple[str, ...] = ()
    rule: Callable[[Arguments], str | None] = _no_rule
    needs_positions: bool = False
    keeps_positions: bool = False
