"""The figures on the page that holds them: between two marks, all else stays as people wrote it."""

import os
from collections.abc import Iterator
from pathlib import Path

from measuring import Figures
from table import Row, rows

START, END = "<!-- figures -->", "<!-- end of figures -->"


def write(page: Path, measured: list[Figures]) -> None:
    """Put a table for each size between the page's marks.

    Raises:
        SystemExit: the page has no marks.
    """
    before, start, rest = page.read_text().partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise SystemExit(f"{page}: there is no {START} … {END} to write the figures between")
    tables = "\n\n".join("\n".join(_table(figures)) for figures in measured)
    told = f"Measured on {os.cpu_count()} cores, which the operator shares with all that is around it."
    page.write_text(f"{before}{start}\n{told}\n\n{tables}\n{end}{after}")


def _table(figures: Figures) -> Iterator[str]:
    size = figures.size
    yield f"| {size.experiments:,} experiments × {size.seeds} seeds | measured | goal |"
    yield "|---|---|---|"
    for row in rows(figures):
        yield f"| {row.what.strip()} | {_value(row)} | {_goal(row)} |"


def _value(row: Row) -> str:
    return f"**{row.value}**" if row.holds is False else row.value


def _goal(row: Row) -> str:
    return f"{row.goal}: missed" if row.holds is False else row.goal
