"""The evaluator on a GPU beside the hand-written loop, on data in CIFAR-10's shape and format.

    PYTHONPATH=tests python benchmarks/gpu.py [--rows 10000] [--epochs 3] [--rounds 3]

Random pictures in five files of `--rows`, batches of 512. Each way is a process of its own, in turn, round by
round: train samples a second once the first step is done, seconds from the call to the end of that step
(the import of torch not counted, loading and CUDA's own start counted), the GPU's utilisation as its driver
samples it five times a second, and the most memory that torch had allocated there.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import torch
from plain_loop import train_by_hand

import seedbed
from fakes.datafiles import write_cifar10
from seedbed_runner.models import build_model
from seedbed_runner.models.defaults import default_layers

WAYS = ("plain loop", "evaluator")
TRAIN_SHARE = 0.8  # of the published train split; the rest is the validation split


class Watched(torch.nn.Module):
    """A model that notes when its first training step was over."""

    def __init__(self, model: torch.nn.Module, steps: list[float]) -> None:
        super().__init__()
        self.model, self._steps = model, steps

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """As the model; `steps` gets the time of its first two batches."""
        if self.training and len(self._steps) < 2:
            if rows.is_cuda:
                torch.cuda.synchronize()
            self._steps.append(time.perf_counter())
        return self.model(rows)


def work(way: str, device: str, epochs: int, rows: int, told: Connection) -> None:
    """One way in this process."""
    config = seedbed.QuickEvalConfig(
        "cifar10", num_seeds=1, epochs=epochs, batch_size=512, learning_rate=0.003, weight_decay=0.01,
        device=device,
    )  # fmt: skip
    steps: list[float] = []
    started = time.perf_counter()
    if way == "evaluator":
        layers = {"layers": default_layers("image")}
        seedbed.quick_evaluate_once(
            lambda shape, classes: Watched(build_model(layers, shape, classes, 0), steps), config
        )
    else:
        train_by_hand(config, lambda model: Watched(model, steps))
    ended = time.perf_counter()
    samples = 5 * rows * TRAIN_SHARE * epochs
    told.send({
        "samples a second": samples / (ended - steps[1]),
        "first step, s": steps[1] - started,
        "GPU MiB": torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else 0.0,
    })  # fmt: skip


def utilisation() -> "subprocess.Popen[str]":
    """Prints the GPU's utilisation, a line each fifth of a second."""
    asked = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "200"]
    return subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)


def measure(way: str, options: argparse.Namespace) -> dict[str, float]:
    """`work` in a new process, watched from outside."""
    context = multiprocessing.get_context("spawn")
    answers, told = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(way, options.device, options.epochs, options.rows, told))
    watcher = utilisation() if options.device == "cuda" else None
    process.start()
    told.close()
    found = answers.recv()
    process.join()
    if watcher:
        watcher.terminate()
        busy = [int(line) for line in watcher.communicate()[0].split()]
        found["GPU busy, %"] = statistics.mean([share for share in busy if share] or [0])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000, help="in each of the five train files")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda", help="cpu: to try the script")
    options = parser.parse_args()
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("there is no CUDA device here")
    with tempfile.TemporaryDirectory() as place:
        write_cifar10(Path(place) / "data", rows=options.rows)
        os.environ |= {"SEEDBED_DATA": f"{place}/data", "SEEDBED_ALLOW_UNVERIFIED": "true"}
        rounds = [{way: measure(way, options) for way in WAYS} for _ in range(options.rounds)]
    for way in WAYS:
        names = rounds[0][way]
        middle = {name: round(statistics.median(each[way][name] for each in rounds), 3) for name in names}
        print(f"{way:12}{json.dumps(middle)}")
    speeds = [
        each["evaluator"]["samples a second"] / each["plain loop"]["samples a second"] for each in rounds
    ]
    print(f"evaluator ÷ plain loop: {statistics.median(speeds):.2f} × the samples a second")


if __name__ == "__main__":
    main()
