"""The colours that plots are drawn with: stand-ins, which a page replaces by its CSS variables."""

from typing import Any

INK, MUTED, FAINT, BLUE, ORANGE, GREEN = "#010101", "#020202", "#030303", "#040404", "#050505", "#060606"
PAGE = "#070707"
VARIABLES = {
    INK: "ink", MUTED: "muted", FAINT: "faint", BLUE: "blue", ORANGE: "orange", GREEN: "green", PAGE: "page",
}  # fmt: skip
STYLE: Any = {
    "svg.fonttype": "none", "svg.hashsalt": "seedbed", "font.family": "sans-serif", "font.size": 9.5,
    "text.color": INK, "axes.edgecolor": MUTED, "axes.labelcolor": INK, "xtick.color": MUTED,
    "ytick.color": MUTED, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False,
    "axes.titlesize": 10, "axes.titlelocation": "left",
}  # fmt: skip
