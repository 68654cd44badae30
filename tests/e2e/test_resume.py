"""A goal that is killed ends as one that is not: the same search, verdict and numbers, nothing trained twice.

Real processes, real data, the command line: `kill -9` of the whole process tree at random moments, then
`resume`. Wall-clock figures (times, GPU seconds) are all that may differ.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.documents import FolderDocuments
from seedbed.cli.read_ledger import read_ledger
from seedbed.engine.ledger import ledger_prefix
from seedbed.engine.usage import by_source
from seedbed.local.folder import Folder
from seedbed.local.store import FolderStore
from seedbed_runner.contract.records import RunResult

pytestmark = pytest.mark.slow

MANIFEST = """
apiVersion: seedbed.dev/v1alpha1
kind: ResearchGoal
metadata: {{name: iris}}
spec:
  goal: Tell three kinds of irises apart
  dataset: {{name: iris}}
  objective: {{metric: accuracy, target: {target}}}
  budget: {{experiments: {experiments}, parallel: {parallel}}}
"""
COMMAND = [str(Path(sys.executable).with_name("research-agent"))]
WALL_CLOCK = {"seconds", "gpu_seconds", "train_seconds", "started_at", "finished_at", "peak_memory_bytes"}


def write(tmp_path: Path, parallel=2, target=0.9, experiments=6) -> Path:
    path = tmp_path / "iris.yaml"
    path.write_text(MANIFEST.format(parallel=parallel, target=target, experiments=experiments))
    return path


def start(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def tree(pid: int) -> list[int]:
    """A process and everything below it, outermost first."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return [pid]
    return [pid, *(deeper for child in children for deeper in tree(int(child)))]


def kill_tree(pid: int) -> None:
    for each in tree(pid):
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass


def wait_for_a_run(process: subprocess.Popen) -> None:
    """Until it has a run under way: itself, the warm parent, the run's process and the train child."""
    end = time.monotonic() + 120
    while process.poll() is None and len(tree(process.pid)) < 4:
        assert time.monotonic() < end, "no run began"
        time.sleep(0.02)


def without_wall_clock(value):
    if isinstance(value, dict):
        return {k: without_wall_clock(v) for k, v in value.items() if k not in WALL_CLOCK}
    if isinstance(value, list):
        return [without_wall_clock(item) for item in value]
    return value


def records(folder: Path) -> dict[str, RunResult]:
    """Every record, by experiment and seed."""
    found = {}
    for path in sorted((folder / "artifacts").glob("*/*/runs/*/s*/result.json")):
        result = RunResult.from_json(path.read_bytes())
        found[f"{result.experiment}/{result.seed}"] = result
    return found


def outcome(folder: Path) -> dict:
    """The search, the verdict and every number, of what counts."""
    status = FolderStore(Folder(folder)).read(ResearchGoal, "iris").status
    lines, attempts = status.experiments, status.attempts
    counted = {line.name: line.n for line in lines} | {a.experiment: len(a.scores) for a in attempts}
    store = FolderStore(Folder(folder))
    hashes = {}
    for name, n in counted.items():
        seeds = store.read(Experiment, name).spec.seeds[:n]
        for seed in seeds:
            result = records(folder)[f"{name}/{seed}"]
            hashes[f"{name}/{seed}"] = (result.score, result.hashes, result.fingerprint)
    return without_wall_clock(
        {
            "lines": [line.model_dump() for line in lines],
            "attempts": [attempt.model_dump() for attempt in attempts],
            "verdict": status.verdict.model_dump() if status.verdict else None,
            "claim": status.claim.model_dump() if status.claim else None,
            "records": hashes,
        }
    )


def comparable(value: dict) -> str:
    """UIDs are the one thing that two goals never share; they stand in the runs' request hashes alone."""
    for _, hashes, _ in value["records"].values():
        hashes.pop("request", None)
    return json.dumps(value, sort_keys=True, indent=1)


def run_to_end(manifest: Path, folder: Path, *more: str) -> tuple[int, str]:
    process = start("run", str(manifest), "--folder", str(folder), "--plain", "--no-report", *more)
    said, _ = process.communicate(timeout=300)
    return process.returncode, said


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    found = {}

    def get(parallel: int) -> str:
        if parallel not in found:
            tmp_path = tmp_path_factory.mktemp(f"calm-{parallel}")
            code, said = run_to_end(write(tmp_path, parallel), tmp_path / "runs")
            assert code == 0, said
            found[parallel] = comparable(outcome(tmp_path / "runs"))
        return found[parallel]

    return get


