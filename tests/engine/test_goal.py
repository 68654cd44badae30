"""Goals through the reconcilers, in a world in memory: what ends them, and with which reason."""

import math

import pytest

from fakes.driving import drive, outcome, settle
from fakes.memory import MemoryPlanner, MemoryWorld, card, gauss, goal
from seedbed.api import Experiment, ResearchGoal
from seedbed.api.asked import asked
from seedbed.api.experiment import RunStatus
from seedbed.api.goal import GoalSpec
from seedbed.engine.actions import PatchGoal
from seedbed.engine.goal import GoalState, decide_goal, static_problem
from seedbed.engine.observation import Preparation
from seedbed_runner.contract.records import RunResult


def constant(quality):
    return MemoryPlanner(lambda request, noise: quality)


def decided(spec=None, planner=None, seed=0, **launcher):
    return drive(MemoryWorld(goal(**(spec or {})), planner, **launcher), seed)


def verdict(memory):
    found = memory.goal.status.verdict
    return found.verdict, found.reason


def test_a_good_candidate_is_achieved_with_its_evidence():
    memory = decided(planner=constant(0.95))
    status = memory.goal.status
    assert verdict(memory) == ("Achieved", "Confirmed")
    claim = status.claim
    assert claim.n in (4, 6, 9, 12) and claim.bound >= 0.9 and claim.attempt == 1 and claim.index == 1
    assert claim.low < claim.mean < claim.high
    assert claim.divergence_bound == pytest.approx(1 - 0.05 ** (1 / claim.n))
    assert claim.gap == pytest.approx(claim.validation_mean - claim.mean)
    assert "at least" in claim.statement and "training randomness on this split" in claim.statement
    assert [c.status for c in status.conditions if c.type == "Achieved"] == ["True"]


def test_a_claim_rests_on_fresh_seeds_and_the_test_split_alone():
    memory = decided(planner=constant(0.95))
    explored = {s for e in memory.experiments() if e.spec.purpose == "Explore" for s in e.spec.seeds}
    confirmed = [e for e in memory.experiments() if e.spec.purpose == "Confirm"]
    assert explored.isdisjoint(s for e in confirmed for s in e.spec.seeds)
    scored = [memory.launcher.score(confirmed[0], seed) for seed in confirmed[0].spec.seeds]
    claim = memory.goal.status.claim
    assert claim.mean == pytest.approx(sum(scored[: claim.n]) / claim.n)
    records = [RunResult.from_json(data) for key, data in memory.artifacts.data.items() if "/runs/" in key]
    assert {(each.purpose, each.split) for each in records} == {
        ("Explore", "validation"),
        ("Control", "validation"),
        ("Confirm", "test"),
    }


def test_a_seed_that_ended_before_an_earlier_one_waits_for_it():
    memory = MemoryWorld(goal(), constant(0.97))
    drive(memory, 0, until=lambda world: any(e.spec.purpose == "Confirm" for e in world.experiments()))
    found = {e.metadata.name: e for e in memory.experiments()}
    confirmed = found["g-c1"]

    def looks(first):
        runs = [
            RunStatus(seed=seed, attempt=1, phase="Scored", score=0.97) for seed in confirmed.spec.seeds[:5]
        ]
        status = confirmed.status.model_copy(update={"runs": [first, *runs[1:]], "assurance": "trusted-code"})
        seen = found | {"g-c1": confirmed.model_copy(update={"status": status})}
        state = GoalState(memory.goal, Preparation("Ready", memory.launcher.card), seen, memory.now)
        patched = [action.status for action in decide_goal(state).actions if isinstance(action, PatchGoal)]
        return [memory.goal.status, *patched][-1].attempts[0].looks

    scored = RunStatus(seed=confirmed.spec.seeds[0], attempt=1, phase="Scored", score=0.97)
    assert looks(scored.model_copy(update={"phase": "Running", "score": None})) == []
    assert [look.n for look in looks(scored)] == [4]


def test_no_more_confirmation_seeds_than_the_look_needs():
    memory = decided(planner=constant(0.99))
    confirmed = next(e for e in memory.experiments() if e.spec.purpose == "Confirm")
    assert sum(run.attempt > 0 for run in confirmed.status.runs) == memory.goal.status.claim.n == 4


