"""What the claims keep of their promise: every bar, beside the rules that people use.

    python benchmarks/claims [--quick] [--processes N] [--write docs]

Simulated scores go through the engine's own functions (drops, nomination, σ̂, looks, intervals); where a
whole search needs them faster, the fast path is held to the engine's function in the same run. `--write docs`
puts the tables into docs/claims.md and the plots beside it. With --quick, which takes seconds, figures
are too rough to say of a bar that it holds.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import drawing
from plan import parts
from rich.console import Console
from sharing import run
from tables import tables
from writing import markdown, replace_figures, show

QUICK = 0.002


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few repetitions of everything: seconds")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--write", type=Path, metavar="DOCS", help="folder with claims.md")
    options = parser.parse_args()
    console, started = Console(width=None if sys.stdout.isatty() else 160), time.monotonic()
    judged = not options.quick
    planned = parts(QUICK if options.quick else 1.0)
    found = run(planned, options.processes)
    shown = tables(found)
    show(console, shown, judged)
    seconds = time.monotonic() - started
    how = f"{sum(part.count for part in planned):,} repetitions of {len(planned)} simulations"
    console.print(f"{how}, {seconds:.0f} s on {options.processes} processes")
    if options.write:
        replace_figures(options.write / "claims.md", markdown(shown, f"{how}.", judged))
        drawing.draw(found, options.write / "images")


if __name__ == "__main__":
    main()
