"""The report's plots, as inline SVG that follows the page's light or dark colours.

matplotlib is imported here only, and this module only when a page is rendered. Each colour is drawn as a
stand-in that the page's CSS variables replace; ids get the plot's name in front, so that plots on one page
don't share clip paths. Colours are Okabe and Ito's, told apart by colour-blind readers too; no meaning hangs
on a colour alone.
"""

import io
import math
import re
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seedbed.report import tree_plot
from seedbed.report.colours import BLUE, GREEN, MUTED, ORANGE, STYLE, VARIABLES
from seedbed.report.content import AttemptRow, Curve, ExperimentRow, Report
from seedbed.report.limits import limits

_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
SHOWN_ATTEMPTS = 3


def draw_plots(report: Report) -> dict[str, str]:
    """SVG markup by the plot's name; empty for a plot without data."""
    target = report.target  # known before anything has a score
    plots: dict[str, tuple[bool, Callable[[], Figure]]] = {
        "scores": (
            target is not None and any(row.scores for row in report.experiments),
            lambda: _scores(report, target or 0.0),
        ),
        "thought": (bool(report.experiments), lambda: _tree(report)),
        "path": (any(row.looks for row in report.attempts), lambda: _path(report)),
        "curves": (bool(report.curves), lambda: _curves(report.curves)),
    }
    with matplotlib.rc_context(STYLE):
        return {name: _svg(draw(), name) if there else "" for name, (there, draw) in plots.items()}


