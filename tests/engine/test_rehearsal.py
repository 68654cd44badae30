"""The rehearsal of a search against the search itself, run by the reconcilers in a world in memory."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.driving import drive
from fakes.memory import MemoryPlanner, MemoryWorld, gauss, goal
from seedbed.engine.intervals import SeedScores, pooled_sd
from seedbed.engine.naming import confirmation_name, exploration_name
from seedbed.engine.rehearsal import Candidate, Rehearsed, Rules, RunningSd, rehearse

EXPERIMENTS = 10


@cache
def ended_search(seed, parallel, target, explore):
    spec = goal(
        budget={"parallel": parallel, "experiments": EXPERIMENTS, "confirmations": 3},
        objective={"target": target}, seeds={"explore": explore, "root": seed},
    )  # fmt: skip
    planner = MemoryPlanner(lambda request, noise: 0.925 + 0.008 * gauss("quality", seed, request.index))

    def fate(experiment, run, attempt):
        return "Diverged" if gauss("fate", experiment.metadata.name, run) > 1.5 else None

    return drive(MemoryWorld(spec, planner, sd=0.014, fate=fate), 0)


def score_of(memory, experiment, seed):
    fate = memory.launcher.fate(experiment, seed, 1)
    return 0.5 if fate == "Diverged" else memory.launcher.score(experiment, seed)


def candidates_of(memory):
    """Every candidate's scores as far as the search needed them; the rest must not matter."""
    found = {e.metadata.name: e for e in memory.experiments()}
    status = memory.goal.status
    confirmed = {a.index: found[confirmation_name("g", a.attempt)] for a in status.attempts}
    for line in status.experiments:
        experiment = found[exploration_name("g", line.index)]
        tested = confirmed.get(line.index)
        flags = [memory.launcher.fate(experiment, seed, 1) == "Diverged" for seed in experiment.spec.seeds]
        yield Candidate(
            [score_of(memory, experiment, seed) for seed in experiment.spec.seeds],
            [score_of(memory, tested, seed) for seed in tested.spec.seeds] if tested else [],
            flags,
        )


SEARCHES = [
    (1, 1, 0.92, 2), (2, 2, 0.93, 2), (3, 3, 0.935, 2), (4, 2, 0.92, 3), (5, 4, 0.925, 2), (6, 1, 0.915, 1),
    (7, 2, 0.95, 2), (8, 2, 0.90, 2),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "parallel", "target", "explore"), SEARCHES)
def test_a_rehearsal_decides_as_the_search_does(seed, parallel, target, explore):
    memory = ended_search(seed, parallel, target, explore)
    status = memory.goal.status
    rules = Rules(target, 1.0, 1 / 1000, 1 / 1000, explore=explore, confirmations=3, parallel=parallel)
    done = rehearse(rules, candidates_of(memory))
    assert done.outcomes == [line.outcome for line in status.experiments]
    assert done.attempts == [
        (attempt.index, path) for attempt, (_, path) in zip(status.attempts, done.attempts, strict=True)
    ]
    assert [[vars(step) for step in path] for _, path in done.attempts] == [
        [look.model_dump(exclude={"also"}) for look in attempt.looks] for attempt in status.attempts
    ]
    assert done.seeds == status.counts.runs - sum(check.runs for check in status.integrity)
    assert (done.winner is not None) == (status.verdict.verdict == "Achieved")
    assert done.winner == (status.claim.index if status.claim else None)


def test_the_comparison_above_sees_every_way_a_search_can_go():
    searches = [ended_search(*case).goal.status for case in SEARCHES]
    outcomes = {line.outcome for status in searches for line in status.experiments}
    assert outcomes == {"Dropped", "NotNominated", "ConfirmationFailed", "Confirmed"}
    assert any(any(line.diverged) for status in searches for line in status.experiments)
    assert any(attempt.last_chance for status in searches for attempt in status.attempts)


flags = st.lists(st.booleans(), min_size=3, max_size=3)
triples = st.lists(st.floats(0, 1), min_size=1, max_size=3)


@given(st.lists(st.tuples(triples, flags), max_size=12), st.floats(0.2, 0.9))
def test_the_running_deviation_is_the_pooled_one_to_the_last_bit(drawn, target):
    candidates = [SeedScores(tuple(scores), tuple(bad[: len(scores)])) for scores, bad in drawn]
    running = RunningSd(target, 0.05)
    for count, candidate in enumerate(candidates):
        assert running.value == pooled_sd(candidates[:count], target, 0.05)
        running.add(candidate)


def test_the_running_deviation_leaves_its_prior():
    rng = np.random.default_rng(0)
    running, candidates = RunningSd(0.9, 0.01), []
    for pair in (0.9 + 0.004 * rng.standard_normal((60, 2))).tolist():
        candidates.append(SeedScores(tuple(pair), (False, False)))
        running.add(candidates[-1])
        assert running.value == pooled_sd(candidates, 0.9, 0.01)
    assert running.value == pytest.approx(0.004, rel=0.3)


def test_attempts_and_the_best_candidates_first_as_a_last_chance():
    flat = [Candidate([mean] * 2, [0.5] * 12) for mean in (0.901, 0.904, 0.899, 0.902)]
    done = rehearse(Rules(0.9, 1.0, 0.001, 0.001, confirmations=3), flat)
    assert [index for index, _ in done.attempts] == [2, 4, 1]
    assert done.outcomes == ["ConfirmationFailed", "ConfirmationFailed", "NotNominated", "ConfirmationFailed"]
    assert (done.explored, done.confirmed, done.winner) == (8, 12, None)


def test_the_search_ends_with_its_last_attempt():
    eager = [Candidate([0.99, 0.99], [0.5] * 12) for _ in range(5)]
    assert len(rehearse(Rules(0.9, 1.0, 0.001, 0.001, confirmations=2), eager).outcomes) == 2


def test_a_candidate_sees_the_deviation_of_those_before_its_window():
    """Five calm pairs take σ̂ from .01 to .001: then .9 is too far below .901."""
    pair = [0.901 + 0.001 / 2**0.5, 0.901 - 0.001 / 2**0.5]
    candidates = [*(Candidate(pair, [0.5] * 12) for _ in range(5)), *([Candidate([0.9] * 2, [0.5] * 12)] * 2)]

    def outcomes(parallel):
        rules = Rules(0.901, 1.0, 0.0001, 0.0001, confirmations=0, parallel=parallel)
        return rehearse(rules, candidates).outcomes[5:]

    assert outcomes(1) == ["Dropped", "Dropped"]
    assert outcomes(2) == ["NotNominated", "Dropped"]
    assert outcomes(3) == ["NotNominated", "NotNominated"]


def test_a_candidate_may_depend_on_what_became_of_those_before_it():
    done, seen = Rehearsed(), []

    def candidates():
        for _ in range(3):
            seen.append((list(done.outcomes), done.explored))
            yield Candidate([0.5, 0.5], [0.5] * 12)

    assert rehearse(Rules(0.9, 1.0, 0.01, 0.01), candidates(), done) is done
    assert seen == [([], 0), (["Dropped"], 1), (["Dropped"] * 2, 2)]
