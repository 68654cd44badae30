"""Attacks on runs in real containers, as Experiments of the installed operator: none pays there either.

tests/redteam shows each at work where nothing seals it in. The code is smuggled past the static check, which
is no defence.
"""

import pytest

from e2e.conftest import PATIENCE, until
from redteam.attacks import ending, honest, smuggled, source
from seedbed.api import Experiment
from seedbed.api.source import check
from seedbed_runner.contract.records import RunResult

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

OUT, MANY = "/job/out", 10**6
# By name: the code, and how a run of it ends.
ENDINGS = {
    "forks": (ending("fork_without_end", COUNT=10_000), "Processes"),  # 51
    "memory": (ending("reserve_memory", BYTES=2**40), "OutOfMemory"),  # 52
    "files": (ending("many_files", COUNT=MANY, OUT=OUT), "Disk"),  # 53
    "volume": (ending("much_on_disk", COUNT=MANY, OUT=OUT), "Disk"),
    "sparse": (ending("sparse_file", OUT=OUT), "Size"),  # 10
    "daemon": (ending("leave_a_daemon"), "Processes"),  # 18
    "sleeper": (ending("sleep_for_ever"), "Deadline"),  # 56
    "printer": (ending("print_without_end", COUNT=1024), None),  # 58
}


def experiment(name, text):
    spec = {
        "dataset": {"name": "iris"},
        "model": {"source": smuggled(text)},
        "training": {"epochs": 2},
        "seeds": [0],
        "resources": {"cpu": 0.4, "memory": "1Gi"},
        "deadlines": {"start": "30m", "run": "10s" if name == "sleeper" else "5m"},
        "profile": "small",
    }
    return {
        "apiVersion": "seedbed.dev/v1alpha1", "kind": "Experiment",
        "metadata": {"name": f"attack-{name}"}, "spec": spec,
    }  # fmt: skip


class Fought:
    """What became of an attack's run."""

    def __init__(self, installed, name):
        found = until(lambda: self._ended(installed, name), PATIENCE)
        (self.run,) = found.status.runs
        store, client = installed.store, installed.store.client(attempts=8)
        prefix = f"{installed.namespace}/attack-{name}-{found.metadata.uid}/"
        listed = client.list_objects_v2(Bucket=store.bucket, Prefix=prefix).get("Contents", [])
        keys = {each["Key"].rsplit("/", 1)[1]: each["Key"] for each in listed}
        stored = {
            name: client.get_object(Bucket=store.bucket, Key=keys[name])["Body"].read()
            for name in ("result.json", "log.txt")
            if name in keys
        }
        self.recorded = "result.json" in stored  # whose pod is evicted leaves no record
        self.record = RunResult.from_json(stored["result.json"]) if self.recorded else None
        self.log = stored.get("log.txt", b"").decode()

    @staticmethod
    def _ended(installed, name):
        found = Experiment.model_validate(installed.get("experiment", f"attack-{name}"))
        return found if found.status.phase in ("Completed", "Failed", "Refused") else None

    def tried(self):
        """What became of each attempt: how it ended, and the error."""
        words = (line.split(" ", 3) for line in self.log.splitlines() if line.startswith(("PAYS ", "FAILS ")))
        return {name: (ended, error) for ended, name, error, *_ in words}


@pytest.fixture(scope="module")
def fought(installed):
    """All attacks at once; what became of one by its name."""
    store = installed.store.endpoint.removeprefix("http://")
    places = {
        "API": installed.kubectl("get", "service", "-n", "default", "kubernetes", "-o",
                                 "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}"),
        "METADATA": "169.254.169.254:80", "STORE": store, "OUT": OUT,
    }  # fmt: skip
    code = {name: text for name, (text, _) in ENDINGS.items()}
    code |= {"honest": honest(), "containers": source("containers", **places)}
    small = installed.values["profiles"]["default"] | {"storage": {"out": "64Mi"}}
    installed.helm("upgrade", profiles=installed.values["profiles"] | {"small": small})
    for name, text in code.items():
        assert check(smuggled(text)) == [], "the static check is not what stops it"
        installed.apply(experiment(name, text))
    known = {}
    return lambda name: known.get(name) or known.setdefault(name, Fought(installed, name))


def test_honest_code_trains_sealed(fought):
    run = fought("honest")
    assert run.run.phase == "Scored" and run.run.assurance == run.record.assurance == "sealed"
    assert run.record.seal["landlock"].startswith("version ") and run.record.seal["seccomp"] == "filtered"


@pytest.mark.parametrize("number", ["03", "04", "20", "33", "35", "36", "37", "41", "60"])
def test_in_its_container_nothing_is_to_be_had(fought, number):
    tried = {
        name: end for name, end in fought("containers").tried().items() if name.startswith(f"try_{number}")
    }
    assert tried and {ended for ended, _ in tried.values()} == {"FAILS"}, tried
    if number in ("36", "37"):  # refused, not merely without an answer
        assert {error for _, error in tried.values()} == {"PermissionError"}


def test_03_and_05_the_score_is_that_of_an_honest_run(fought):
    forger, plain = fought("containers"), fought("honest")
    assert "accuracy 1.0" in forger.log
    assert forger.record.hashes["predictions"] == plain.record.hashes["predictions"]
    assert forger.run.score == plain.run.score == forger.record.score < 1.0


@pytest.mark.parametrize("name", ENDINGS)
def test_it_ends_as_a_result_and_nothing_of_it_stays(fought, name):
    due, run = ENDINGS[name][1], fought(name)
    assert (run.run.reason, run.run.attempt) == (due, 1), run.run
    assert run.recorded or name == "volume"
    assert len(run.log) < 2_000_000 and ("PAYS" not in run.log or name == "sleeper")