def test_hopeless_candidates_are_dropped_after_a_seed_and_the_goal_is_never_nominated():
    memory = decided({"budget": {"experiments": 6}}, constant(0.7))
    assert verdict(memory) == ("NotAchieved", "NeverNominated")
    lines = memory.goal.status.experiments
    assert [line.outcome for line in lines] == ["Dropped"] * 6
    assert [line.n for line in lines] == [1] * 6
    assert "not shown" in memory.goal.status.verdict.message


def test_candidates_just_below_the_target_get_their_last_chance_best_first():
    memory = decided({"budget": {"experiments": 5, "confirmations": 3}}, constant(0.8985), sd=0.002)
    attempts = memory.goal.status.attempts
    means = {line.index: line.mean for line in memory.goal.status.experiments}
    assert len(attempts) == 3 and all(attempt.last_chance for attempt in attempts)
    nominated = [means[attempt.index] for attempt in attempts]
    assert nominated == sorted(means.values(), reverse=True)[:3]
    assert verdict(memory) == ("NotAchieved", "AttemptsSpent")


def test_a_last_chance_can_win():
    memory = decided(
        {"budget": {"experiments": 2}, "objective": {"target": 0.9, "priorSd": 0.05}}, constant(0.93)
    )
    assert verdict(memory) == ("Achieved", "Confirmed")
    assert memory.goal.status.attempts[0].last_chance


def test_failed_confirmations_end_as_such():
    # on validation it looks good; the confirmations' seeds fall below
    world = MemoryWorld(goal(budget={"experiments": 2, "confirmations": 5}), constant(0.95))
    world.launcher.score = lambda experiment, seed: (
        (0.95 if experiment.spec.purpose == "Explore" else 0.88) + 1e-4 * (seed % 7)
    )
    memory = drive(world, 0)
    assert verdict(memory) == ("NotAchieved", "ConfirmationFailed")
    assert {attempt.reason for attempt in memory.goal.status.attempts} == {"Futile"}
    assert memory.goal.status.counts.confirmations == 2


def test_failures_end_the_search_and_are_counted_by_index():
    memory = decided(
        {"budget": {"experiments": 20, "failures": 3, "parallel": 1}}, fate=lambda e, seed, attempt: "Crash"
    )
    assert verdict(memory) == ("NotAchieved", "BudgetSpent")
    assert [line.outcome for line in memory.goal.status.experiments] == ["Failed"] * 3
    assert "3 experiments failed" in memory.goal.status.verdict.message


def test_a_crash_in_a_confirmation_fails_the_attempt():
    def fate(experiment, seed, attempt):
        return "Crash" if experiment.spec.purpose == "Confirm" else None

    memory = decided({"budget": {"experiments": 1}}, constant(0.95), fate=fate)
    assert verdict(memory) == ("NotAchieved", "ConfirmationFailed")
    assert "seed 1000 failed" in memory.goal.status.attempts[0].message


def test_no_claim_while_a_seed_is_missing():
    def fate(experiment, seed, attempt):
        return "Infrastructure" if experiment.spec.purpose == "Confirm" and seed == 1002 else None

    memory = decided({}, constant(0.97), fate=fate, seed=3)
    assert verdict(memory) == ("Inconclusive", "SeedMissing")
    assert memory.goal.status.claim is None
    (confirmed,) = (each for each in memory.experiments() if each.spec.purpose == "Confirm")
    first, second = (run.score for run in confirmed.status.runs[:2])
    ends = f"{(first + second) / 3:.4f} with it at the metric's worst, {(first + second + 1) / 3:.4f}"
    said = f"seed 1002 is missing (the mean over 3 seeds is {ends} at its best): the run ended without"
    assert said in memory.goal.status.verdict.message


def test_when_no_candidate_could_be_run_nothing_is_said():
    memory = decided({"budget": {"experiments": 2}}, fate=lambda e, seed, attempt: "Infrastructure")
    assert verdict(memory) == ("Inconclusive", "SeedMissing")


def test_a_missing_seed_can_be_run_after_all():
    broken = {1002}

    def fate(experiment, seed, attempt):
        return "Infrastructure" if seed in broken else None

    memory = decided({}, constant(0.97), fate=fate, seed=3)
    assert verdict(memory) == ("Inconclusive", "SeedMissing")
    broken.clear()
    for experiment in memory.experiments():
        if any(run.phase == "Missing" for run in experiment.status.runs):
            memory.store.delete(Experiment, experiment.metadata.name)
    memory.launcher.ended.clear()
    memory.store.change_spec(ResearchGoal, "g", suspend=False)
    drive(memory, 1, until=lambda world: not world.goal.status.finished)
    drive(memory, 1)
    assert outcome(memory)["claim"] == outcome(decided({}, constant(0.97)))["claim"]
    assert len(set(memory.launcher.trained)) == len(memory.launcher.trained)


