"""The evaluator beside a hand-written loop on the same work, and how soon training begins: one table.

    python benchmarks/evaluator.py [--rounds 3] [--case digits] [--write docs/evaluator.md]

Images drawn by class, 64 and 5,000 of them; digits; texts; a table. One seed, five in turn, and five at once
over the cores, the loop in a pool of forks. Each way is a fork of one process that has imported everything,
in turn, round by round; its memory is the largest resident size of that fork or of one that it forked.
`× plain` and `turn ÷ once` are medians of the rounds' own ratios, since a machine's speed drifts.

Five seeds on C cores, one a core, are faster by 5 / ⌈5 / C⌉ at most: 1.67 on two cores.
"""

import argparse
import asyncio
import gc
import math
import multiprocessing
import resource
import statistics
import time
from multiprocessing.connection import Connection
from pathlib import Path

from start_up import cold_seconds, start_up

import seedbed
from seedbed.api.dataset import Dataset
from seedbed_runner.quick.atonce import cores

SEEDS = 5
IMAGES = {"kind": "image", "classes": 10, "size": 16, "bayesAccuracy": 0.95}
TEXTS = {"kind": "text", "classes": 4, "bayesAccuracy": 0.9}
TABLE = {"kind": "tabular", "classes": 4, "features": 20, "bayesAccuracy": 0.9}
CASES = {  # name: synthetic data (none: digits), epochs, most train rows
    "images, 64": ({**IMAGES, "samples": 1000}, 20, 64),
    "images, 5,000": ({**IMAGES, "samples": 8334}, 3, 5000),
    "digits": (None, 20, None),
    "texts, 5,000": ({**TEXTS, "samples": 8334}, 10, 5000),
    "table, 5,000": ({**TABLE, "samples": 8334}, 20, 5000),
}
PLAIN, TURN = "plain, 5 in turn", "ours, 5 in turn"
POOL, ONCE = "plain, 5 at once", "ours, 5 at once"
WAYS = ("plain, 1", "ours, 1", PLAIN, TURN, POOL, ONCE)
MOST_OF_PLAIN, LEAST_OF_CORES = 1.10, 0.85
COLUMNS = ["data", "way", "seconds", "× plain", "turn ÷ once", "peak MiB", "accuracy"]
START, END = "<!-- figures: written by make bench-evaluator -->", "<!-- end of the figures -->"


def config(case: str, way: str) -> seedbed.QuickEvalConfig:
    drawn, epochs, rows = CASES[case]
    dataset = Dataset(name="synthetic", synthetic=drawn) if drawn else Dataset(name="digits")
    return seedbed.QuickEvalConfig(
        dataset.name, num_seeds=1 if way.endswith("1") else SEEDS, epochs=epochs, batch_size=64,
        learning_rate=0.003, weight_decay=0.01, device="cpu", subset_size=rows, dataset=dataset.document(),
        workers=cores() if way in (POOL, ONCE) else 1,
    )  # fmt: skip


def work(case: str, way: str, told: Connection) -> None:
    """One way in this process: seconds, peak memory and mean accuracy."""
    from plain_loop import train_by_hand

    asked, started = config(case, way), time.perf_counter()
    if way.startswith("plain"):
        scores = train_by_hand(asked, workers=min(asked.num_seeds, asked.workers))
    else:
        scores = seedbed.quick_evaluate_once(None, asked).aggregated["val_accuracy"]["values"]
    seconds = time.perf_counter() - started
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told.send({"seconds": seconds, "peak_mib": max(peaks) / 1024, "accuracy": statistics.mean(scores)})


def measure(case: str, way: str) -> dict[str, float]:
    """`work` in a fork of its own, which may fork in its turn."""
    context = multiprocessing.get_context("fork")
    answers, told = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(case, way, told))
    process.start()
    told.close()
    try:
        return answers.recv()
    except EOFError:
        raise SystemExit(f"{case}, {way}: its process ended without an answer") from None
    finally:
        process.join()


def ratio(rounds: list[dict[str, float]], base: list[dict[str, float]]) -> float:
    """The median over the rounds of how many times as long as `base` it took."""
    return statistics.median(a["seconds"] / b["seconds"] for a, b in zip(rounds, base, strict=True))


