"""Whatever goes wrong around a goal, it comes to the same: the installed operator, real runs, a real store.

Each fault has a goal of the same small manifest; what it must come to is its undisturbed run on this machine.
$SEEDBED_TEST_RESTART_API is a command that restarts the API server and returns when it answers again.
"""

import json
import math
import os
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import pytest

from e2e.conftest import PATIENCE, comparable, counted, until
from fakes.operating import TAG
from seedbed.api import ExperimentStatus
from seedbed.api.dataset import Dataset
from seedbed_runner.contract.hashing import dataset_key
from seedbed_runner.contract.records import RunResult

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

RESTART_API = os.environ.get("SEEDBED_TEST_RESTART_API")
OUTAGE = 60  # seconds without the store
SOON = 60  # seconds within which a status must say why nothing goes on
OPERATOR = "app.kubernetes.io/name=seedbed-operator"
PREPARE = "seedbed.dev/kind=prepare"
DATASET = {"name": "wine", "split": {"test": 0.3, "validation": 0.3}}
UNSEEN = {"name": "iris", "split": {"test": 0.31}}  # no other test has this one prepared
RUN = {"cpu": 0.45, "memory": "1Gi"}
KIND = {"apiVersion": "seedbed.dev/v1alpha1"}


def goal(name, **spec):
    given = {
        "goal": "Tell three kinds of wine apart",
        "dataset": DATASET,
        "objective": {"metric": "accuracy", "target": 0.7},
        "seeds": {"explore": 1, "confirm": 4},
        "budget": {"experiments": 3, "parallel": 2, "confirmations": 1},
        "resources": RUN,
    }
    return KIND | {"kind": "ResearchGoal", "metadata": {"name": name}, "spec": given | spec}


def experiment(name, **spec):
    model = {"layers": [{"type": "Linear", "out_features": "classes"}]}
    given = {"dataset": DATASET, "model": model, "seeds": [0, 1], "resources": RUN}
    return KIND | {"kind": "Experiment", "metadata": {"name": name}, "spec": given | spec}


@pytest.fixture(scope="module")
def truth(laptop, tmp_path_factory):
    """The undisturbed goal, named `calm`: what its status says, and its records."""
    manifest = tmp_path_factory.mktemp("truth") / "calm.json"
    manifest.write_text(json.dumps(goal("calm")))
    return laptop(manifest)


@pytest.fixture(scope="module")
def prepared(installed):
    """The dataset, prepared by an experiment that nobody lets run."""
    installed.apply(experiment("unapproved", approved=False))
    key = dataset_key(Dataset.model_validate(DATASET).document())
    card = f"{installed.namespace}/datasets/{key}/public/card.json"
    until(lambda: card in installed.keys(card))
    until(lambda: not [pod for pod in installed.list("pods", PREPARE) if pod["status"]["phase"] == "Running"])
    installed.kubectl("delete", "exp", "unapproved")


def status_of(installed, name):
    """An experiment's status, also while there is none yet."""
    return ExperimentStatus.model_validate(installed.get("exp", name).get("status", {}))


def jobs_of(installed, name):
    return installed.list("jobs", f"seedbed.dev/experiment={name}")


def conditions(installed, kind, name):
    found = installed.get(kind, name).get("status", {}).get("conditions", ())
    return {condition["type"]: condition for condition in found}


def operators(installed):
    """The operator's pods, and how often each was restarted."""
    return {
        pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["restartCount"]
        for pod in installed.list("pods", OPERATOR)
    }


def instant(text):
    return datetime.fromisoformat(text).timestamp()


def api_started(installed):
    """When the API server's process began, in seconds since the epoch."""
    lines = installed.kubectl("get", "--raw", "/metrics").splitlines()
    (line,) = (line for line in lines if line.startswith("process_start_time_seconds "))
    return float(line.split()[1])