def test_when_nothing_could_be_run_the_search_begins_again():
    broken = [True]

    def fate(experiment, seed, attempt):
        return "Infrastructure" if broken else None

    memory = decided({"budget": {"experiments": 2}}, constant(0.97), fate=fate)
    assert verdict(memory) == ("Inconclusive", "SeedMissing")
    broken.clear()
    for experiment in memory.experiments():
        memory.store.delete(Experiment, experiment.metadata.name)
    memory.launcher.ended.clear()
    memory.store.change_spec(ResearchGoal, "g", suspend=False)
    drive(memory, 1, until=lambda world: not world.goal.status.finished)
    drive(memory, 1)
    assert verdict(memory) == ("Achieved", "Confirmed")


def test_a_diverged_seed_stays_in_the_confirmation():
    def fate(experiment, seed, attempt):
        return "Diverged" if seed == 1001 else None

    memory = decided({"budget": {"experiments": 1}}, constant(0.97), fate=fate)
    attempt = memory.goal.status.attempts[0]
    assert attempt.outcome == "Failed" and attempt.diverged == 1 and 0.5 in attempt.scores


def test_a_search_in_which_everything_failed_says_so():
    spec = {"budget": {"experiments": 1}}
    memory = decided(spec, constant(0.97), fate=lambda experiment, seed, attempt: "Crash")
    assert verdict(memory) == ("NotAchieved", "NeverNominated")
    assert "every experiment failed, the last one by Crash: " in memory.goal.status.verdict.message


def test_a_broken_constraint_keeps_a_candidate_from_being_nominated():
    spec = {"constraints": [{"metric": "parameters", "max": 99}], "budget": {"experiments": 2}}
    memory = decided(spec, constant(0.97), parameters=100)
    assert [line.outcome for line in memory.goal.status.experiments] == ["ConstraintBroken"] * 2
    assert verdict(memory) == ("NotAchieved", "NeverNominated")


def test_what_was_not_graded_under_a_seal_is_never_achieved():
    memory = decided(planner=constant(0.97), assurance="none")
    assert verdict(memory) == ("Inconclusive", "IntegrityBlocked")
    assert memory.goal.status.claim is None


def test_a_confirmation_that_was_not_graded_under_a_seal_is_no_claim():
    memory = MemoryWorld(goal(), constant(0.97))
    end = memory.launcher.end

    def ending(key):
        memory.launcher.assurance = "limited" if key[0] == "g-c1" else "trusted-code"
        end(key)

    memory.launcher.end = ending
    assert verdict(drive(memory, 0)) == ("Inconclusive", "IntegrityBlocked")
    assert memory.goal.status.attempts[0].reason == "NotAssured"


def test_the_deadline_ends_the_search_and_pauses_dont_count():
    memory = MemoryWorld(goal(budget={"deadline": "1h", "experiments": 200}), constant(0.7))

    def step(world, turn, rng):
        if turn == 200:
            world.store.change_spec(ResearchGoal, "g", suspend=True)
        if turn == 260:
            assert world.goal.status.phase == "Suspended" and not world.goal.status.finished
            world.now += 100 * 3600
            world.store.change_spec(ResearchGoal, "g", suspend=False)
        if turn == 500:
            assert not world.goal.status.finished
            world.now += 3600

    drive(memory, 0, step=step)
    assert verdict(memory) == ("NotAchieved", "BudgetSpent")
    assert "deadline of 1h" in memory.goal.status.verdict.message


