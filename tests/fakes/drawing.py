"""Draws a dashboard from its queries: Grafana's grid and panels, plainly, with matplotlib."""

import math
import re
from datetime import UTC, datetime

from matplotlib.dates import ConciseDateFormatter
from matplotlib.figure import Figure

from fakes.grafana import BOARDS, panels

COLUMN, ROW = 0.68, 0.36  # inches of a cell of the grid
POINTS = 240  # of a series
COLORS = ["#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0"]
BACK, FRONT, PAPER = "#181b1f", "#ccccdc", "#111217"


def draw(board, prometheus, start, end, path, **variables):
    """Ask every query of a dashboard for the time between two instants, and write the picture to `path`."""
    model = BOARDS[board]
    places = [panel["gridPos"] for panel in model["panels"]]
    rows = max(place["y"] + place["h"] for place in places) + 2
    figure = Figure(figsize=(24 * COLUMN, rows * ROW), facecolor=PAPER)
    figure.text(0.01, 1 - 1 / rows, model["title"], color=FRONT, fontsize=15, va="center")
    for row in (panel for panel in model["panels"] if panel["type"] == "row"):
        figure.text(0.01, 1 - (row["gridPos"]["y"] + 2.5) / rows, row["title"], color=FRONT, va="center")
    for panel in panels(board, chosen=f"{math.ceil(end - start)}s", **variables):
        axes = figure.add_axes(_inner(panel.model["gridPos"], rows), facecolor=BACK)
        axes.set_title(panel.title, color=FRONT, fontsize=9, loc="left")
        axes.tick_params(colors=FRONT, labelsize=7)
        draw_panel = {"stat": _stat, "bargauge": _bars, "timeseries": _lines}[panel.model["type"]]
        draw_panel(axes, panel, prometheus, start, end)
    figure.savefig(path, dpi=70)


def _inner(place, rows):
    """A panel's axes within its place of the grid: left, bottom, width, height as shares of the figure."""
    top, bottom = place["y"] + 2 + 1.2, place["y"] + 2 + place["h"] - 0.9
    return (place["x"] + 1) / 24, 1 - bottom / rows, (place["w"] - 1.3) / 24, (bottom - top) / rows


def _stat(axes, panel, prometheus, start, end):
    ((query, legend),) = panel.queries
    texts = [
        _named(legend, labels) if legend else _text(value, panel) for labels, value in prometheus.query(query)
    ]
    axes.text(0.5, 0.5, "\n".join(texts) or "No data", ha="center", va="center", color=COLORS[0],
              fontsize=11 if legend else 20, transform=axes.transAxes)  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])


def _bars(axes, panel, prometheus, start, end):
    ((query, legend),) = panel.queries
    found = sorted((_named(legend, labels), value) for labels, value in prometheus.query(query))[::-1]
    names, values = zip(*found, strict=True)
    bars = axes.barh(range(len(found)), values, color=COLORS[: len(found)], height=0.3)
    axes.bar_label(bars, [_text(value, panel) for value in values], color=FRONT, fontsize=8, padding=3)
    for position, name in enumerate(names):
        axes.text(0, position + 0.22, f" {name}", color=FRONT, fontsize=8, va="bottom")
    axes.set_xlim(0, max(1, *values) * 1.15)
    axes.set_ylim(-0.5, max(2.5, len(found) - 0.3))
    axes.set_xticks([])
    axes.set_yticks([])


def _lines(axes, panel, prometheus, start, end):
    step = max(1, (end - start) / POINTS)
    found = [
        (_named(legend, labels), points)
        for query, legend in panel.queries
        for labels, points in prometheus.query_range(query, start, end, step)
    ]
    _areas(axes, found, stacked="stacking" in panel.model["fieldConfig"]["defaults"]["custom"])
    axes.set_xlim(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.xaxis.get_offset_text().set_visible(False)
    axes.yaxis.set_major_formatter(lambda value, _: _text(value, panel))
    axes.grid(color="#2c3235", lw=0.5)
    axes.legend(fontsize=7, ncols=3, labelcolor=FRONT, frameon=False, loc="upper left")


def _areas(axes, found, stacked):
    """Each series as a line over its area; one upon the other if they are stacked."""
    below, highest = {}, 0.0
    for number, (name, points) in enumerate(found):
        times = [datetime.fromtimestamp(at, UTC) for at, _ in points]
        floor = [below.get(at, 0.0) if stacked else 0.0 for at, _ in points]
        height = [low + value for low, (_, value) in zip(floor, points, strict=True)]
        below |= {at: top for (at, _), top in zip(points, height, strict=True)}
        highest = max([highest, *(top for top in height if not math.isnan(top))])
        color = COLORS[number % len(COLORS)]
        axes.plot(times, height, label=name, color=color, lw=1.2)
        axes.fill_between(times, floor, height, color=color, alpha=0.4 if stacked else 0.08, lw=0)
    axes.set_ylim(0, highest * 1.4 or 1)


def _named(legend, labels):
    return re.sub(r"{{(\w+)}}", lambda label: labels.get(label[1], ""), legend).strip()


def _text(value, panel):
    """A value in its panel's unit, as Grafana would shorten it."""
    unit = panel.model["fieldConfig"]["defaults"]["unit"]
    if math.isnan(value):
        return ""
    if unit == "s" and 0 < value < 1:
        return f"{value * 1000:.3g} ms"
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size and unit in ("bytes", "decbytes"):
            return f"{value / size:.3g} {prefix}B"
    suffix = {"s": " s", "h": " h", "bytes": " B", "decbytes": " B", "reqps": "/s"}.get(unit, "")
    return f"{value:.3g}{suffix}"