class Trial:
    """One goal under a fault, and the records that were seen of it by now."""

    def __init__(self, installed, truth, name, **spec):
        self.installed, self.name = installed, name
        self.truth, self.records = truth, {}
        installed.apply(goal(name, **spec))

    def look(self):
        """See what is recorded: never something else than before."""
        for run, data in self.installed.records(self.name).items():
            assert self.records.setdefault(run, data) == data, f"{run} was recorded twice"
        return self.records

    def of(self, experiment, kind):
        """The names of an experiment's Jobs or pods."""
        label = f"seedbed.dev/experiment={self.name}-{experiment}"
        return [found["metadata"]["name"] for found in self.installed.list(kind, label)]

    def jobs(self):
        return self.installed.list("jobs", f"seedbed.dev/goal={self.name}")

    def attempts(self):
        """How many the statuses tell of: one a run, and one more for each failure of the surroundings."""
        found = self.installed.list("exp", f"seedbed.dev/goal={self.name}")
        runs = [run for each in found for run in ExperimentStatus.model_validate(each["status"]).runs]
        return sum(1 + run.failures for run in runs if run.attempt)

    def recorded(self, experiment):
        return [run for run in self.look() if run[0] == f"{self.name}-{experiment}"]

    def came_to_the_same(self):
        """Wait for the end: the verdict and all numbers are the laptop's, nothing recorded was run again."""
        status = until(lambda: self.look() and self.over(), PATIENCE)
        calm, records = self.truth
        renamed = json.loads(json.dumps(comparable(calm)).replace('"calm-', f'"{self.name}-'))
        assert comparable(status) == renamed
        for run, undisturbed in zip(counted(status), counted(calm), strict=True):
            mine = RunResult.from_json(self.look()[run])
            assert mine.hashes["predictions"] == records[undisturbed].hashes["predictions"], run
        for job in self.jobs():
            assert self.ended(job) >= instant(job["metadata"]["creationTimestamp"]), "it was run again"
        assert not [each for each in status.conditions if each.type == "Reconciled"]

    def ended(self, job):
        """When the run of a Job was recorded."""
        labels = job["metadata"]["labels"]
        data = self.records.get((labels["seedbed.dev/experiment"], int(labels["seedbed.dev/seed"])))
        return RunResult.from_json(data).finished_at if data else math.inf

    def over(self):
        status = self.installed.goal(self.name).status
        return status if status.finished else None


def kill_operators(installed):
    installed.kubectl("delete", "pod", "-l", OPERATOR, "--force", "--grace-period=0", "--wait=false")


def kill_at_random_moments(installed, times=3):
    rng = random.Random(5)
    for _ in range(times):
        time.sleep(rng.uniform(2, 18))
        kill_operators(installed)


def take_away_by_hand(trial):
    """A pod, a Job, and when a confirmation is half done all Experiments."""
    delete = partial(trial.installed.kubectl, "delete", "--wait=false")
    delete("pod", *until(lambda: trial.of("e001", "pods"), PATIENCE))
    delete("job", *until(lambda: trial.of("e002", "jobs"), PATIENCE))
    until(lambda: trial.recorded("c1"), PATIENCE)
    delete("exp", "-l", f"seedbed.dev/goal={trial.name}")


@pytest.fixture(scope="module")
def storm(installed, truth):
    """Two goals at once: the operator is killed in both, things are taken away in one."""
    killed, robbed = (Trial(installed, truth, name) for name in ("killed", "robbed"))
    with ThreadPoolExecutor() as pool:
        kills = pool.submit(kill_at_random_moments, installed)
        take_away_by_hand(robbed)
        kills.result()
    return killed, robbed


def test_an_operator_killed_at_random_moments(storm):
    killed, _ = storm
    killed.came_to_the_same()
    assert len(killed.jobs()) == killed.attempts(), "a Job that no status accounts for"


def test_jobs_pods_and_experiments_deleted_by_hand(storm):
    _, robbed = storm
    robbed.came_to_the_same()


def scale(installed, replicas):
    installed.kubectl("scale", "deploy", "seedbed", f"--replicas={replicas}")
    until(lambda: len(installed.list("pods", OPERATOR)) == replicas)


def test_a_run_whose_job_expired_while_the_operator_was_away(installed):
    installed.apply(experiment("expired"))
    until(lambda: len(jobs_of(installed, "expired")) == 2)
    scale(installed, 0)
    assert not [run for run in status_of(installed, "expired").runs if run.ended]
    until(lambda: all(job["status"].get("succeeded") for job in jobs_of(installed, "expired")))
    records = installed.records("expired")
    installed.kubectl("delete", "jobs", "-l", "seedbed.dev/experiment=expired")
    scale(installed, 1)
    until(lambda: status_of(installed, "expired").phase == "Completed")
    assert [run.attempt for run in status_of(installed, "expired").runs] == [1, 1]
    assert not jobs_of(installed, "expired")
    assert installed.records("expired") == records and len(records) == 2


def test_two_operators_at_once(installed):
    def said(words):
        pods = [pod["metadata"]["name"] for pod in installed.list("pods", OPERATOR)]
        return [pod for pod in pods if words in installed.kubectl("logs", pod, check=False)]

    (first,) = until(lambda: said("works in namespace"))
    scale(installed, 2)
    try:
        until(lambda: said(f"another operator, {first}, works there: this one waits"))
        installed.apply(experiment("shared"))
        until(lambda: status_of(installed, "shared").phase == "Completed")
        assert len(jobs_of(installed, "shared")) == 2
        assert said("works in namespace") == [first]
    finally:
        scale(installed, 1)


@pytest.mark.skipif(not RESTART_API, reason="SEEDBED_TEST_RESTART_API names no command")
def test_the_api_server_restarted(installed, truth):
    trial = Trial(installed, truth, "headless")
    until(lambda: trial.of("e001", "pods"))
    before, served_since = operators(installed), api_started(installed)
    subprocess.run(RESTART_API, shell=True, check=True)
    assert api_started(installed) > served_since
    trial.came_to_the_same()
    assert operators(installed) == before, "the operator did not live through it"


