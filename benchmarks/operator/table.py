"""The figures as a table, the goals beside them."""

from collections.abc import Iterator
from dataclasses import dataclass

from measuring import Figures
from operating import MIB
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One line: what was measured, the goal for it, and whether it holds (None: there is no goal)."""

    what: str
    value: str
    goal: str = ""
    holds: bool | None = None


def show(measured: list[Figures]) -> None:
    """Print a table for each size."""
    for figures in measured:
        size = figures.size
        table = Table(title=f"{size.experiments} experiments × {size.seeds} seeds", title_justify="left")
        for column in ("", "measured", "goal", "holds"):
            table.add_column(column)
        for row in rows(figures):
            table.add_row(row.what, row.value, row.goal, {None: "", True: "yes", False: "NO"}[row.holds])
        Console(width=110).print(table)


def rows(figures: Figures) -> Iterator[Row]:
    """Every figure; a goal stands where the size is the one that it was set for."""
    experiments, runs = figures.size.experiments, figures.size.runs
    yield Row("Job creations a second, bare client", f"{figures.bare_rate:.0f}")
    yield Row("Job creations a second, operator", f"{figures.rate:.0f}")
    ratio = figures.rate / figures.bare_rate
    yield Row("of the bare client's", f"{ratio:.2f}", "≥ 0.70", ratio >= 0.7)
    yield Row("API requests a run", f"{sum(figures.requests.values()) / runs:.1f}")
    for what, count in sorted(figures.requests.items(), key=lambda item: -item[1])[:6]:
        yield Row(f"  {what}", f"{count / runs:.2f}")
    yield Row("last seed's end to status, p50", f"{quantile(figures.lags, 0.5):.2f} s")
    p99 = quantile(figures.lags, 0.99)
    yield goal(Row("last seed's end to status, p99", f"{p99:.2f} s"), "≤ 2 s", p99 <= 2, experiments == 200)
    yield Row("start to last status", f"{figures.took:.0f} s")
    cpu = figures.cost.cpu
    yield Row(
        "operator's CPU", f"{cpu:.1f} s, {cpu / runs * 1000:.0f} ms a run, {cpu / figures.took:.2f} cores"
    )
    peak = figures.cost.peak / MIB
    yield goal(
        Row("operator's memory, at most", f"{peak:.0f} MiB"),
        "< 250 MB",
        peak * 1.049 < 250,
        experiments == 1000,
    )
    yield Row(
        "largest status", f"{figures.largest_status / 1000:.1f} kB", "< 100 kB", figures.largest_status < 1e5
    )
    yield Row(f"start-up with {runs} Jobs: at work", f"{figures.start_ready:.1f} s")
    yield Row(f"start-up with {runs} Jobs: a new experiment's first Job", f"{figures.start_first_job:.1f} s")
    peak = figures.start_cost.peak / MIB
    yield Row(f"start-up with {runs} Jobs: memory, at most", f"{peak:.0f} MiB")


def goal(row: Row, words: str, holds: bool, applies: bool) -> Row:
    """The row with its goal, where that applies."""
    return Row(row.what, row.value, words, holds) if applies else row


def quantile(ordered: list[float], share: float) -> float:
    """The smallest value that so large a share does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
