"""The launcher with the real runner: a warm parent, forks, records. Iris and a linear model keep it short."""

import asyncio
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.memory import card, goal
from seedbed.api import Experiment, ResearchGoal
from seedbed.api.training import ModelSpec, Training
from seedbed.engine.actions import Propose
from seedbed.engine.naming import result_key
from seedbed.errors import InvalidInput, LauncherFailed
from seedbed.local import permission
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.folder import Folder
from seedbed.local.launcher import ProcessLauncher, available_cores
from seedbed.local.warm import WarmParent, runner_environment
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment, build_request
from seedbed.world import Profile
from seedbed_runner.contract.records import RunResult

LINEAR = {"layers": [{"type": "Linear", "out_features": "classes"}]}


def iris(**spec) -> ResearchGoal:
    made = goal(dataset={"name": "iris"}, **spec)
    return made.model_copy(update={"metadata": made.metadata.model_copy(update={"uid": "uid"})})


def experiment(asked, data_hash, epochs=1, index=1) -> Experiment:
    proposal = Proposal(hypothesis="", model=LINEAR, training={"epochs": epochs})
    return build_experiment(
        asked, Propose(index, 0), proposal, card(data_hash=data_hash), Profile(device="cpu")
    )


def test_code_that_is_not_allowed_is_not_even_queued(tmp_path, monkeypatch):
    monkeypatch.setattr(permission, "missing_seal", lambda: "no Landlock")
    proposal = Proposal(hypothesis="", model=ModelSpec(source="# a module"), training=Training())
    coded = build_experiment(iris(), Propose(1, 0), proposal, card(), Profile())

    async def body(launcher):
        with pytest.raises(InvalidInput, match="add `--allow-unsealed`, and no claim"):
            await start(launcher, coded, 0)
        assert await launcher.observe(coded) == {} and not any(tmp_path.glob("work/*"))

    with_launcher(tmp_path, body)


async def ready(launcher, asked):
    await launcher.prepare(asked)
    while (seen := await launcher.observe_preparation(asked)).phase == "Running":
        launcher.changed.clear()
        await launcher.changed.wait()
    return seen


async def start(launcher, made, seed, attempt=1):
    await launcher.start(made, build_request(made, seed, attempt, made.spec.data_hash))


async def until(launcher, made, condition, patience=60.0):
    end = time.monotonic() + patience
    while not condition(seen := await launcher.observe(made)):
        assert time.monotonic() < end, seen
        launcher.changed.clear()
        await asyncio.wait_for(launcher.changed.wait(), patience)
    return seen


def with_launcher(tmp_path: Path, body, cores=1):
    async def main():
        folder = Folder(tmp_path)
        folder.create()
        launcher = ProcessLauncher(folder, cores)
        try:
            await body(launcher)
        finally:
            await launcher.close()

    asyncio.run(main())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_training_side_inherits_nothing_secret(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("SEEDBED_LLM_API_KEY", "secret")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "avx2")
    given = runner_environment()
    assert "secret" not in given.values()
    assert given["OMP_NUM_THREADS"] == "1" and given["ATEN_CPU_CAPABILITY"] == "avx2"


@pytest.mark.slow
def test_a_dataset_is_prepared_once_and_an_unknown_one_is_a_sentence(tmp_path):
    async def body(launcher):
        assert (await launcher.observe_preparation(iris())).phase == "Absent"
        seen = await ready(launcher, iris())
        assert seen.phase == "Ready" and seen.card.classes == 3
        nowhere = goal(dataset={"name": "nowhere"})
        failed = await ready(launcher, nowhere)
        assert failed.phase == "Failed" and "nowhere" in failed.message and "iris" in failed.message

    with_launcher(tmp_path, body)


@pytest.mark.slow
def test_runs_take_a_core_each_and_leave_their_records(tmp_path):
    async def body(launcher):
        asked = iris(seeds={"explore": 3})
        made = experiment(asked, (await ready(launcher, asked)).card.data_hash)
        for seed in made.spec.seeds:
            await start(launcher, made, seed)
            await start(launcher, made, seed)  # what runs already is not started again
        most = 0
        while any(seen.phase != "Ended" for seen in (await launcher.observe(made)).values()):
            most = max(most, len(launcher.running()))
            launcher.changed.clear()
            await asyncio.wait_for(launcher.changed.wait(), 60)
        assert most == 1
        assert all(seen.failure is None for seen in (await launcher.observe(made)).values())
        artifacts = FolderArtifacts(launcher.folder.artifacts)
        records = [RunResult.from_json(artifacts.read(result_key(made, seed))) for seed in made.spec.seeds]
        assert [record.seed for record in records] == made.spec.seeds
        assert {record.outcome for record in records} == {"Scored"}
        assert list(launcher.folder.work.iterdir()) == []

    with_launcher(tmp_path, body)


