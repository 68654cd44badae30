"""What the seal costs a run, and that it changes no bit: `python benchmarks/seal.py [--runs N] [--epochs N]`.

The same request is trained again and again in forks of one process, in turns with the seal and without it
(the very same supervisor and child, with nothing given up). Prints the cost of a seal by itself, the time
from the fork to the end of a run that does next to nothing, and the time of a training, each as medians; and
whether weights and predictions are the same bytes. Exit code 1: the seal cost too much, or a bit differs.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

# Before anything imports numpy: a pool of threads would not survive a fork.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import torch._dynamo  # noqa: E402, F401  as the warm parent does

from seedbed.api.dataset import Dataset  # noqa: E402
from seedbed.api.training import Training  # noqa: E402
from seedbed_runner.contract.hashing import bytes_hash  # noqa: E402
from seedbed_runner.contract.records import Card, RunRequest  # noqa: E402
from seedbed_runner.fetch import fetch  # noqa: E402
from seedbed_runner.prepare import prepare  # noqa: E402
from seedbed_runner.sandbox import Policy, Seal, gate, places, seal  # noqa: E402
from seedbed_runner.train import supervise  # noqa: E402

MOST_SECONDS = 0.050  # of a run
MOST_SHARE = 0.02  # of a training of a minute, which is a short one
SHORT_TRAINING = 60.0
NOTHING = Seal(0, False, {"landlock": "left out", "seccomp": "left out"}, {})
CNN = [
    {"type": "Conv2d", "out_channels": 16, "kernel_size": 3, "padding": 1}, {"type": "ReLU"},
    {"type": "MaxPool2d", "kernel_size": 2}, {"type": "Conv2d", "out_channels": 32, "kernel_size": 3},
    {"type": "ReLU"}, {"type": "Flatten"}, {"type": "Linear", "out_features": "classes"},
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=20)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        root = Path(folder)
        card_file = prepare(Dataset.model_validate({"name": "digits"}).document(), root / "data")
        request = make_request(Card.from_json(card_file.read_bytes()), asked.epochs)
        fetch(card_file.parent.parent, request, root / "work" / "data")
        own = seal_alone(root / "work", asked.runs * 3)
        empty = compare(root / "work", request, asked.runs * 3, lambda work, asked: 0)
        trained = compare(root / "work", request, asked.runs)
        with switched_off():
            hashes = {train(root / "work", request)[1]}
        hashes.add(train(root / "work", request)[1])
    cost = statistics.median(empty[0]) - statistics.median(empty[1])
    sealed, unsealed = (statistics.median(times) for times in trained)
    share = cost / SHORT_TRAINING
    print(f"a seal by itself:         {own * 1000:7.1f} ms")
    print(
        f"a run that does nothing:  {cost * 1000:7.1f} ms more with the seal, at most {MOST_SECONDS * 1000:g}"
    )
    print(f"a training:               {sealed:7.3f} s sealed, {unsealed:.3f} s unsealed")
    print(f"of a training of {SHORT_TRAINING:g} s:  {share:7.2%}, at most {MOST_SHARE:.0%}")
    print(f"of this training:         {(sealed - unsealed) / unsealed:7.2%}")
    print(f"weights and predictions:  {'the same bytes' if len(hashes) == 1 else 'they DIFFER'}")
    return 0 if cost < MOST_SECONDS and share < MOST_SHARE and len(hashes) == 1 else 1


def make_request(card: Card, epochs: int) -> RunRequest:
    return RunRequest(
        run_uid="benchmark", experiment="benchmark", experiment_hash="sha256:" + "0" * 64, seed=0, attempt=1,
        purpose="Explore", dataset_key=card.key, data_hash=card.data_hash, model={"layers": CNN},
        training=Training.model_validate({"epochs": epochs}).document(), metric="accuracy", threads=1,
        device="cpu", deadline_seconds=600.0, memory_bytes=4 * 2**30,
    )  # fmt: skip


class switched_off:  # noqa: N801
    """Within, children give nothing up, and the supervisor does not look for it."""

    def __enter__(self) -> None:
        self.kept = gate.seal, gate._verify
        gate.seal, gate._verify = lambda policy: NOTHING, lambda pid, told: None  # type: ignore[attr-defined]

    def __exit__(self, *raised: object) -> None:
        gate.seal, gate._verify = self.kept  # type: ignore[attr-defined]


def seal_alone(work: Path, count: int) -> float:
    """Median seconds of `sandbox.seal` in a fork, of this process's own processor time."""
    (work / "scratch").mkdir()
    places.common()
    policy = Policy((work / "data",), work, work / "scratch", memory_bytes=4 * 2**30)
    took = []
    for _ in range(count):
        readable, writable = os.pipe()
        if not os.fork():
            started = time.process_time()
            seal(policy)
            os.write(writable, repr(time.process_time() - started).encode())
            os._exit(0)
        os.wait()
        took.append(float(os.read(readable, 64)))
        os.close(readable)
        os.close(writable)
    return statistics.median(took)


def train(
    work: Path, request: RunRequest, run: Callable[[Path, RunRequest], int] | None = None
) -> tuple[float, str]:
    """Seconds from the fork to the end, and the hash of what was made."""
    record = supervise(work, request, run) if run else supervise(work, request)
    assert record.failure is None, record.failure
    made = [work / "out" / name for name in ("weights.safetensors", "predictions.bin")]
    return record.seconds, bytes_hash(b"".join(path.read_bytes() for path in made if path.exists()))


def compare(
    work: Path, request: RunRequest, count: int, run: Callable[[Path, RunRequest], int] | None = None
) -> tuple[list[float], list[float]]:
    """Seconds of so many runs sealed and unsealed, in turns."""
    sealed, unsealed = [], []
    for _ in range(count):
        sealed.append(train(work, request, run)[0])
        with switched_off():
            unsealed.append(train(work, request, run)[0])
    return sealed, unsealed


if __name__ == "__main__":
    sys.exit(main())
