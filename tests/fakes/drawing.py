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
        place = panel.model["gridPos"]
        axes = figure.add_axes(
            [(place["x"] + 0.8) / 24, 1 - (place["y"] + 2 + place["h"] - 1.4) / rows,
             (place["w"] - 1.2) / 24, (place["h"] - 2.6) / rows]
        )  # fmt: skip
        axes.set_title(panel.title, color=FRONT, fontsize=9, loc="left")
        axes.set_facecolor(BACK)
        axes.tick_params(colors=FRONT, labelsize=7)
        {"stat": _stat, "bargauge": _bars, "timeseries": _lines}[panel.model["type"]](
            axes, panel, prometheus, start, end
        )
    figure.savefig(path, dpi=70)


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
    bars = axes.barh(names, values, color=COLORS[: len(found)], height=0.6)
    axes.bar_label(bars, [_text(value, panel) for value in values], color=FRONT, fontsize=8, padding=3)
    axes.set_xlim(0, max(1, *values) * 1.15)
    axes.set_xticks([])


def _lines(axes, panel, prometheus, start, end):
    step = max(1, (end - start) / POINTS)
    found = [
        (_named(legend, labels), points)
        for query, legend in panel.queries
        for labels, points in prometheus.query_range(query, start, end, step)
    ]
    for number, (name, points) in enumerate(found):
        times = [datetime.fromtimestamp(at, UTC) for at, _ in points]
        axes.plot(
            times, [value for _, value in points], label=name, color=COLORS[number % len(COLORS)], lw=1.2
        )
    axes.set_xlim(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
    axes.set_ylim(0, max(axes.get_ylim()[1], 1e-3))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator()))
    axes.xaxis.get_offset_text().set_visible(False)
    axes.yaxis.set_major_formatter(lambda value, _: _text(value, panel))
    axes.grid(color="#2c3235", lw=0.5)
    axes.legend(fontsize=7, ncols=2, labelcolor=FRONT, facecolor=BACK, edgecolor=BACK, loc="upper left")


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
