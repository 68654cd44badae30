"""The benchmark of planning: it runs, is repeatable, and counts what never got there."""

import math
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "planning"
sys.path.insert(0, str(BENCHMARK))

import comparing  # noqa: E402
import contests  # noqa: E402
import proposers  # noqa: E402
import surfaces  # noqa: E402
from trials import Spent, Trial  # noqa: E402

from seedbed.engine.rehearsal import Rules  # noqa: E402
from seedbed.planning.scope import Scope  # noqa: E402

CARD = contests._card("image")
RULES = Rules(0.95, 1.0, 1 / 2000, 1 / 2000)


def surface(number=0):
    return surfaces.drawn(CARD, Random(number))


def optimum(world):
    """The settings that cost nothing, as far as the space has them."""
    depth = 2 ** max(0.0, world.best["capacity"] - 4)
    return {
        **{name: world.best[name] for name in surfaces.CHOICES},
        "size": world.best["capacity"] - math.log2(depth), "depth": depth,
        "dropout": 0.5 * world.best["regularisation"], "label_smoothing": 0.2 * world.best["regularisation"],
        "weight_decay": 10 ** (4 * world.best["regularisation"] - 5), "batch_size": 64,
        "lr": 10 ** (world.best["rate"] - 0.3 * (not world.best["norm"])),
        "epochs": world.usual * 2 ** world.best["passes"],
    }  # fmt: skip


@pytest.mark.slow
def test_a_quick_run_fills_the_page(tmp_path):
    page = tmp_path / "planning-benchmark.md"
    marks = ("<!-- figures: written by make bench-planning -->", "<!-- end of the figures -->")
    page.write_text(f"before\n{marks[0]}\nstale\n{marks[1]}\nafter\n")
    command = [sys.executable, str(BENCHMARK), "--quick", "--processes", "1", "--write", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    for name in proposers.PROPOSERS:
        assert text.count(f"| {name} |") == 2


@pytest.mark.parametrize("number", range(4))
def test_the_optimum_is_known_and_nothing_beats_it(number):
    world, scope, random = surface(number), Scope(contests.Contest(0)._goal(0.9), CARD), Random(1)
    assert world.mean(optimum(world)) == pytest.approx(surfaces.CEILING, abs=1e-9)
    assert not world.is_lost(optimum(world))
    means = [world.mean(proposers.draw(scope, random)) for _ in range(200)]
    assert max(means) < surfaces.CEILING - 0.001
    assert np.median(means) < surfaces.CEILING - 0.03


def test_who_knows_the_optimum_needs_one_experiment_and_who_never_sees_it_spends_the_budget():
    world = surface()
    worst = {**optimum(world), "lr": 1.0}
    knowing = Trial(world, RULES, 6).run(lambda known, pending: optimum(world), Random(0))
    assert knowing == Spent(True, 1, 6)
    assert Trial(world, RULES, 6).run(lambda known, pending: worst, Random(0)) == Spent(False, 6, 6)


def test_a_proposal_sees_what_is_settled_and_of_the_others_the_settings_alone():
    world, asked = surface(), []
    full = {**optimum(world), "size": 4, "depth": 4, "batch_size": 256}

    def propose(known, pending):
        asked.append((known, pending))
        return full if len(asked) == 2 else {**optimum(world), "weight_decay": 0.1, "epochs": len(asked)}

    Trial(world, Rules(0.99, 1.0, 1 / 2000, 1 / 2000), 4).run(propose, Random(0))
    assert [(len(known), len(pending)) for known, pending in asked] == [(0, 0), (0, 1), (1, 1), (2, 1)]
    first, second = (each.line for each in asked[-1][0])
    assert (first.outcome, first.n, first.mean) == ("Dropped", 1, first.scores[0])
    assert (second.outcome, second.reason, second.mean) == ("Failed", "OutOfMemory", None)


def test_a_contest_comes_out_the_same_again():
    first, second = (contests.Contest(1).run((50,), 8) for _ in range(2))
    assert first == second
    assert {name for _, name in first} == set(proposers.PROPOSERS)


def test_what_never_got_there_counts_as_longest():
    got = [Spent(True, 5, 10)] * 3 + [Spent(False, 4, 8)] * 2
    assert comparing.median(comparing.lengths(got, "seeds")) == "10"
    assert comparing.median(comparing.lengths(got[2:], "experiments")) == "∞"


def test_the_interval_of_a_difference():
    ours, theirs = np.arange(50.0), np.arange(50.0) + 20
    found = comparing.fewer(ours, theirs)
    assert (found.median, found.low, found.high) == (20, 20, 20)  # paired: each differs by 20
    shuffled = comparing.fewer(ours, Random(0).sample(list(theirs), 50) * np.ones(1))
    assert shuffled.median == 20 and shuffled.low < 15 and shuffled.high > 25
    never = np.full(50, np.inf)
    assert str(comparing.fewer(ours, never)) == "∞ [∞, ∞]"
    assert str(comparing.fewer(never, never)) == "0 [0, 0]"
