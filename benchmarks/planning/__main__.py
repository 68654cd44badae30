"""What the search planner takes to a goal, beside Optuna as it comes and blind draws.

    python benchmarks/planning [--quick] [--processes N] [--write docs]

Searches run on simulated response surfaces (`surfaces`) by the engine's own rules for drops, nominations and
confirmations. `--write docs` puts the table into docs/planning-benchmark.md. With --quick, which takes
seconds, it says nothing.
"""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import contests
import rich.table
from comparing import fewer, lengths, median
from proposers import PROPOSERS
from rich.console import Console

RARITIES, SEARCHES = (50, 200), 50
COLUMNS = (
    "good configurations", "proposer", "never got there", "experiments", "seeds", "fewer than random",
    "fewer than Optuna's",
)  # fmt: skip
START, END = "<!-- figures: written by make bench-planning -->", "<!-- end of the figures -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few short searches: seconds")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", type=Path, metavar="DOCS", help="folder with planning-benchmark.md")
    options = parser.parse_args()
    searches, budget = (4, 12) if options.quick else (SEARCHES, contests.BUDGET)
    console, started = Console(width=None if sys.stdout.isatty() else 160), time.monotonic()
    with ProcessPoolExecutor(options.processes) as pool:
        found = contests.run(pool, RARITIES, searches, budget)
    rows = [_row(found, rarity, name, searches) for rarity in RARITIES for name in PROPOSERS]
    shown = rich.table.Table(*COLUMNS)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
    how = f"{searches} searches of at most {budget} experiments in each row"
    console.print(f"{how}, {time.monotonic() - started:.0f} s on {options.processes} processes")
    if options.write:
        _write(options.write / "planning-benchmark.md", f"{how}.\n\n{_markdown(rows)}")


def _row(found, rarity, name, searches):
    spent = found[rarity, name]
    seeds = lengths(spent, "seeds")
    never = sum(not each.reached for each in spent)
    rivals = [_fewer(seeds, found[rarity, rival], name, rival) for rival in ("random", "Optuna's TPE")]
    middle = (median(lengths(spent, "experiments")), median(seeds))
    return (f"1 in {rarity}", name, f"{never} of {searches}", *middle, *rivals)


def _fewer(seeds, rivals, name, rival):
    order = list(PROPOSERS)
    return str(fewer(seeds, lengths(rivals, "seeds"))) if order.index(name) < order.index(rival) else ""


def _markdown(rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ["---"] * len(COLUMNS), *rows))


def _write(page: Path, text: str) -> None:
    before, _, rest = page.read_text().partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
