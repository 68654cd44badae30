"""The search as a picture: each experiment at its index and its mean, a line from what it was changed from.

A child is always to the right of its parent, so the tree reads from left to right like the search itself. The
thick line is the way to the best one. Outcomes differ in shape too; in a page each mark leads to its
paragraph. Drawn in the stand-ins of `colours`, by `plots` for a page and by `figures` for a file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from seedbed.report.colours import BLUE, GREEN, INK, MUTED, ORANGE, PAGE
from seedbed.report.content import ExperimentRow, Report
from seedbed.report.limits import limits

WIDTH, HEIGHT = 8.2, 4.4  # inches
MOST_NUMBERED = 40  # experiments; of more, only those that matter have room for a number
MANY = 80  # experiments; of more, marks are smaller
OFF_SCALE, NO_SCORE = "off scale", "no score"


@dataclass(frozen=True)
class Mark:
    """How an outcome is drawn; a hollow mark has the page's colour inside."""

    shape: str
    colour: str
    hollow: bool = False
    size: float = 38.0  # points²


MARKS = {
    "confirmed": Mark("*", GREEN, size=190),
    "confirmation failed": Mark("D", ORANGE),
    "blocked": Mark("X", ORANGE, size=50),
    "not nominated": Mark("o", BLUE),
    "dropped": Mark("o", MUTED, hollow=True, size=26),
    "breaks a constraint": Mark("s", MUTED, hollow=True),
    "failed": Mark("x", ORANGE, size=30),
    "seed missing": Mark("$?$", ORANGE, size=50),
}
UNDER_WAY = Mark("^", BLUE, hollow=True)


def draw(report: Report, figure: Figure) -> None:
    """Draw the search tree of a report with at least one experiment."""
    axes = figure.subplots()
    scale = _Scale(report)
    places = {row.index: (row.index, scale.height(row)) for row in report.experiments}
    way = _way(report)
    _draw_lines(axes, report.experiments, places, way)
    _draw_marks(axes, report.experiments, places)
    if report.best in places:
        x, y = places[report.best]
        axes.scatter([x], [y], s=260, facecolors="none", edgecolors=INK, linewidths=1.2, zorder=4,
                     label="best exploration", clip_on=False)  # fmt: skip
    scale.prepare(axes)
    _number(axes, report, places, way)
    figure.legend(loc="outside lower center", ncols=5, frameon=False, labelcolor=INK, fontsize=9)


