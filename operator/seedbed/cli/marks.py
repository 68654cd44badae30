"""Seeds as marks on one line: the same in every picture."""

from collections.abc import Sequence

from rich.text import Text

from seedbed.cli.scene import SeedCell

MARKS = {"Scored": ("✓", "green"), "Running": ("▸", "cyan"), "Waiting": ("·", "dim"), "Failed": ("✗", "red"),
         "Missing": ("?", "red")}  # fmt: skip


def cells(seeds: Sequence[SeedCell], now: float, between: str = "  ") -> Text:
    """`✓ 0.9722  ▸ 12 s  ·`: one mark a seed, in the order of the seeds."""
    return Text(between).join(_cell(seed, now) for seed in seeds)


def _cell(seed: SeedCell, now: float) -> Text:
    mark, style = MARKS[seed.state]
    text = f"{max(0.0, now - seed.since):.0f} s" if seed.since is not None else seed.text
    return Text(f"{mark} {text}".rstrip(), style=style)
