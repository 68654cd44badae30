"""A plot in a file of its own, in the report's look: for commands with `--plot FILE`, and beside Markdown.

The page's plots (`plots`) follow the reader's light or dark mode; a file keeps the light one.
Slow to import (matplotlib): commands import it when a plot is asked for.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from seedbed.report import colours

PAGE, INK, MUTED, FAINT = "#fdfdfc", "#1b1e22", "#62686f", "#dfe1e3"
BLUE, ORANGE, GREEN = "#0067a5", "#b85000", "#00795a"
_STAND_INS = {
    colours.PAGE: PAGE, colours.INK: INK, colours.MUTED: MUTED, colours.FAINT: FAINT, colours.BLUE: BLUE,
    colours.ORANGE: ORANGE, colours.GREEN: GREEN,
}  # fmt: skip


def save_figure(path: Path, draw: Callable[[Figure], None], width: float, height: float) -> None:
    """Draw a figure of that size in inches and write it; the file's name says the format.

    Raises:
        OSError: the file can't be written.
    """
    style: dict[Any, Any] = {key: _STAND_INS.get(value, value) for key, value in colours.STYLE.items()}
    with matplotlib.rc_context(
        style | {"savefig.dpi": 150, "figure.facecolor": PAGE, "axes.facecolor": PAGE}
    ):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def light_svg(draw: Callable[[Figure], None], width: float, height: float) -> str:
    """What is drawn in the stand-ins of `colours`, as an SVG file in the light ones; sizes are in inches."""
    file = io.StringIO()
    with matplotlib.rc_context(colours.STYLE | {"figure.facecolor": colours.PAGE, "axes.facecolor": "none"}):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        figure.savefig(file, format="svg", metadata={"Date": None})
    text = file.getvalue()
    for stand_in, colour in _STAND_INS.items():
        text = text.replace(stand_in, colour)
    return text