def _svg(figure: Figure, name: str) -> str:
    """A figure as markup that can stand in a page."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata=_NO_METADATA)
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" role="img">', text, count=1)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, f"var(--{variable})")
    return text


def _tree(report: Report) -> Figure:
    figure = _figure(tree_plot.WIDTH, tree_plot.HEIGHT)
    tree_plot.draw(report, figure)
    return figure


def _figure(width: float, height: float) -> Figure:
    return Figure(figsize=(width, height), layout="constrained")


def _scores(report: Report, target: float) -> Figure:
    """Every exploration: its seeds, its mean, its interval; the target across."""
    rows = report.experiments
    figure = _figure(8.2, 3.6)
    axes = figure.subplots()
    sign = 1 if report.direction == "Maximize" else -1
    worst, best = limits([sign * score for row in rows for score in row.scores], sign * target)
    for row in rows:
        _draw_experiment(axes, row, sign, worst)
    axes.axhline(target, color=ORANGE, linewidth=1.2, zorder=0)
    axes.set_ylim(*sorted((sign * worst, sign * best)))
    first, last = rows[0].index, rows[-1].index
    axes.set_xlim(first - 0.7, last + 0.7 + 0.09 * (last - first + 1))
    axes.text(1.0, target, f"target {target:.6g}", color=ORANGE, ha="right", va="bottom",
              transform=axes.get_yaxis_transform())  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel("experiment")
    failed = ", × failed" if any(_failed(row) for row in rows) else ""
    axes.set_title(f"{report.metric} on validation: seeds (dots), mean (bar), interval (line){failed}")
    return figure


def _failed(row: ExperimentRow) -> bool:
    return not row.scores and row.outcome in ("failed", "seed missing")


def _draw_experiment(axes: Any, row: ExperimentRow, sign: int, worst: float) -> None:
    """One experiment; what is worse than `worst` (with `sign`, higher is better) stands at the edge."""
    edge = sign * worst
    colour = {"confirmed": GREEN, "dropped": MUTED, "failed": MUTED}.get(row.outcome, BLUE)
    if _failed(row):
        axes.plot([row.index], [edge], "x", color=colour, markersize=5, clip_on=False)
    if row.low is not None and row.high is not None:
        faint = 0.35 if row.note else 0.9
        axes.plot([row.index] * 2, [row.low, row.high], color=colour, linewidth=1, alpha=faint)
    inside = [score for score in row.scores if sign * score >= worst]
    axes.plot([row.index] * len(inside), inside, ".", color=colour, markersize=4, alpha=0.7)
    if row.mean is not None and sign * row.mean >= worst:
        axes.plot([row.index - 0.25, row.index + 0.25], [row.mean] * 2, color=colour, linewidth=2.2)
    elif row.mean is not None:
        axes.plot([row.index], [edge], "v" if sign > 0 else "^", color=colour, markersize=5, clip_on=False)
        axes.annotate(f"{row.mean:.3f}", (row.index, edge), (0, 6 * sign), textcoords="offset points",
                      ha="center", color=colour, fontsize=8)  # fmt: skip
    if row.outcome == "confirmed":
        axes.annotate("confirmed", (row.index, max(row.scores)), (0, 6), textcoords="offset points",
                      ha="center", color=colour)  # fmt: skip


def _path(report: Report) -> Figure:
    """The last attempts: statistic against critical values, and bound against target."""
    attempts = [row for row in report.attempts if row.looks][-SHOWN_ATTEMPTS:]
    figure = _figure(8.2, 2.5 * len(attempts))
    for row, (left, right) in zip(attempts, figure.subplots(len(attempts), 2, squeeze=False), strict=True):
        _draw_statistic(left, row)
        _draw_bound(right, row)
    return figure


def _prepare_looks(axes: Any, row: AttemptRow, title: str) -> list[int]:
    looks = [look.n for look in row.looks]
    axes.set_xticks(looks)
    axes.set_xlim(min(looks) - 0.6, max(looks) + 0.3 * (max(looks) - min(looks) + 2))
    axes.margins(y=0.14)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel("fresh seeds")
    axes.set_title(title)
    return looks


def _draw_statistic(axes: Any, row: AttemptRow) -> None:
    looks = _prepare_looks(axes, row, f"attempt {row.number}, experiment {row.index}: t at each look")
    statistics, criticals = [look.statistic for look in row.looks], [look.critical for look in row.looks]
    axes.plot(looks, criticals, color=ORANGE, marker="_", markersize=12, linewidth=1)
    axes.plot(looks, statistics, color=BLUE, marker="o", markersize=4, linewidth=1.5)
    _label_ends(axes, looks[-1], [(statistics[-1], "t", BLUE), (criticals[-1], "needed", ORANGE)])


def _draw_bound(axes: Any, row: AttemptRow) -> None:
    looks = _prepare_looks(axes, row, "mean and bound on the test split")
    means, bounds = [look.mean for look in row.looks], [look.bound for look in row.looks]
    axes.vlines(looks, bounds, means, color=BLUE, linewidth=1, alpha=0.6)
    axes.plot(looks, means, color=BLUE, marker="o", markersize=4, linewidth=1.5)
    axes.plot(looks, bounds, color=BLUE, marker="_", markersize=12, linewidth=1)
    axes.plot([looks[0] - 0.6, looks[-1]], [row.target] * 2, color=ORANGE, linewidth=1.2, zorder=0)
    ends = [(means[-1], "mean", BLUE), (bounds[-1], "bound", BLUE), (row.target, "target", ORANGE)]
    _label_ends(axes, looks[-1], ends)


def _label_ends(axes: Any, at: float, labels: list[tuple[float, str, str]]) -> None:
    """Names at the right of their lines, kept a line of text apart."""
    low, high = axes.get_ylim()
    height = 0.11 * (high - low)
    ordered = sorted(labels)
    places = [value for value, _, _ in ordered]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + height)
    shift = max(0.0, places[-1] - ordered[-1][0]) / 2
    for place, (_, text, colour) in zip(places, ordered, strict=True):
        axes.text(at + 0.25, place - shift, text, color=colour, va="center")


def _curves(curves: tuple[Curve, ...]) -> Figure:
    """Training loss of the shown candidate's runs: self-reported."""
    figure = _figure(8.2, 2.8)
    axes = figure.subplots()
    for curve in curves:
        axes.plot(range(1, len(curve.loss) + 1), curve.loss, color=BLUE, linewidth=1, alpha=0.6,
                  marker="." if len(curve.loss) == 1 else None)  # fmt: skip
    longest = max(curves, key=lambda curve: len(curve.loss))
    if min(min(curve.loss) for curve in curves) > 0 and _decades(curves) > 1.5:
        axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel("epoch")
    seeds = f"{len(curves)} runs, a line each" if len(curves) > 1 else f"seed {longest.seed}"
    axes.set_title(f"training loss ({seeds}): self-reported, no part of the verdict")
    return figure


def _decades(curves: tuple[Curve, ...]) -> float:
    """Orders of magnitude between the largest and the smallest loss."""
    losses = [value for curve in curves for value in curve.loss]
    return math.log10(max(losses) / min(losses))
