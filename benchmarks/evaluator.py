"""What the evaluator costs beside a hand-written loop, and how soon a run starts: printed in one go.

    python benchmarks/evaluator.py [--rounds 5] [--seeds 5]

The same model, data, epochs, batch size and seeds three ways, in turn, each in a fresh process: the whole
`quick_evaluate_once`; a plain PyTorch loop with index batches; a plain loop with a DataLoader, as most people
would write it. Times are of the evaluation, imports apart; memory is the process's largest resident size.
Then the launcher of the laptop world: from the order to start a run to the first line of its training.
"""

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EPOCHS, BATCH, RATE, DECAY = 20, 64, 0.003, 0.01
WAYS = ("quick_evaluate_once", "plain loop", "plain loop, DataLoader")


def build_model():
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        nn.Linear(128, 10),
    )  # fmt: skip


def evaluate_quick(seeds: int) -> list[float]:
    from seedbed import QuickEvalConfig, quick_evaluate_once

    config = QuickEvalConfig(
        "digits", num_seeds=seeds, epochs=EPOCHS, batch_size=BATCH, learning_rate=RATE, weight_decay=DECAY,
        device="cpu",
    )  # fmt: skip
    return quick_evaluate_once(build_model, config).aggregated["val_accuracy"]["values"]


def load_plain():
    import torch
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, labels = load_digits(return_X_y=True)
    rest, _, rest_labels, _ = train_test_split(images, labels, test_size=359, stratify=labels, random_state=0)
    train, validation, train_labels, validation_labels = train_test_split(
        rest, rest_labels, test_size=359, stratify=rest_labels, random_state=0
    )
    mean, deviation = train.mean(), train.std()

    def tensor(rows):
        return torch.tensor((rows - mean) / deviation, dtype=torch.float32).reshape(-1, 1, 8, 8)

    return tensor(train), torch.tensor(train_labels), tensor(validation), torch.tensor(validation_labels)


def evaluate_plain(seeds: int, loader: bool) -> list[float]:
    import torch
    from torch.nn.functional import cross_entropy
    from torch.utils.data import DataLoader, TensorDataset

    torch.set_num_threads(1)
    inputs, labels, validation, truth = load_plain()
    scores = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        model = build_model()
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
        steps = -(-len(labels) // BATCH) * EPOCHS
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        rows = DataLoader(TensorDataset(inputs, labels), batch_size=BATCH, shuffle=True)
        for _ in range(EPOCHS):
            model.train()
            if loader:
                batches = rows
            else:
                batches = ((inputs[b], labels[b]) for b in torch.randperm(len(labels)).split(BATCH))
            for batch_inputs, batch_labels in batches:
                loss = cross_entropy(model(batch_inputs), batch_labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.inference_mode():
            scores.append((model(validation).argmax(1) == truth).float().mean().item())
    return scores


def work(way: str, seeds: int) -> None:
    """One way in this process: seconds, peak memory and scores as JSON."""
    import sklearn.datasets  # noqa: F401
    import sklearn.metrics  # noqa: F401
    import torch._dynamo  # noqa: F401

    import seedbed_runner.evaluator  # noqa: F401

    started = time.perf_counter()
    scores = evaluate_quick(seeds) if way == WAYS[0] else evaluate_plain(seeds, loader=way == WAYS[2])
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "scores": scores}))


def measure(way: str, seeds: int) -> dict:
    command = [sys.executable, __file__, "--worker", way, "--seeds", str(seeds)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


async def start_up(runs: int) -> tuple[float, list[float]]:
    """Seconds until the warm parent is ready, and from each order to start to the first training step."""
    from seedbed.api import Experiment, ExperimentSpec, Metadata
    from seedbed.api.dataset import Dataset
    from seedbed.engine.naming import artifacts_prefix, result_key
    from seedbed.local.folder import Folder
    from seedbed.local.launcher import ProcessLauncher
    from seedbed.reconcile.requests import build_request
    from seedbed_runner.contract.records import RunResult

    with tempfile.TemporaryDirectory() as place:
        folder = Folder(Path(place))
        folder.create()
        launcher = ProcessLauncher(folder, cores=1)
        layers = [{"type": "Linear", "out_features": "classes"}]
        spec = ExperimentSpec(
            dataset=Dataset(name="iris"), model={"layers": layers}, training={"epochs": 1}, seeds=range(runs),
            device="cpu",
        )  # fmt: skip
        made = Experiment(metadata=Metadata(name="start", uid="u"), spec=spec)
        began = time.time()
        await launcher.prepare(made)
        while (seen := await launcher.observe_preparation(made)).card is None or not launcher._ready:
            await asyncio.sleep(0.01)
        warm = time.time() - began
        delays = []
        for seed in range(runs):
            ordered = time.time()
            await launcher.start(made, build_request(made, seed, 1, seen.card.data_hash))
            while (await launcher.observe(made))[seed].phase != "Ended":
                launcher.changed.clear()
                await launcher.changed.wait()
            record = (folder.artifacts / result_key(made, seed)).read_bytes()
            kept = folder.artifacts / artifacts_prefix(made, RunResult.from_json(record))
            told = json.loads((kept / "diagnostics.json").read_text())
            delays.append(told["training_started_at"] - ordered)
        await launcher.close()
    return warm, delays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--worker", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(options.worker, options.seeds)
        return
    found: dict[str, list[dict]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            found[way].append(measure(way, options.seeds))
    plain = found[WAYS[1]]
    print(f"digits, {options.seeds} seeds, {EPOCHS} epochs; median of {options.rounds} rounds, in turn")
    print(f"{'':26}{'seconds':>9}{'min … max':>16}{'× plain':>9}{'peak MiB':>10}{'accuracy':>10}")
    for way, rounds in found.items():
        seconds = [each["seconds"] for each in rounds]
        ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in zip(rounds, plain, strict=True))
        peak = statistics.median(each["peak_mib"] for each in rounds)
        score = statistics.mean(rounds[0]["scores"])
        spread = f"{min(seconds):.2f} … {max(seconds):.2f}"
        print(f"{way:26}{statistics.median(seconds):9.2f}{spread:>16}{ratio:9.2f}{peak:10.0f}{score:10.4f}")
    warm, delays = asyncio.run(start_up(10))
    print(
        f"\nlauncher: warm, and data prepared, after {warm:.2f} s; from the order to start a run to its first"
    )
    print(f"step {statistics.median(delays):.3f} s (of {len(delays)}: {min(delays):.3f} … {max(delays):.3f})")


if __name__ == "__main__":
    main()
