import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from seedbed import QuickEvalConfig
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.quick import beside
from seedbed_runner.quick.judge import Judge

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
IRIS = QuickEvalConfig("iris", num_seeds=2, target_accuracy=0.2)


@pytest.fixture
def neighbour(request):
    there = beside.JudgeBeside(getattr(request, "param", IRIS))
    yield there
    there.close()


def test_a_neighbour_says_what_the_judge_here_does(neighbour):
    here = Judge(IRIS)
    mine, its = dataclasses.asdict(here.rows()), dataclasses.asdict(neighbour.rows())
    assert mine.keys() == its.keys()
    assert all(np.array_equal(mine[name], its[name]) for name in ("inputs", "labels", "validation"))
    guessed = np.random.default_rng(0).normal(size=(2, len(mine["validation"]), 3)).astype(np.float32)
    results = [[judge.score(seed, guessed[seed], 1.5) for seed in (0, 1)] for judge in (here, neighbour)]
    assert results[0] == results[1] and "accuracy" in results[0][0].metrics
    assert here.conclude(results[0]) == neighbour.conclude(results[1])


@pytest.mark.parametrize("neighbour", [QuickEvalConfig("no-such-set")], indirect=True)
def test_what_is_wrong_with_the_data_is_raised_where_they_are_asked_for(neighbour):
    with pytest.raises(BadInput, match="no-such-set"):
        neighbour.rows()


def test_a_neighbour_that_was_killed_is_told(neighbour):
    neighbour._process.kill()
    with pytest.raises(Infrastructure, match="ended with code -9"):
        neighbour.rows()


def test_here_nothing_is_gained():
    assert {"torch", "sklearn"} & sys.modules.keys() and not beside.pays()


def fresh(code):
    """What a new process prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
@pytest.mark.skipif(not beside.can_fork() or beside.cores() < 2, reason="needs Linux and two cores")
def test_a_fresh_process_trains_without_scikit_learn_and_gives_the_same_numbers():
    code = """
import sys
from seedbed import QuickEvalConfig, quick_evaluate_once
{first}
found = quick_evaluate_once(None, QuickEvalConfig("iris", num_seeds=2, epochs=2))
print(found.aggregated, found.by_class, "sklearn" in sys.modules)
"""
    apart, together = fresh(code.format(first="")), fresh(code.format(first="import torch"))
    assert apart.endswith("False\n") and together.endswith("True\n")
    assert apart.removesuffix("False\n") == together.removesuffix("True\n")


@pytest.mark.slow
def test_the_package_is_imported_without_either_library():
    assert (
        fresh("import sys, seedbed; seedbed.quick_evaluate_once; print('torch' in sys.modules)") == "False\n"
    )
