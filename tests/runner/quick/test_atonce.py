import os
import signal
import time

import pytest

from seedbed_runner.errors import BadInput, ModelFailure
from seedbed_runner.quick.atonce import at_once


def test_results_come_in_the_order_of_the_seeds_whatever_ends_first() -> None:
    def slow_first(seed: int) -> tuple[int, int]:
        time.sleep(0.2 if seed == 3 else 0)
        return seed, os.getpid()

    found = list(at_once(slow_first, [3, 4, 5, 6], 2))
    assert [seed for seed, _ in found] == [3, 4, 5, 6]
    assert len({process for _, process in found} | {os.getpid()}) == 5


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


def test_a_fork_that_is_killed_is_told() -> None:
    def die(seed: int) -> None:
        if seed == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ModelFailure, match="seed 0's process ended with code -9"):
        list(at_once(die, range(2), 2))
