import os
import signal
import time

import pytest

from seedbed_runner.errors import BadInput, ModelFailure
from seedbed_runner.quick.atonce import _Worker, at_once


def test_results_come_in_the_order_of_the_seeds_whatever_ends_first() -> None:
    def slow_first(seed: int) -> tuple[int, int]:
        time.sleep(0.2 if seed == 3 else 0)
        return seed, os.getpid()

    found = list(at_once(slow_first, [3, 4, 5, 6], 2))
    assert [seed for seed, _ in found] == [3, 4, 5, 6]
    assert len({process for _, process in found} | {os.getpid()}) == 3


def test_one_worker_stays_in_this_process() -> None:
    assert set(at_once(lambda seed: os.getpid(), [0, 1], 1)) == {os.getpid()}


def test_what_a_fork_raises_is_raised_here() -> None:
    def refuse(seed: int) -> int:
        if seed == 1:
            raise BadInput("not this one")
        return seed

    seen = []
    with pytest.raises(BadInput, match="not this one"):
        for result in at_once(refuse, range(4), 2):
            seen.append(result)
    assert seen == [0]


def test_a_fork_that_was_killed_between_two_seeds_is_told() -> None:
    worker = _Worker(lambda seed: seed)
    worker.take(1)
    assert worker.result() == (1,)
    worker.process.kill()
    worker.process.join()
    worker.take(2)
    with pytest.raises(ModelFailure, match="seed 2's process ended with code -9"):
        worker.result()


def test_a_fork_that_is_killed_is_told() -> None:
    def die(seed: int) -> None:
        if seed == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ModelFailure, match="seed 0's process ended with code -9"):
        list(at_once(die, range(2), 2))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_forks_end_with_their_parent() -> None:
    reading, writing = os.pipe()
    parent = os.fork()
    if not parent:
        tell = lambda seed: os.write(writing, f"{os.getpid()} ".encode()) and time.sleep(60)  # noqa: E731
        list(at_once(tell, range(2), 2))
        os._exit(0)
    told = b""
    while told.count(b" ") < 2:
        told += os.read(reading, 100)
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    deadline = time.monotonic() + 20
    while any(_alive(int(pid)) for pid in told.split()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
