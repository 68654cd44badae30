"""One seed, five in turn and five at once, beside a hand-written loop on the same rows: printed in one go.

    python benchmarks/seeds_at_once.py [--rounds 3] [--case "images, 5,000"]

Images drawn by class, 64 and 5,000 of them; digits; a table. The plain loop has index batches, one thread and
the same model, epochs, batch size and optimizer. Each way is a fresh process, imports apart; memory is the
largest resident size of it or of one that it forked.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

BATCH, RATE, DECAY = 64, 0.003, 0.01
IMAGES = {"kind": "image", "classes": 10, "size": 16, "bayesAccuracy": 0.95, "features": 16, "seed": 0}
TABLE = {"kind": "tabular", "classes": 4, "size": 8, "bayesAccuracy": 0.9, "features": 20, "seed": 0}
CASES = {  # name: dataset, further fields of it, epochs, most train rows
    "images, 64": ("synthetic", {"synthetic": {**IMAGES, "samples": 1000}}, 20, 64),
    "images, 5,000": ("synthetic", {"synthetic": {**IMAGES, "samples": 8334}}, 5, 5000),
    "digits": ("digits", {}, 20, None),
    "table, 5,000": ("synthetic", {"synthetic": {**TABLE, "samples": 8334}}, 20, 5000),
}
WAYS = ("plain, 1", "ours, 1", "plain, 5 in turn", "ours, 5 in turn", "ours, 5 at once")


def config(case: str, seeds: int, workers: int):
    from seedbed import QuickEvalConfig

    name, fields, epochs, rows = CASES[case]
    return QuickEvalConfig(
        name, num_seeds=seeds, epochs=epochs, batch_size=BATCH, learning_rate=RATE, weight_decay=DECAY,
        device="cpu", subset_size=rows, dataset=fields, workers=workers,
    )  # fmt: skip


def plain(case: str, seeds: int) -> list[float]:
    import numpy as np
    import torch
    from torch.nn.functional import cross_entropy

    from seedbed_runner.data import load
    from seedbed_runner.models import build_model
    from seedbed_runner.models.defaults import default_layers
    from seedbed_runner.split import divide

    torch.set_num_threads(1)
    asked = config(case, 1, 1)
    source = load(asked.data())
    divided = divide(source, asked.data()["split"])
    rows = np.arange(len(divided.labels["train"]))[: asked.subset_size]
    inputs = torch.from_numpy(divided.inputs["train"][rows])
    labels = torch.from_numpy(divided.labels["train"][rows])
    validation = torch.from_numpy(divided.inputs["validation"])
    truth = torch.from_numpy(divided.labels["validation"])
    scores = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        model = build_model({"layers": default_layers(source.kind)}, inputs.shape[1:], source.classes)
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
        steps = -(-len(labels) // BATCH) * asked.epochs
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(asked.epochs):
            model.train()
            for batch in torch.randperm(len(labels)).split(BATCH):
                loss = cross_entropy(model(inputs[batch]), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.inference_mode():
            parts = [model(rows).argmax(1) for rows in validation.split(512)]
        scores.append((torch.cat(parts) == truth).float().mean().item())
    return scores


def work(case: str, way: str) -> None:
    """One way in this process: seconds, peak memory and scores as JSON."""
    import torch._dynamo  # noqa: F401

    import seedbed_runner.evaluator

    seeds = 1 if way.endswith("1") else 5
    started = time.perf_counter()
    if way.startswith("plain"):
        scores = plain(case, seeds)
    else:
        asked = config(case, seeds, seedbed_runner.evaluator.cores() if "at once" in way else 1)
        found = seedbed_runner.evaluator.quick_evaluate_once(None, asked)
        scores = found.aggregated["val_accuracy"]["values"]
    seconds = time.perf_counter() - started
    peaks = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"seconds": seconds, "peak_mib": max(peaks) / 1024, "scores": scores}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--worker", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.case, options.worker)
        return
    print(f"median of {options.rounds} rounds; at most {len(CASES)} cases\n")
    print(f"{'':16}{'':20}{'seconds':>9}{'× plain':>9}{'× in turn':>11}{'peak MiB':>10}{'accuracy':>10}")
    for case in [options.case] if options.case else CASES:
        found: dict[str, list[dict]] = {way: [] for way in WAYS}
        for _ in range(options.rounds):
            for way in WAYS:
                command = [sys.executable, __file__, "--case", case, "--worker", way]
                told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                found[way].append(json.loads(told))
        for way, rounds in found.items():
            report(case, way, rounds, found)


def report(case: str, way: str, rounds: list[dict], found: dict[str, list[dict]]) -> None:
    """A line: seconds, as a multiple of the plain loop's, and how much faster than in turn."""
    base = found["plain, 1" if way.endswith("1") else "plain, 5 in turn"]
    pairs = zip(rounds, base, strict=True)
    ratio = statistics.median(one["seconds"] / other["seconds"] for one, other in pairs)
    faster = ""
    if "at once" in way:
        pairs = zip(rounds, found["ours, 5 in turn"], strict=True)
        faster = f"{statistics.median(other['seconds'] / one['seconds'] for one, other in pairs):.2f}"
    seconds = statistics.median(each["seconds"] for each in rounds)
    peak = statistics.median(each["peak_mib"] for each in rounds)
    score = statistics.mean(rounds[0]["scores"])
    print(f"{case:16}{way:20}{seconds:9.2f}{ratio:9.2f}{faster:>11}{peak:10.0f}{score:10.4f}", flush=True)


if __name__ == "__main__":
    main()
