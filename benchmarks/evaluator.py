"""The evaluator beside a hand-written loop on the same work, and how soon training begins: one table.

    python benchmarks/evaluator.py [--rounds 3] [--case digits]

Images drawn by class, 64 and 5,000 of them; digits; texts; a table. One seed, five in turn, and five at once
over the cores. Each way is a fork of one process that has imported everything, in turn, round by round; its
memory is the largest resident size of that fork or of one that it forked. `× plain` and `× in turn` are
medians of the rounds' own ratios, since a machine's speed drifts.

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
PLAIN, TURN, ONCE = "plain, 5 in turn", "ours, 5 in turn", "ours, 5 at once"
WAYS = ("plain, 1", "ours, 1", PLAIN, TURN, ONCE)
MOST_OF_PLAIN, LEAST_OF_CORES = 1.10, 0.85


def config(case: str, way: str) -> seedbed.QuickEvalConfig:
    drawn, epochs, rows = CASES[case]
    dataset = Dataset(name="synthetic", synthetic=drawn) if drawn else Dataset(name="digits")
    return seedbed.QuickEvalConfig(
        dataset.name, num_seeds=1 if way.endswith("1") else SEEDS, epochs=epochs, batch_size=64,
        learning_rate=0.003, weight_decay=0.01, device="cpu", subset_size=rows, dataset=dataset.document(),
        workers=cores() if way == ONCE else 1,
    )  # fmt: skip


def work(case: str, way: str, told: Connection) -> None:
    """One way in this process: seconds, peak memory and mean accuracy."""
    from plain_loop import train_by_hand

    asked, started = config(case, way), time.perf_counter()
    if way.startswith("plain"):
        scores = train_by_hand(asked)
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


def report(case: str, found: dict[str, list[dict[str, float]]]) -> tuple[float, float]:
    """The lines of a case; five in turn × the plain loop, and × five at once."""
    faster = ratio(found[TURN], found[ONCE])
    for way, rounds in found.items():
        of_plain = ratio(rounds, found["plain, 1" if way.endswith("1") else PLAIN])
        seconds, peak, accuracy = (
            statistics.median(each[key] for each in rounds) for key in ("seconds", "peak_mib", "accuracy")
        )
        gain = f"{faster:.2f}" if way == ONCE else ""
        numbers = f"{seconds:9.2f}{of_plain:9.2f}{gain:>16}{peak:10.0f}{accuracy:10.4f}"
        print(f"{case:15}{way:18}{numbers}", flush=True)
    return ratio(found[TURN], found[PLAIN]), faster


def bars(found: dict[str, tuple[float, float]]) -> None:
    """Whether what is promised was kept."""
    possible = SEEDS / math.ceil(SEEDS / cores())
    due = LEAST_OF_CORES * min(cores(), possible)
    for case, (of_plain, faster) in found.items():
        slow = "met" if of_plain <= MOST_OF_PLAIN else "MISSED"
        fast = "met" if faster >= due else "MISSED"
        turn = f"in turn {of_plain:.2f} ≤ {MOST_OF_PLAIN:.2f} {slow}"
        print(f"{case:15}{turn}; at once {faster:.2f} ≥ {due:.2f} {fast}")
    allowed = f"{min(cores(), possible):.2f} that {SEEDS} seeds on {cores()} cores allow"
    print(f"at once: {LEAST_OF_CORES} × the {allowed}")


def begin() -> None:
    """How soon a cold process is done, and a run of the laptop trains."""
    cold = sorted(cold_seconds() for _ in range(3))
    print(f"\nquick-evaluator on digits, one seed, cold: {cold[1]:.2f} s ({cold[0]:.2f} … {cold[2]:.2f})")
    warm, delays = asyncio.run(start_up(10))
    print(
        f"launcher: warm, data prepared, after {warm:.2f} s; from the order to start a run to its first step "
        f"{statistics.median(delays):.3f} s (of {len(delays)}: {min(delays):.3f} … {max(delays):.3f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=CASES)
    options = parser.parse_args()
    import plain_loop  # noqa: F401  the imports of all ways, once
    import torch._dynamo  # noqa: F401  the plain loop's optimizer would import it, for a second

    gc.freeze()
    print(f"median of {options.rounds} rounds on {cores()} cores")
    print(f"{'':33}{'seconds':>9}{'× plain':>9}{'in turn ÷ once':>16}{'peak MiB':>10}{'accuracy':>10}")
    kept = {}
    for case in [options.case] if options.case else CASES:
        found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(options.rounds):
            for way in WAYS:
                found[way].append(measure(case, way))
        kept[case] = report(case, found)
    bars(kept)
    begin()


if __name__ == "__main__":
    main()
