"""The plot of `research-agent plan-seeds`: chance to be shown, and seeds, by true margin."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seedbed.engine.design import Design
from seedbed.report.figures import BLUE, GREEN, INK, MUTED, ORANGE

WIDTH, HEIGHT = 8.2, 3.4
_POINTS = 16


def draw(design: Design, margin: float, figure: Figure) -> None:
    """Power left, mean seeds right, from no margin to twice the asked one; a line an attempt."""
    chance, seeds = figure.subplots(1, 2)
    end = 2 * margin if design.room is None else min(2 * margin, design.room)
    margins = [end * i / _POINTS for i in range(_POINTS + 1)]
    for attempt, colour in zip(_attempts(design), (BLUE, GREEN, ORANGE), strict=False):
        found = [design.confirmation(each, attempt) for each in margins]
        chance.plot(margins, [each.power for each in found], color=colour, label=f"attempt {attempt}")
        seeds.plot(margins, [each.seeds for each in found], color=colour)
    chance.set_ylim(0, 1.03)
    chance.set_title("chance that a confirmation shows it")
    chance.legend(frameon=False, loc="lower right", labelcolor=INK)
    seeds.set_ylim(0, design.confirm + 0.5)
    seeds.set_title("its seeds, on average")
    for axes in (chance, seeds):
        _mark(axes, margin)


def _attempts(design: Design) -> list[int]:
    """Three at most: the first, one between, the last."""
    shown = design.shown_attempts
    return sorted({shown[0], shown[min(1, len(shown) - 1)], shown[-1]})


def _mark(axes: Any, margin: float) -> None:
    axes.axvline(margin, color=MUTED, linewidth=1, linestyle=":", zorder=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(f"true mean beyond the target (dotted: {margin:.4g})")