class _Scale:
    """The vertical axis: the scores, and beneath them a row for those off the scale and one for no score."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.sign = 1 if report.direction == "Maximize" else -1
        means = [self.sign * row.mean for row in report.experiments if row.mean is not None]
        self.scored, target = bool(means), report.target
        asked = max(means, default=0.0) if target is None else self.sign * target
        self.worst, best = limits(means, asked) if means else (0.0, 1.0)
        self.best = best + 0.06 * (best - self.worst)  # a number stands above a mark
        kinds = {self._kind(row) for row in report.experiments}
        self.rows = [kind for kind in (OFF_SCALE, NO_SCORE) if kind in kinds]

    def _kind(self, row: ExperimentRow) -> str:
        if row.mean is None:
            return NO_SCORE
        return OFF_SCALE if self.sign * row.mean < self.worst else ""

    def _row(self, kind: str) -> float:
        step = 0.09 * (self.best - self.worst)
        return self.sign * (self.worst - (self.rows.index(kind) + 0.5) * step)

    def height(self, row: ExperimentRow) -> float:
        """Where an experiment stands."""
        kind = self._kind(row)
        return self._row(kind) if kind else row.mean or 0.0

    def prepare(self, axes: Any) -> None:
        """Limits, ticks, names and the target."""
        report, first, last = self.report, self.report.experiments[0].index, self.report.experiments[-1].index
        lowest = self.worst - 0.09 * len(self.rows) * (self.best - self.worst)
        low, high = sorted((self.sign * self.worst, self.sign * self.best))
        ticks = [
            tick for tick in MaxNLocator(6).tick_values(low, high) if low <= tick <= high and self.scored
        ]
        places = ticks + [self._row(kind) for kind in self.rows]
        axes.set_yticks(places, labels=[f"{tick:.6g}" for tick in ticks] + self.rows)
        axes.set_ylim(*sorted((self.sign * lowest, self.sign * self.best)))
        if self.rows and self.scored:
            axes.axhline(self.sign * self.worst, color=MUTED, linewidth=0.6, zorder=0)
        room = max(0.6, 0.015 * (last - first))
        axes.set_xlim(first - room, last + room)
        whole = MaxNLocator(integer=True, min_n_ticks=1).tick_values(first, last)
        axes.set_xticks([tick for tick in whole if first <= tick <= last])
        axes.set_xlabel("experiment")
        axes.set_title(f"{report.metric} on validation, and which experiment each was changed from")
        if report.target is not None and self.scored:
            axes.axhline(report.target, color=ORANGE, linewidth=1.2, zorder=0)
            axes.text(1.005, report.target, f"target\n{report.target:.6g}", color=ORANGE, va="center",
                      transform=axes.get_yaxis_transform())  # fmt: skip


def _way(report: Report) -> set[int]:
    """The best experiment, those that were confirmed, and all that these came from."""
    parents = {row.index: row.parent for row in report.experiments}
    way: set[int] = set()
    for each in (report.best, *(row.index for row in report.experiments if row.outcome == "confirmed")):
        while each in parents and each not in way:
            way.add(each)
            each = parents[each]
    return way


def _draw_lines(
    axes: Any, rows: Iterable[ExperimentRow], places: Mapping[int, tuple[float, float]], way: set[int]
) -> None:
    for row in rows:
        if row.parent is None or row.parent not in places:
            continue
        (x0, y0), (x1, y1) = places[row.parent], places[row.index]
        middle = (x0 + x1) / 2
        curve = Path(
            [(x0, y0), (middle, y0), (middle, y1), (x1, y1)],
            [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
        )
        thick = row.index in way
        axes.add_patch(
            PathPatch(
                curve, facecolor="none", zorder=2 if thick else 1, edgecolor=INK if thick else MUTED,
                linewidth=1.7 if thick else 0.7, alpha=1.0 if thick else 0.45,
            )
        )  # fmt: skip


def _draw_marks(axes: Any, rows: Sequence[ExperimentRow], places: Mapping[int, tuple[float, float]]) -> None:
    groups: dict[str, list[int]] = {}
    for row in rows:
        groups.setdefault(row.outcome if row.outcome in MARKS else "under way", []).append(row.index)
    for name in (*MARKS, "under way"):
        if name not in groups:
            continue
        mark, indexes = MARKS.get(name, UNDER_WAY), groups[name]
        xs, ys = zip(*(places[index] for index in indexes), strict=True)
        # An unfilled shape has no edge to colour.
        look = {"color": mark.colour} if mark.shape == "x" else {
            "facecolors": PAGE if mark.hollow else mark.colour, "edgecolors": mark.colour,
        }  # fmt: skip
        size = mark.size * (0.6 if len(rows) > MANY else 1.0)
        marks = axes.scatter(
            xs, ys, s=size, marker=mark.shape, linewidths=1.1, zorder=3, label=name, clip_on=False, **look
        )
        marks.set_urls([f"#{index}" for index in indexes])


def _number(axes: Any, report: Report, places: Mapping[int, tuple[float, float]], way: set[int]) -> None:
    """Indexes above their marks, what matters most first; where two would touch, the second has none."""
    few = len(report.experiments) <= MOST_NUMBERED
    ranks = {row.index: _rank(row, report.best, way) for row in report.experiments}
    wanted = sorted((index for index in places if few or ranks[index] < 3), key=lambda index: ranks[index])
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    taken: list[tuple[float, float]] = []
    for index in wanted:
        x, y = places[index]
        at = (x - left) / (right - left), (y - low) / (high - low)
        if any(abs(at[0] - each[0]) < 0.03 and abs(at[1] - each[1]) < 0.05 for each in taken):
            continue
        taken.append(at)
        axes.annotate(str(index), (x, y), (0, 9 if ranks[index] == 0 else 5), textcoords="offset points",
                      ha="center", zorder=5, fontsize=8, color=INK if index in way else MUTED)  # fmt: skip


def _rank(row: ExperimentRow, best: int | None, way: set[int]) -> int:
    if row.index == best or row.outcome == "confirmed":
        return 0
    if row.outcome == "confirmation failed":
        return 1
    return 2 if row.index in way else 3
