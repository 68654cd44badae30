"""What becomes of goals and experiments in the hands of people, with the real operator and played runs.

One operator works for all of these tests; each has names of its own.
"""

import json
import re
import statistics
import time

import pytest
from click.testing import CliRunner

from cluster.conftest import kubectl
from fakes.cluster import LINEAR
from fakes.driving import drive, outcome
from fakes.memory import MemoryWorld, goal
from fakes.playing import operator, until
from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.main import main

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

SHORT = {"experiments": 2, "parallel": 2}
CONTINUED = {"objective": {"target": 0.905}, "budget": {"experiments": 4, "parallel": 2}}
RAISED = {"budget": {"experiments": 6}}


@pytest.fixture(scope="module")
def process(namespace, tmp_path_factory):
    with operator(namespace, tmp_path_factory.mktemp("operator")) as process:
        yield process
        assert not process.said("Traceback"), process.log.read_text()


class Place:
    """A namespace, as its people see it."""

    def __init__(self, namespace):
        self.namespace = namespace

    def kubectl(self, *arguments, given=None):
        return kubectl("-n", self.namespace, *arguments, given=given)

    def items(self, *what):
        return json.loads(self.kubectl("get", *what, "-o", "json"))["items"]

    def submit(self, name, **spec):
        document = goal(name, **spec).document() | {"metadata": {"name": name}}
        self.kubectl("create", "--validate=false", "-f", "-", given=document)

    def goal(self, name):
        return ResearchGoal.model_validate_json(self.kubectl("get", "rg", name, "-o", "json"))

    def finished(self, name):
        found = self.goal(name)
        return found if found.status.finished else None

    def change(self, name, **spec):
        self.kubectl("patch", "rg", name, "--type=merge", "-p", json.dumps({"spec": spec}))

    def experiments(self, name):
        found = [Experiment.model_validate(each) for each in self.items("exp")]
        return {each.metadata.name: each for each in found if each.metadata.name.startswith(f"{name}-")}

    def jobs(self, name):
        names = [job["metadata"]["name"] for job in self.items("jobs")]
        return [each for each in names if each.startswith(f"{name}-")]


@pytest.fixture(scope="module")
def place(namespace, process):
    return Place(namespace)


class Decided:
    """What `outcome` reads."""

    def __init__(self, found):
        self.goal = found


@pytest.fixture(scope="module")
def continued(place):
    """A goal that ended with its budget, as it was then, and after the budget was raised."""
    place.submit("continued", **CONTINUED)
    ended = until(lambda: place.finished("continued"))
    place.change("continued", **RAISED)
    until(lambda: place.goal("continued").status.verdict != ended.status.verdict)
    return ended, until(lambda: place.finished("continued"))


def test_a_raised_budget_goes_on_with_the_attempts_and_the_alpha_spent(continued):
    ended, found = continued
    assert (ended.status.phase, found.status.phase) == ("NotAchieved", "Achieved")
    first, second = found.status.attempts
    assert [first] == ended.status.attempts and second.alpha == pytest.approx(first.alpha / 4)
    memory = drive(MemoryWorld(goal("continued", **CONTINUED)), 0)
    budget = memory.goal.spec.budget.model_copy(update=RAISED["budget"])
    memory.store.change_spec(ResearchGoal, "continued", budget=budget)
    drive(memory, 0, until=lambda world: not world.goal.status.finished)
    assert outcome(Decided(found)) == outcome(drive(memory, 0))


def cells(text):
    """The cells of a table that kubectl printed, by column."""
    header, *rows = text.splitlines()
    starts = [found.start() for found in re.finditer(r"\S+", header)]
    parts = list(zip(starts, [*starts[1:], None], strict=True))
    return {header[a:b].strip(): [row[a:b].strip() for row in rows] for a, b in parts}


def test_every_column_is_filled(place, continued):
    _, found = continued
    goals = cells(place.kubectl("get", "rg", "continued", "-o", "wide"))
    assert {name: values[0] for name, values in goals.items() if name != "AGE"} == {
        "NAME": "continued", "PHASE": "Achieved", "VERDICT": "Achieved",
        "METRIC": "accuracy", "TARGET": "0.905",
        "BEST": found.status.best.in_short, "CLAIM": found.status.claim.in_short,
        "EXPERIMENTS": "5", "ATTEMPTS": "2",
        "REASON": found.status.verdict.reason, "DATASET": "True", "GOAL": "a test",
    }  # fmt: skip
    made = cells(place.kubectl("get", "exp", "-l", "seedbed.dev/goal=continued", "-o", "wide"))
    assert set(made.pop("CHANGE")) == {""}  # the played planner says nothing of it
    assert all(all(values) for values in made.values()), made
    assert {"Explore", "Control", "Confirm"} == set(made["PURPOSE"]) and {"continued"} == set(made["GOAL"])