def test_the_deadline_in_a_confirmation_is_inconclusive_and_a_longer_one_goes_on():
    memory = MemoryWorld(goal(budget={"deadline": "1h"}), constant(0.97))

    def confirming(world):
        confirmed = [e for e in world.experiments() if e.spec.purpose == "Confirm"]
        return confirmed and any(run.attempt for run in confirmed[0].status.runs)

    drive(memory, 0, until=confirming)
    memory.now += 3600
    drive(memory, 1)
    assert verdict(memory) == ("Inconclusive", "BudgetEndedInConfirmation")
    memory.now += 86_400
    longer = memory.goal.spec.budget.model_copy(update={"deadline": "2h"})
    memory.store.change_spec(ResearchGoal, "g", budget=longer)
    drive(memory, 2, until=lambda world: not world.goal.status.finished)
    drive(memory, 2)
    assert verdict(memory) == ("Achieved", "Confirmed")
    undisturbed = decided({"budget": {"deadline": "1h"}}, constant(0.97))
    assert outcome(memory)["claim"] == outcome(undisturbed)["claim"]


def test_raising_the_experiments_goes_on_where_it_ended():
    def rising(request, noise):
        return 0.7 if request.index <= 3 else 0.96

    memory = decided({"budget": {"experiments": 3}}, MemoryPlanner(rising))
    assert verdict(memory) == ("NotAchieved", "NeverNominated")
    trained = len(memory.launcher.trained)
    more = memory.goal.spec.budget.model_copy(update={"experiments": 5})
    memory.store.change_spec(ResearchGoal, "g", budget=more)
    drive(memory, 1, until=lambda world: not world.goal.status.finished)
    drive(memory, 1)
    assert verdict(memory) == ("Achieved", "Confirmed")
    assert memory.goal.status.claim.index == 4
    assert len(memory.launcher.trained) > trained


def test_attempts_and_alpha_carry_over_a_raised_budget():
    world = MemoryWorld(goal(budget={"experiments": 2, "confirmations": 1}), constant(0.95))
    world.launcher.score = lambda e, seed: (
        (0.95 if e.spec.purpose == "Explore" or seed >= 2000 else 0.88) + 1e-4 * (seed % 7)
    )
    memory = drive(world, 0)
    assert verdict(memory) == ("NotAchieved", "AttemptsSpent")
    more = memory.goal.spec.budget.model_copy(update={"confirmations": 3})
    memory.store.change_spec(ResearchGoal, "g", budget=more)
    drive(memory, 1, until=lambda world: not world.goal.status.finished)
    drive(memory, 1)
    claim = memory.goal.status.claim
    assert claim.attempt == 2 and claim.alpha == pytest.approx(0.0075991, abs=1e-6)
    assert claim.alpha_spent == pytest.approx(0.0303964 + 0.0075991, abs=1e-6)


def test_achieved_stays_achieved_whatever_the_budget_becomes():
    memory = decided(planner=constant(0.97))
    before = memory.goal.status
    memory.store.change_spec(ResearchGoal, "g", budget=before.budget and memory.goal.spec.budget)
    settle(memory)
    assert memory.goal.status.verdict == before.verdict and memory.goal.status.phase == "Achieved"


def test_manual_approval_starts_nothing_until_a_person_says_so():
    memory = MemoryWorld(goal(approval="Manual"), constant(0.97))

    def step(world, turn, rng):
        if turn == 300:
            assert not world.launcher.trained and len(world.experiments()) == 2
            for experiment in world.experiments():
                world.store.change_spec(Experiment, experiment.metadata.name, approved=True)

    drive(memory, 0, step=step)
    assert verdict(memory) == ("Achieved", "Confirmed")


def test_gpu_hours_keep_the_reserve_of_a_confirmation():
    # 12 runs of 1 h for a confirmation, 2 for its control; 15.9 h leave less than an exploration of 2 runs
    short = {"resources": {"gpus": 1}, "deadlines": {"run": "1h"}}
    memory = decided(short | {"budget": {"gpuHours": 15.9}}, constant(0.97))
    assert verdict(memory) == ("NotAchieved", "BudgetSpent") and not memory.launcher.trained
    enough = decided(short | {"budget": {"gpuHours": 16.0, "parallel": 2}}, constant(0.97))
    assert verdict(enough) == ("Achieved", "Confirmed")


def test_a_budget_without_a_confirmation_is_refused():
    problem = static_problem(goal(resources={"gpus": 1}, budget={"gpuHours": 3}))
    assert problem.startswith("`budget.gpuHours` is 3 but one confirmation may take 4")
    memory = decided({"resources": {"gpus": 1}, "budget": {"gpuHours": 3}})
    assert memory.goal.status.phase == "Refused"
    assert [c.message for c in memory.goal.status.conditions if c.type == "Accepted"] == [problem]