@pytest.mark.slow
def test_a_stopped_run_is_dead_and_unrecorded(tmp_path):
    async def body(launcher):
        asked = iris()
        made = experiment(asked, (await ready(launcher, asked)).card.data_hash, epochs=10_000)
        await start(launcher, made, 0)
        await start(launcher, made, 1)
        await until(launcher, made, lambda seen: seen[0].phase == "Running")
        await launcher.stop(made, 1)  # still waiting for the core
        await launcher.stop(made, 0)
        await launcher.stop(made, 0)
        assert await launcher.observe(made) == {} and launcher.running() == []
        assert FolderArtifacts(launcher.folder.artifacts).read(result_key(made, 0)) is None

    with_launcher(tmp_path, body)


@pytest.mark.slow
def test_a_dead_warm_parent_is_replaced_and_its_runs_are_reported(tmp_path):
    async def body(launcher):
        asked = iris()
        data_hash = (await ready(launcher, asked)).card.data_hash
        endless = experiment(asked, data_hash, epochs=10_000)
        await start(launcher, endless, 0)
        await until(launcher, endless, lambda seen: seen[0].phase == "Running")
        os.kill(launcher._warm.pid, signal.SIGKILL)
        seen = await until(launcher, endless, lambda seen: seen[0].phase == "Ended")
        assert (seen[0].failure, seen[0].reason) == ("Infrastructure", "LauncherDied")
        short = experiment(asked, data_hash, index=2)
        await start(launcher, short, 0)
        seen = await until(launcher, short, lambda seen: seen[0].phase == "Ended")
        assert seen[0].failure is None

    with_launcher(tmp_path, body)


@pytest.mark.slow
def test_a_warm_parent_that_dies_before_it_is_ready_is_replaced(tmp_path):
    async def body(launcher):
        asked = iris()
        made = experiment(asked, (await ready(launcher, asked)).card.data_hash)
        await launcher._warm.close()  # the one that `prepare` started
        await until(launcher, made, lambda seen: launcher._warm is None or launcher._warm.pid is None)
        launcher._warm, launcher._ready = None, False
        await start(launcher, made, 0)
        os.kill(launcher._warm.pid, signal.SIGKILL)
        seen = await until(launcher, made, lambda seen: seen[0].phase == "Ended")
        assert seen[0].failure is None

    with_launcher(tmp_path, body)


def test_an_error_while_listening_ends_the_search(tmp_path):
    async def body(launcher):
        warm = WarmParent(lambda event: launcher._send_to_nobody(), launcher._break)
        launcher._send_to_nobody = lambda: (_ for _ in ()).throw(LauncherFailed("nobody listens"))
        warm._hand_on({"event": "ready"})
        with pytest.raises(LauncherFailed, match="nobody listens"):
            await launcher.observe(experiment(iris(), "sha256:" + "0" * 64))

    with_launcher(tmp_path, body)


def test_what_stays_in_a_work_folder_stops_nothing(tmp_path, monkeypatch):
    async def body(launcher):
        made = experiment(iris(), "sha256:" + "0" * 64)
        monkeypatch.setattr(launcher, "warm_up", lambda: asyncio.sleep(0))
        await start(launcher, made, 0)
        launcher._active.add(("g-e001", 0))
        (launcher.folder.work / "g-e001-s0-a1").rename(launcher.folder.work / "elsewhere")
        launcher._heard({"event": "ended", "id": "g-e001-s0-a1", "class": "Recorded"})
        assert (await launcher.observe(made))[0].phase == "Ended"

    with_launcher(tmp_path, body)


@pytest.mark.slow
def test_a_device_that_is_not_there_is_no_candidates_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")

    async def body(launcher):
        made = experiment(iris(), "sha256:" + "0" * 64)
        request = build_request(made, 0, 1, made.spec.data_hash)
        await launcher.start(made, replace(request, device="cuda"))
        with pytest.raises(LauncherFailed, match="this machine has no usable CUDA device"):
            await launcher.observe(made)

    with_launcher(tmp_path, body)


def test_cores_are_those_it_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    assert 1 <= available_cores() <= 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert available_cores() >= 1


@pytest.mark.slow
def test_nothing_outlives_the_launcher(tmp_path):
    pids = []

    async def body(launcher):
        asked = iris()
        made = experiment(asked, (await ready(launcher, asked)).card.data_hash, epochs=10_000)
        await start(launcher, made, 0)
        await until(launcher, made, lambda seen: seen[0].phase == "Running")
        warm = launcher._warm.pid
        children = Path(f"/proc/{warm}/task/{warm}/children").read_text().split()
        pids.extend([warm, *map(int, children)])

    with_launcher(tmp_path, body)
    assert len(pids) >= 2
    assert not any(alive(pid) for pid in pids)


def test_a_machine_without_the_runner_is_told_so(tmp_path):
    async def body(launcher):
        launcher._heard({"event": "failed", "message": "training needs torch: install seedbed[runner]"})
        with pytest.raises(LauncherFailed, match="install seedbed\\[runner\\]"):
            await launcher.observe(experiment(iris(), "sha256:" + "0" * 64))

    with_launcher(tmp_path, body)