def test_describe_tells_what_happened(place, continued):
    told = until(lambda: place.kubectl("describe", "rg", "continued").partition("Events:")[2])
    for reason in ("ExperimentMade", "Decided", "NotAchieved", "Achieved"):
        assert re.search(rf"^  \w+ +{reason} ", told, re.MULTILINE), told
    told = place.kubectl("describe", "exp", "continued-e001").partition("Events:")[2]
    assert re.search(r"^  Normal +Scored .*seed 0: 0\.\d{4}", told, re.MULTILINE), told


def test_proposals_wait_until_a_person_approves(place):
    def approve(*which):
        done = CliRunner().invoke(main, ["approve", "manual", *which, "--namespace", place.namespace])
        assert done.exit_code == 0, done.output

    place.submit("manual", approval="Manual", budget=SHORT)
    until(lambda: {e.status.phase for e in place.experiments("manual").values()} == {"Pending"})
    assert len(place.experiments("manual")) == 2 and not place.jobs("manual")
    assert "`research-agent approve`" in place.experiments("manual")["manual-e001"].status.message
    approve("2")
    until(lambda: place.experiments("manual")["manual-e002"].status.runs[0].ended)
    assert not place.jobs("manual-e001") and not place.goal("manual").status.experiments
    approve()
    found = until(lambda: place.finished("manual"))
    assert outcome(Decided(found)) == outcome(drive(MemoryWorld(goal("manual", budget=SHORT)), 0))


def test_a_goal_that_is_over_goes_when_its_time_has_come_and_leaves_its_artifacts(place, process):
    place.submit("brief", ttlAfterFinished="2s", budget=SHORT)
    until(lambda: place.finished("brief"))
    assert place.experiments("brief") and place.jobs("brief")
    until(lambda: "brief" not in [each["metadata"]["name"] for each in place.items("rg")], 10)
    until(lambda: not place.experiments("brief") and not place.jobs("brief"))
    left = [path.name for path in process.kept.iterdir() if "brief-" in path.name]
    assert any("~proposals~" in name for name in left)
    assert any(name.endswith("~result.json") for name in left)


def test_a_goal_that_is_deleted_in_the_middle_ends_its_jobs(place):
    place.submit("doomed", objective={"target": 0.99}, budget={"experiments": 40, "parallel": 4})
    until(lambda: place.jobs("doomed"))
    place.kubectl("delete", "rg", "doomed", "--wait=false")
    until(lambda: not place.experiments("doomed") and not place.jobs("doomed"))
    time.sleep(1)
    assert not place.experiments("doomed") and not place.jobs("doomed")


def test_an_experiment_by_itself_shows_what_its_runs_say_together(place):
    spec = {
        "dataset": {"name": "digits"}, "model": LINEAR, "seeds": [3, 4, 5], "hypothesis": "quality 0.93",
    }  # fmt: skip
    document = {"apiVersion": "seedbed.dev/v1alpha1", "kind": "Experiment", "metadata": {"name": "alone-1"}}
    place.kubectl("create", "--validate=false", "-f", "-", given=document | {"spec": spec})

    def over():
        status = place.experiments("alone")["alone-1"].status
        return status if status.phase == "Completed" else None

    status = until(over)
    scores = [run.score for run in status.runs]
    assert [run.seed for run in status.runs] == [3, 4, 5] and len(set(scores)) == 3
    total = status.aggregate
    assert (total.n, total.mean) == (3, pytest.approx(statistics.mean(scores)))
    assert total.low < total.mean < total.high
    printed = cells(place.kubectl("get", "exp", "alone-1"))
    assert (printed["PHASE"], printed["MEAN"]) == (["Completed"], [total.in_short])
    assert total.in_short == (
        f"{total.mean:.4f} [{total.low:.4f}, {total.high:.4f}], {total.diverged} of 3 diverged"
    )
    place.kubectl("delete", "exp", "alone-1", "--wait=false")
    until(lambda: not place.jobs("alone-1"))