def rows_of(case: str, found: dict[str, list[dict[str, float]]]) -> list[list[str]]:
    """The lines of a case in the table."""
    rows, faster = [], {ONCE: ratio(found[TURN], found[ONCE]), POOL: ratio(found[PLAIN], found[POOL])}
    for way, rounds in found.items():
        of_plain = ratio(rounds, found["plain, 1" if way.endswith("1") else PLAIN])
        seconds, peak, accuracy = (
            statistics.median(each[key] for each in rounds) for key in ("seconds", "peak_mib", "accuracy")
        )
        gain = f"{faster[way]:.2f}" if way in faster else ""
        rows.append([case, way, f"{seconds:.2f}", f"{of_plain:.2f}", gain, f"{peak:.0f}", f"{accuracy:.4f}"])
    return rows


def bars(kept: dict[str, tuple[float, ...]]) -> list[str]:
    """Whether what is promised was kept, a sentence a case.

    `kept`: × plain in turn, how many times faster five at once are, and the same of the plain loop's pool.
    """
    possible = SEEDS / math.ceil(SEEDS / cores())
    due = LEAST_OF_CORES * min(cores(), possible)
    said = []
    for case, (of_plain, faster, pool) in kept.items():
        slow = "met" if of_plain <= MOST_OF_PLAIN else "MISSED"
        fast = "met" if faster >= due else "MISSED"
        turn = f"in turn {of_plain:.2f} ≤ {MOST_OF_PLAIN:.2f} {slow}"
        said.append(f"{case}: {turn}; at once {faster:.2f} ≥ {due:.2f} {fast} (a pool: {pool:.2f})")
    return said


def begin() -> list[str]:
    """How soon a cold process is done, and a run of the laptop trains."""
    cold_seconds()
    cold = sorted(cold_seconds() for _ in range(5))
    warm, delays = asyncio.run(start_up(10))
    return [
        f"`quick-evaluator` on digits, one seed, from a cold process to its end: {cold[2]:.2f} s "
        f"({cold[0]:.2f} … {cold[-1]:.2f})",
        f"runs of `research-agent`: the parent of them all is warm, its data prepared, after {warm:.2f} s; "
        f"from the order to start a run to its first step {statistics.median(delays):.3f} s "
        f"(of {len(delays)}: {min(delays):.3f} … {max(delays):.3f})",
    ]


def write(page: Path, how: str, rows: list[list[str]], said: list[str]) -> None:
    """Put all of it between the marks of the page."""
    table = "\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ["---"] * len(COLUMNS), *rows))
    before, _, rest = page.read_text().partition(START)
    _, _, after = rest.partition(END)
    points = "\n".join(f"- {sentence}" for sentence in said)
    page.write_text(f"{before}{START}\n{how}.\n\n{table}\n\n{points}\n{END}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose figures to replace")
    options = parser.parse_args()
    import plain_loop  # noqa: F401  the imports of all ways, once
    import torch._dynamo  # noqa: F401  the plain loop's optimizer would import it, for a second

    import seedbed_runner.quick.judge
    import seedbed_runner.quick.training  # noqa: F401

    gc.freeze()
    how = f"Medians of {options.rounds} rounds on {cores()} cores, one thread a process"
    print(f"{how}\n{_line(COLUMNS)}")
    kept: dict[str, tuple[float, ...]] = {}
    rows: list[list[str]] = []
    for case in [options.case] if options.case else CASES:
        found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(options.rounds):
            for way in WAYS:
                found[way].append(measure(case, way))
        rows += rows_of(case, found)
        print("\n".join(map(_line, rows[-len(WAYS) :])), flush=True)
        pairs = ((TURN, PLAIN), (TURN, ONCE), (PLAIN, POOL))
        kept[case] = tuple(ratio(found[one], found[other]) for one, other in pairs)
    said = [*bars(kept), *begin()]
    print("\n".join(said))
    if options.write:
        write(options.write, how, rows, said)


def _line(row: list[str]) -> str:
    return f"{row[0]:15}{row[1]:18}" + "".join(f"{cell:>12}" for cell in row[2:])


if __name__ == "__main__":
    main()