def test_a_target_that_the_test_split_cannot_show_is_refused_before_anything_runs():
    memory = decided({"objective": {"target": 0.9995}})
    assert memory.goal.status.phase == "Refused" and not memory.experiments()


def test_a_target_above_the_bayes_accuracy_is_refused():
    memory = decided({"objective": {"target": 0.95}}, card=card(bayes_accuracy=0.93))
    accepted = next(c for c in memory.goal.status.conditions if c.type == "Accepted")
    assert "no classifier can do better than 0.93" in accepted.message


def test_a_target_that_a_baseline_meets_is_said_to_be_met():
    met = card(baselines={"majority": {"accuracy": 0.5}, "linear": {"accuracy": 0.93}})
    memory = decided(planner=constant(0.97), card=met)
    ready = next(c for c in memory.goal.status.conditions if c.type == "DatasetReady")
    assert ready.message == "target already met on validation by the baseline: linear (0.9300)"


def test_data_that_cannot_be_prepared_fail_the_goal_with_the_reason():
    state = GoalState(goal(), Preparation("Failed", message="no such data"), {}, 0.0)
    (patch,) = decide_goal(state).actions
    assert patch.status.phase == "Failed"
    assert patch.status.conditions[0].message == "no such data"


def test_experiments_beyond_the_one_that_decides_are_no_part_of_the_search():
    memory = decided({"budget": {"parallel": 4}}, constant(0.97))
    assert [line.index for line in memory.goal.status.experiments] == [1]
    phases = {e.metadata.name: e.status.phase for e in memory.experiments()}
    assert {phase for name, phase in phases.items() if "g-e" in name > "g-e001"} <= {"Superseded"}


def test_nothing_stays_reserved_after_the_verdict():
    memory = decided({"resources": {"gpus": 1}, "deadlines": {"run": "1m"}}, constant(0.97))
    reserved = memory.goal.status.budget.reserved
    assert (reserved.confirmations, reserved.gpu_hours) == (0, 0.0)


def test_parallel_experiments_do_run_at_once():
    memory = MemoryWorld(goal(budget={"parallel": 4}), constant(0.7))
    drive(memory, 0, until=lambda world: len({name for name, _ in world.launcher.live}) == 4)


def test_a_proposal_sees_exactly_the_settled_experiments_before_its_window():
    seen = {}

    def quality(request, noise):
        seen[request.index] = ([t.line.index for t in request.history], len(request.pending))
        return 0.7

    decided({"budget": {"parallel": 3, "experiments": 7}}, MemoryPlanner(quality), seed=5)
    assert seen == {k: (list(range(1, max(0, k - 3) + 1)), min(2, k - 1)) for k in range(1, 8)}


def test_status_stays_below_its_limit_with_every_field_full():
    memory = decided(
        {"budget": {"experiments": 200, "parallel": 8, "failures": 200}, "seeds": {"explore": 5}},
        MemoryPlanner(lambda request, noise: 0.9 + 1e-3 * gauss(request.index)),
        fate=lambda e, seed, attempt: None,
        sd=0.004,
    )
    assert len(memory.goal.status.model_dump_json(by_alias=True)) < 100_000


def test_the_mean_is_nominated_and_not_the_best_seed():
    world = MemoryWorld(goal(budget={"experiments": 1}), constant(0.9))
    world.launcher.score = lambda experiment, seed: {0: 0.93, 1: 0.897}.get(seed, 0.5)  # .9135 ≥ .9 + .01
    assert drive(world, 0).goal.status.attempts[0].last_chance is False
    below = MemoryWorld(goal(budget={"experiments": 1}), constant(0.9))
    below.launcher.score = lambda experiment, seed: {0: 0.93, 1: 0.889}.get(seed, 0.5)  # .9095 < .91 < .93
    assert drive(below, 0).goal.status.attempts[0].last_chance is True


def test_a_diverged_seed_keeps_its_score_in_the_exploration():
    memory = decided(
        {"budget": {"experiments": 1}},
        constant(0.97),
        fate=lambda e, seed, attempt: "Diverged" if seed == 0 else None,
    )
    (line,) = memory.goal.status.experiments
    assert (line.outcome, line.scores, line.diverged) == ("Dropped", [0.5], [True])


