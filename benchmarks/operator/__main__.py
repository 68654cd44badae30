"""What one operator carries: measured against a real API server and Job controller.

    PYTHONPATH=tests python benchmarks/operator [--experiments 200 1000] [--seeds 5] [--write PAGE] [--quick]

KUBECONFIG names the cluster, on which the custom resources must be installed. It creates a Node that only
plays and namespaces, and removes them at its end, also after Ctrl-C. The operator is the installed program in
a process of its own, its store a SeaweedFS on this machine. Its experiments stand alone, all of one dataset
that counts as prepared. The Job controller and the scheduler are the cluster's.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ground import Ground
from measuring import Bench, Figures, Size, measure
from page import write
from table import show
from watching import NotMeasured

from fakes.seaweed import Seaweed, running
from seedbed.cluster.connection import connected
from seedbed.cluster.rest import Rest
from seedbed.cluster.resync import list_path
from seedbed.errors import NotFound, SeedbedError

EXPECTED = (SeedbedError, NotMeasured, TimeoutError)
QUICK = Size(20, 2, (2.0, 5.0))


async def main(sizes: list[Size], patience: float, done: Callable[[list[Figures]], None]) -> None:
    """Measure each size in turn, and tell all so far after each; SIGTERM ends it as Ctrl-C does."""
    this = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel, "SIGTERM")
    with tempfile.TemporaryDirectory() as place, running(Path(place) / "store") as store:
        os.environ |= {"AWS_ACCESS_KEY_ID": store.key, "AWS_SECRET_ACCESS_KEY": store.secret}
        measured: list[Figures] = []
        for size in sizes:
            folder = Path(place) / str(size.runs)
            folder.mkdir()
            measured.append(await _measured(store, folder, size, patience))
            done(measured)


async def _measured(store: Seaweed, folder: Path, size: Size, patience: float) -> Figures:
    async with connected() as api:
        try:
            await Rest(api).list_all(list_path("", "experiments"), limit="1")
        except NotFound:
            raise SystemExit("there are no Experiments in this cluster: kubectl apply -f crds/") from None
        ground = Ground(api, f"bench-{uuid.uuid4().hex[:6]}")
        print(f"{size.experiments} experiments × {size.seeds} seeds as {ground.name}", file=sys.stderr)
        return await measure(Bench(api, ground, store, folder, _ports(), patience), size)


def sentences(problem: Exception) -> list[str]:
    """What went wrong, in the words of each part of it.

    Raises:
        Exception: it is nothing to be expected.
    """
    if isinstance(problem, ExceptionGroup):
        return [sentence for part in problem.exceptions for sentence in sentences(part)]
    if isinstance(problem, EXPECTED):
        return [str(problem)]
    raise problem


def _ports() -> tuple[int, int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        first, second = (each.getsockname()[1] for each in sockets)
        return first, second


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--experiments", type=int, nargs="+", default=[200, 1000], help="one measurement each"
    )
    parser.add_argument("--seeds", type=int, default=5, help="runs of an experiment")
    parser.add_argument(
        "--training", type=float, nargs=2, default=(10.0, 60.0), metavar=("LOW", "HIGH"),
        help="seconds that a run trains, drawn evenly",
    )  # fmt: skip
    parser.add_argument(
        "--patience", type=float, default=1800.0, help="seconds for each part of a measurement"
    )
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page whose figures to replace")
    parser.add_argument("--quick", action="store_true", help="20 experiments of 2 short runs: does it work?")
    return parser.parse_args()


def tell(measured: list[Figures], page: Path | None) -> None:
    """The latest size on the terminal, all of them on the page."""
    show(measured[-1:])
    if page is not None:
        write(page, measured)


if __name__ == "__main__":
    asked = options()
    measured = [Size(number, asked.seeds, tuple(asked.training)) for number in asked.experiments]
    try:
        page = None if asked.quick else asked.write
        asyncio.run(main([QUICK] if asked.quick else measured, asked.patience, partial(tell, page=page)))
    except (KeyboardInterrupt, asyncio.CancelledError) as ended:
        sys.exit(f"benchmark: interrupted {ended}")
    except (*EXPECTED, ExceptionGroup) as problem:
        sys.exit(f"benchmark: {'; '.join(sentences(problem))}")
