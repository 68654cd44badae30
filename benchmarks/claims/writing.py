"""The figures as tables on the screen, and in Markdown between two marks of docs/claims.md."""

from pathlib import Path

import rich.table
from rich.console import Console
from tables import Row, Table

START, END = "<!-- figures: written by make bench-claims -->", "<!-- end of the figures -->"
MARKS = {True: "holds", False: "missed", None: ""}


def show(console: Console, tables: list[Table], judged: bool) -> None:
    """Print every table; `judged` is False where the repetitions are too few to say that a bar is missed."""
    for table in tables:
        shown = rich.table.Table(*table.columns, "", title=table.title, title_justify="left")
        for row in table.rows:
            shown.add_row(*row.cells, _mark(row, judged).strip("*"), style=_style(row, judged))
        console.print(shown)


def _style(row: Row, judged: bool) -> str:
    return "bold red" if judged and row.holds is False else ""


def markdown(tables: list[Table], how: str, judged: bool) -> str:
    """Every table; `how` says what was run."""
    lines = [how]
    for table in tables:
        columns = (*table.columns, "")
        lines += ["", f"**{table.title}**", "", _line(columns), _line(["---"] * len(columns))]
        lines += [_line((*row.cells, _mark(row, judged))) for row in table.rows]
    return "\n".join(lines)


def _mark(row: Row, judged: bool) -> str:
    mark = MARKS[row.holds] if judged else ""
    return f"**{mark}**" if judged and row.holds is False else mark


def _line(cells) -> str:
    return f"| {' | '.join(cells)} |"


def replace_figures(page: Path, text: str) -> None:
    """Put the figures between the marks of the page."""
    before, _, rest = page.read_text().partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n{text}\n{END}{after}")
