"""The tables of `research-agent plan-seeds`."""

from rich.table import Table

from seedbed.engine.design import POWERS, Design
from seedbed.report.design import cell


def _columns(design: Design, *first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in (*first, *(f"attempt {each}" for each in design.shown_attempts)):
        table.add_column(column, justify="right")
    return table


def confirmations_table(design: Design, margin: float) -> Table:
    """Chance and seeds of each attempt, by true margin; the asked margin is bold."""
    table = _columns(design, "margin", "in sd")
    for each in design.margins_around(margin):
        cells = [cell(design.confirmation(each, attempt)) for attempt in design.shown_attempts]
        row = (f"{each:.4g}", f"{each / design.sd:.2f}", *cells)
        table.add_row(*row, style="bold" if each == margin else None)
    return table


def needed_table(design: Design) -> Table:
    """The margin that each attempt shows with a chance of .80, .90 and .95."""
    table = _columns(design, "chance")
    for power in POWERS:
        margins = [design.needed(power, attempt) for attempt in design.shown_attempts]
        cells = [f"{each:.4g}" if design.possible(each) else "beyond the bound" for each in margins]
        table.add_row(f"{power:.2f}".removeprefix("0"), *cells)
    return table