def test_the_store_stopped_for_a_minute(installed, truth):
    trial = Trial(installed, truth, "starved")
    until(lambda: trial.of("c1", "pods"), PATIENCE)
    trial.look()
    with installed.store.away():
        end = time.monotonic() + OUTAGE
        said = until(lambda: conditions(installed, "exp", "starved-c1").get("Reconciled"), SOON)
        assert (said["status"], said["reason"]) == ("False", "StorageFailed")
        assert f"{installed.store.endpoint} can't be reached" in said["message"]
        time.sleep(max(0.0, end - time.monotonic()))
    trial.came_to_the_same()


def test_an_image_that_can_not_be_pulled(installed, truth, prepared):
    trial = Trial(installed, truth, "imageless", profile="missing")
    installed.apply(goal("unprepared", profile="missing", dataset=UNSEEN))
    (run,) = until(
        lambda: [r for r in status_of(installed, "imageless-e001").runs if "Image" in (r.reason or "")], SOON
    )
    assert run.message.startswith("its image can't be pulled: ")

    def data():
        return conditions(installed, "rg", "unprepared").get("DatasetReady", {"message": ""})

    until(lambda: data()["message"].startswith("its image can't be pulled: "), SOON)
    profiles = installed.values["profiles"]
    installed.helm("upgrade", profiles=profiles | {"missing": profiles["default"]})
    until(lambda: data()["status"] == "True")
    installed.kubectl("delete", "rg", "unprepared")
    until(lambda: "delete this Experiment" in (status_of(installed, "imageless-e001").message or ""))
    assert not trial.over()
    installed.kubectl("delete", "exp", "-l", "seedbed.dev/goal=imageless")
    trial.came_to_the_same()


def cores(amount):
    """`450m` or `2` as a number."""
    return float(amount[:-1]) / 1000 if amount.endswith("m") else float(amount)


def taken(pods):
    """What these pods have of their node's cores."""

    def of(pod, kind):
        steps = [step.get("resources", {}) for step in pod["spec"].get(kind, ())]
        return [cores(each.get("requests", {}).get("cpu", "0")) for each in steps]

    alive = [pod for pod in pods if pod["status"]["phase"] in ("Pending", "Running")]
    return sum(max([sum(of(pod, "containers")), *of(pod, "initContainers")]) for pod in alive)


def occupant(node, pods):
    """A pod that leaves of a node less than a run needs."""
    free = cores(node["status"]["allocatable"]["cpu"]) - taken(pods) - RUN["cpu"] / 2
    step = {
        "name": "idle", "image": f"ghcr.io/seedbed/operator:{TAG}",
        "command": ["python", "-c", "import time; time.sleep(3600)"],
        "resources": {"requests": {"cpu": f"{max(0, int(1000 * free))}m"}},
    }  # fmt: skip
    metadata = {"generateName": "occupant-", "labels": {"app": "occupant"}}
    spec = {"nodeName": node["metadata"]["name"], "terminationGracePeriodSeconds": 0, "containers": [step]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@contextmanager
def no_room(installed):
    """Every node is full."""

    def read(*what):
        return json.loads(installed.kubectl("get", *what, "-o", "json"))["items"]

    pods = read("pods", "--all-namespaces")
    for node in read("nodes"):
        own = [pod for pod in pods if pod["spec"].get("nodeName") == node["metadata"]["name"]]
        installed.kubectl("create", "-f", "-", given=json.dumps(occupant(node, own)))
    until(lambda: all(pod["status"]["phase"] == "Running" for pod in installed.list("pods", "app=occupant")))
    try:
        yield
    finally:
        installed.kubectl("delete", "pods", "-l", "app=occupant", "--force", "--grace-period=0")


def test_a_node_without_room(installed, truth, prepared):
    def first():
        return status_of(installed, "roomless-e001").runs

    with no_room(installed):
        trial = Trial(installed, truth, "roomless", deadlines={"start": "15s"})
        (run,) = until(lambda: [run for run in first() if run.reason == "Unschedulable"], SOON)
        assert run.message.startswith("no node takes it: ") and run.phase == "Waiting"
        (run,) = until(lambda: [run for run in first() if run.failures], SOON)
        assert run.reason == "StartDeadline" and run.phase == "Waiting"
    trial.came_to_the_same()


def test_a_pod_evicted_for_its_disk(installed, prepared):
    installed.apply(goal("hoarder", profile="standin", budget={"experiments": 1}))
    status = installed.finished("hoarder").status
    assert status.phase == "NotAchieved"
    assert [(line.outcome, line.n) for line in status.experiments] == [("Failed", 0)]
    (data,) = installed.records("hoarder").values()
    assert RunResult.from_json(data).failure.reason == "Disk"
    assert status.experiments[0].reason == "Disk"