@pytest.mark.parametrize(("parallel", "times"), [(2, 10), (1, 3), (4, 3)])
def test_killed_again_and_again_it_ends_the_same(tmp_path, undisturbed, parallel, times):
    rng = random.Random(parallel)
    manifest, folder = write(tmp_path, parallel), tmp_path / "runs"
    process = start("run", str(manifest), "--folder", str(folder), "--plain", "--no-report")
    while not (folder / "resources/researchgoals/iris.json").exists():  # before that there is no goal
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    kills, before = 0, {}
    while kills < times:
        if kills % 2:  # wherever it is; else in a run, however long this machine takes to come to one
            time.sleep(rng.uniform(0.5, 5.0))
        else:
            wait_for_a_run(process)
            time.sleep(rng.uniform(0.0, 0.5))
        if process.poll() is not None:
            break  # decided between two kills
        kill_tree(process.pid)
        process.communicate()
        kills += 1
        now = records(folder)
        assert {name: now[name] for name in before} == before, "a record changed"
        before = now
        process = start("resume", "iris", "--folder", str(folder), "--plain", "--no-report")
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert kills >= times // 2, "the goal was decided before it was disturbed"
    assert comparable(outcome(folder)) == undisturbed(parallel)
    store = FolderStore(Folder(folder))
    for name, result in before.items():
        experiment = store.read(Experiment, name.split("/")[0])
        attempts = {run.seed: run.attempt for run in experiment.status.runs}
        assert attempts[result.seed] == result.attempt, f"{name} was started again after its record"
    (source,) = by_source(read_ledger(FolderDocuments(Folder(folder)), ledger_prefix("default")))
    on_test = [each for each in records(folder).values() if each.split == "test" and each.score is not None]
    assert (source.usage.evaluations, source.usage.pending) == (len(on_test), 0)
    if times == 10:
        assert any(result.attempt > 1 for result in records(folder).values()), "no run was interrupted"


class Disturbance(threading.Thread):
    """Halts the processes below a command for random moments: runs end in another order than they would."""

    def __init__(self, pid: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.random, self.halts, self.over = pid, random.Random(seed), 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(self.random.uniform(0.1, 0.6)):
            below = tree(self.pid)[2:]  # neither the command nor its warm parent
            if below:
                self.halt(self.random.choice(below))

    def halt(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGSTOP)
            self.halts += 1
            self.over.wait(self.random.uniform(0.2, 1.5))
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass  # it ended meanwhile


@pytest.mark.parametrize(("parallel", "cores"), [(1, 1), (2, 4), (4, 2)])
def test_runs_that_end_in_another_order_give_the_same_search(tmp_path, undisturbed, parallel, cores):
    manifest, folder = write(tmp_path, parallel), tmp_path / "runs"
    process = start(
        "run", str(manifest), "--folder", str(folder), "--plain", "--no-report", "--cores", str(cores)
    )
    disturbance = Disturbance(process.pid, seed=parallel)
    disturbance.start()
    said, _ = process.communicate(timeout=600)
    disturbance.over.set()
    disturbance.join()
    assert process.returncode == 0, said
    assert disturbance.halts > 3
    assert comparable(outcome(folder)) == undisturbed(parallel)


def test_a_stop_from_another_process_pauses_and_resume_goes_on(tmp_path, undisturbed):
    manifest, folder = write(tmp_path), tmp_path / "runs"
    process = start("run", str(manifest), "--folder", str(folder), "--plain", "--no-report")
    while not records(folder):
        time.sleep(0.2)
        assert process.poll() is None
    stop = start("stop", "iris", "--folder", str(folder))
    said, _ = stop.communicate(timeout=60)
    assert stop.returncode == 0, said
    process.communicate(timeout=60)
    goal = FolderStore(Folder(folder)).read(ResearchGoal, "iris")
    assert goal.status.phase == "Suspended"
    resumed = start("resume", "iris", "--folder", str(folder), "--plain", "--no-report")
    said, _ = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, said
    assert comparable(outcome(folder)) == undisturbed(2)


def test_ctrl_c_stops_cleanly_and_resume_goes_on(tmp_path, undisturbed):
    manifest, folder = write(tmp_path), tmp_path / "runs"
    process = start("run", str(manifest), "--folder", str(folder), "--plain", "--no-report")
    while not records(folder):
        time.sleep(0.2)
        assert process.poll() is None
    below = tree(process.pid)[1:]
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "research-agent resume iris" in said
    assert below and not any(Path(f"/proc/{pid}").exists() for pid in below)
    resumed = start("resume", "iris", "--folder", str(folder), "--plain", "--no-report")
    said, _ = resumed.communicate(timeout=300)
    assert resumed.returncode == 0, said
    assert comparable(outcome(folder)) == undisturbed(2)


def test_a_second_process_in_the_same_folder_is_told_so(tmp_path):
    manifest, folder = write(tmp_path), tmp_path / "runs"
    process = start("run", str(manifest), "--folder", str(folder), "--plain", "--no-report")
    try:
        while not (folder / "resources" / "researchgoals" / "iris.json").exists():
            time.sleep(0.1)
            assert process.poll() is None
        code, said = run_to_end(manifest, folder)
        assert code == 1
        assert f"process {process.pid} works in {folder} already" in said
        assert len(said.strip().splitlines()) == 1
    finally:
        kill_tree(process.pid)
        process.communicate()
