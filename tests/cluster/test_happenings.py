from fakes.driving import drive
from fakes.memory import MemoryWorld, goal
from seedbed.api import Condition, ExperimentStatus, GoalStatus
from seedbed.api.experiment import Aggregate, RunStatus
from seedbed.api.progress import Decision, Verdict
from seedbed.cluster.happenings import Happening, of_experiment, of_goal

THEN = "2026-01-01T00:00:00Z"


def condition(kind="DatasetReady", status="False", reason="StoreFailed", message="no bucket"):
    return Condition(type=kind, status=status, reason=reason, message=message, last_transition_time=THEN)


def told(before, after):
    happened = of_goal if isinstance(after, GoalStatus) else of_experiment
    return list(happened(before, after))


def test_what_blocks_a_goal_is_a_warning_and_told_once():
    blocked = GoalStatus(conditions=[condition()])
    assert told(GoalStatus(), blocked) == [Happening("StoreFailed", "no bucket", "Warning")]
    assert told(blocked, blocked) == []
    later = GoalStatus(conditions=[condition(message="wrong key")])
    assert [each.message for each in told(blocked, later)] == ["wrong key"]


def test_preparing_is_as_it_should_be():
    preparing = GoalStatus(conditions=[condition(reason="Preparing", message="preparing digits")])
    assert told(GoalStatus(), preparing) == [Happening("Preparing", "preparing digits")]


def test_decisions_and_the_verdict_are_told_once():
    first = GoalStatus(decisions=[Decision(time=THEN, message="g-e001 dropped")])
    assert told(GoalStatus(), first) == [Happening("Decided", "g-e001 dropped")]
    verdict = Verdict(verdict="Inconclusive", reason="SeedMissing", message="a seed is missing")
    ended = first.model_copy(update={"verdict": verdict, "phase": "Inconclusive"})
    assert told(first, ended) == [Happening("Inconclusive", "a seed is missing", "Warning")]
    assert told(ended, ended) == []


def test_suspending_and_resuming_are_told():
    suspended = GoalStatus(phase="Suspended")
    assert [each.reason for each in told(GoalStatus(), suspended)] == ["Suspended"]
    assert [each.reason for each in told(suspended, GoalStatus())] == ["Resumed"]


def run(**update):
    return RunStatus(**({"seed": 3, "attempt": 1} | update))


def test_why_a_run_waits_is_told_when_it_changes():
    waits = ExperimentStatus(runs=[run(reason="Unschedulable", message="no node has a GPU")])
    (happening,) = told(ExperimentStatus(), waits)
    assert happening == Happening("Unschedulable", "seed 3 waits: no node has a GPU", "Warning", 3)
    again = ExperimentStatus(runs=[run(reason="Unschedulable", message="still no node has a GPU")])
    assert told(waits, again) == []
    assert told(waits, ExperimentStatus(runs=[run(phase="Running")])) == []


def test_what_every_run_waits_for_is_not_told():
    starts = ExperimentStatus(runs=[run(reason="Starting", message="its pod starts")])
    assert told(ExperimentStatus(), starts) == []


def test_the_end_of_a_run_is_told_by_its_kind():
    before = ExperimentStatus(runs=[run(phase="Running")])
    scored = run(phase="Scored", score=0.97125)
    assert told(before, ExperimentStatus(runs=[scored])) == [Happening("Scored", "seed 3: 0.9712", seed=3)]
    failed = run(phase="Failed", reason="OutOfMemory", message="2Gi were not enough")
    (happening,) = told(before, ExperimentStatus(runs=[failed]))
    assert (happening.type, happening.reason) == ("Warning", "OutOfMemory")
    lost = run(phase="Waiting", failures=1, reason="NodeLost", message="node1 is gone")
    (happening,) = told(before, ExperimentStatus(runs=[lost]))
    assert happening.message == "seed 3: attempt 1 was lost, to be tried again: node1 is gone"


def test_an_experiment_that_is_over_says_its_mean():
    over = ExperimentStatus(phase="Completed", aggregate=Aggregate(n=2, mean=0.5))
    assert told(ExperimentStatus(), over) == [Happening("Completed", "completed, mean 0.5000 over 2")]


def test_a_whole_goal_tells_each_decision_and_each_run_once():
    memory = MemoryWorld(goal(budget={"experiments": 4, "parallel": 2}))
    heard, patch = [], memory.store.patch_status

    async def telling(resource, status):
        stored = await patch(resource, status)
        heard.extend((resource.metadata.name, each) for each in told(resource.status, status))
        return stored

    memory.store.patch_status = telling
    drive(memory, 3)
    assert len(heard) == len(set(heard))
    runs = {run.seed for each in memory.experiments() for run in each.status.runs if run.phase == "Scored"}
    assert {each.seed for _, each in heard if each.reason == "Scored"} == runs
    verdict = memory.goal.status.verdict
    assert heard[-1][1].reason == verdict.verdict or verdict.verdict in [each.reason for _, each in heard]
