"""The plot of `research-agent compare`: each experiment's seeds, its mean, its interval."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seedbed.report.comparison import Sample, SideBySide
from seedbed.report.figures import BLUE, FAINT, ORANGE
from seedbed.report.text import percent

WIDTH = 8.2


def height(beside: SideBySide) -> float:
    """Inches: a row an experiment."""
    return 1.2 + 0.5 * len(beside.samples)


def draw(beside: SideBySide, figure: Figure) -> None:
    """A row an experiment, the first on top; all others are compared with it or with each other."""
    axes = figure.subplots()
    names = [each.name for each in beside.samples]
    for row, sample in enumerate(beside.samples):
        _draw_sample(axes, row, sample, beside)
    axes.axvline(beside.samples[0].mean, color=FAINT, linewidth=1.2, zorder=0)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(*_limits(beside))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    split, within = beside.samples[0].split, percent(beside.confidence)
    axes.set_title(f"{beside.metric.title} on {split}: seeds (dots), mean (bar), {within} interval (line)")


def _limits(beside: SideBySide) -> tuple[float, float]:
    """Limits that show every seed, and every interval but those of two seeds, which run out of the plot."""
    shown = [score for each in beside.samples for score in each.scores]
    for each in beside.samples:
        if len(each.seeds) > 2:
            found = beside.interval_of(each)
            shown += [found.low, found.high]
    margin = 0.05 * max(max(shown) - min(shown), 0.001)
    return min(shown) - margin, max(shown) + margin


def _draw_sample(axes: Any, row: int, sample: Sample, beside: SideBySide) -> None:
    colour, found = ORANGE if row == 0 else BLUE, beside.interval_of(sample)
    axes.plot([found.low, found.high], [row, row], color=colour, linewidth=1.2)
    axes.plot([sample.mean] * 2, [row - 0.22, row + 0.22], color=colour, linewidth=2.4)
    axes.plot(sample.scores, [row + 0.3] * len(sample.scores), ".", color=colour, markersize=6, alpha=0.6)