def test_an_exploration_runs_a_seed_at_a_time():
    memory = MemoryWorld(goal(seeds={"explore": 3}, budget={"parallel": 1}), constant(0.97))
    most = 0

    def step(world, turn, rng):
        nonlocal most
        most = max(most, sum(name == "g-e001" for name, _ in world.launcher.live))

    drive(memory, 0, step=step)
    assert most == 1 and memory.goal.status.experiments[0].n == 3


def test_the_floor_of_a_confirmation_is_the_test_splits_resolution():
    # four equal scores: t = (.95 - .9) * 2 / r; r = 1/50 gives 5 < 5.023, r = 1/1000 would give 100
    world = MemoryWorld(
        goal(budget={"experiments": 1}), constant(0.95), card=card(test=50, validation=1000), sd=0.0
    )
    memory = drive(world, 0)
    assert memory.goal.status.attempts[0].looks[0].statistic == pytest.approx(5.0)
    assert memory.goal.status.attempts[0].looks[0].decision == "Continue"


def test_a_stricter_confidence_spends_less():
    memory = decided({"objective": {"target": 0.9, "confidence": 0.99}}, constant(0.97))
    assert memory.goal.status.attempts[0].alpha == pytest.approx(6 * 0.01 / math.pi**2)


def test_other_data_than_the_search_began_on_end_it_with_a_sentence():
    memory = MemoryWorld(goal(), constant(0.7))
    drive(memory, 0, until=lambda world: len(world.goal.status.experiments) == 3)
    memory.launcher.card = card(data_hash="sha256:" + "1" * 64)
    drive(memory, 1)
    assert memory.goal.status.phase == "Failed" and memory.goal.status.verdict is None
    ready = next(c for c in memory.goal.status.conditions if c.type == "DatasetReady")
    assert ready.reason == "DatasetChanged" and "sha256:000000000000…" in ready.message
    assert not any(e.spec.data_hash.endswith("1") for e in memory.experiments())


def own(target=0.9, **objective):
    """A goal that names no metric."""
    named = goal(objective={"target": target} | objective)
    objective = named.spec.objective.model_copy(update={"named_metric": None})
    return named.model_copy(update={"spec": named.spec.model_copy(update={"objective": objective})})


@pytest.mark.parametrize(
    ("known", "metric"),
    [({}, "accuracy"), ({"metric": "matthews"}, "matthews"), ({"task": "regression"}, "r2")],
)
def test_without_a_metric_it_is_the_datas_own(known, metric):
    state = GoalState(own(), Preparation("Ready", card(**known)), {}, 0.0)
    (patch,) = [each for each in decide_goal(state).actions if isinstance(each, PatchGoal)]
    assert patch.status.metric == metric and state.goal.spec.objective.named_metric is None
    told = state.goal.model_copy(update={"status": patch.status})
    assert told.objective.metric == metric and asked(told) == f"{metric} of at least 0.9"
    assert asked(state.goal) == "the data's own metric of at least 0.9"


def test_a_metric_that_is_named_stays_whatever_the_data_say():
    state = GoalState(goal(), Preparation("Ready", card(metric="f1")), {}, 0.0)
    (patch,) = [each for each in decide_goal(state).actions if isinstance(each, PatchGoal)]
    assert patch.status.metric == "accuracy"


@pytest.mark.parametrize(
    ("known", "spec", "said"),
    [
        ({}, {"target": -0.5}, "`target` is -0.5 but accuracy must be in [0, 1]"),
        ({}, {"target": 0.1, "direction": "Minimize"}, "a better accuracy is larger: write Maximize"),
        ({"metric": "f1"}, {"also": [{"metric": "f1", "target": 0.5}]}, "not that of the objective"),
        ({"metric": "matthews"}, {"ceiling": 0.95}, "which matthews does not: leave it out"),
    ],
)
def test_what_does_not_go_with_the_datas_own_metric_is_refused_in_a_sentence(known, spec, said):
    wanted = GoalSpec.model_validate(
        {"goal": "a test", "dataset": {"name": "digits"}, "objective": {"target": 0.9} | spec}
    )
    made = goal().model_copy(update={"spec": wanted})
    state = GoalState(made, Preparation("Ready", card(**known)), {}, 0.0)
    (patch,) = [each for each in decide_goal(state).actions if isinstance(each, PatchGoal)]
    (refused,) = [each for each in patch.status.conditions if each.type == "Accepted"]
    assert patch.status.phase == "Refused" and said in refused.message
    assert refused.message.startswith("`metric` is left out and that of these data is ")
