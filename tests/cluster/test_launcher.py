"""Jobs on a real cluster, with an image that plays the steps as it is told."""

import asyncio
import json
import time
import uuid

import pytest

from fakes.cluster import IMAGE, asked, experiment, request, settings
from fakes.memory import card
from seedbed.api import ExperimentStatus
from seedbed.api.experiment import RunStatus
from seedbed.cluster.connection import connected
from seedbed.cluster.launcher import JobLauncher
from seedbed.cluster.names import card_key
from seedbed.cluster.rest import Rest
from seedbed.cluster.store import KubeStore
from seedbed.errors import ClusterFailed, InvalidInput
from seedbed_runner.contract.hashing import dataset_key

pytestmark = [pytest.mark.cluster, pytest.mark.slow]
PATIENCE = 150.0  # seconds: a kubelet measures volumes once a minute
LIGHT = {"cpu": 0.2, "memory": "64Mi"}


class Artifacts:
    """A store in memory; `trouble` is what its check says."""

    def __init__(self, trouble=None):
        self.data, self.trouble = {}, trouble

    async def get(self, key):
        return self.data.get(key)

    async def put(self, key, data):
        return self.data.setdefault(key, data) is data

    async def check(self):
        return self.trouble


class Bench:
    """A launcher over a real namespace, and experiments that really are there."""

    def __init__(self, rest, namespace, artifacts, **profile):
        self.rest, self.namespace, self.artifacts = rest, namespace, artifacts
        self.store, self.ahead = KubeStore(rest, namespace), 0.0
        self.retired = []
        self.launcher = self.other(**profile)

    def other(self, ttl=600, **profile):
        chosen = settings(max_cpu=256, **profile).model_copy(update={"job_ttl": ttl})
        return JobLauncher(
            self.rest,
            chosen,
            self.namespace,
            lambda resource: self.artifacts,
            lambda: time.time() + self.ahead,
            lambda made, timings: self.retired.append(timings),
        )

    async def experiment(self, **spec):
        name = f"t{uuid.uuid4().hex[:6]}"
        goal = await self.store.create(asked(name, **({"resources": LIGHT} | spec)))
        return await self.store.create(experiment(of=goal))

    async def start(self, made, seed=0, attempt=1, launcher=None, **steps):
        await (launcher or self.launcher).start(made, request(made, seed, attempt, **steps))

    async def until(self, made, condition, launcher=None):
        end = time.monotonic() + PATIENCE
        while not condition(seen := await (launcher or self.launcher).observe(made)):
            assert time.monotonic() < end, seen
            await asyncio.sleep(0.3)
        return seen


@pytest.fixture
def run(namespace):
    """Runs a coroutine function over a bench."""

    def with_bench(body, **options):
        async def main():
            async with connected() as client:
                artifacts = Artifacts(options.pop("trouble", None))
                return await body(Bench(Rest(client), namespace, artifacts, **options))

        return asyncio.run(main())

    return with_bench


def over(seen):
    return all(each.phase == "Ended" for each in seen.values())


def jobs(kube, made):
    selector = f"seedbed.dev/experiment={made.metadata.name}"
    return json.loads(kube("get", "jobs", "-l", selector, "-o", "json"))["items"]


def with_status(made, **run):
    status = ExperimentStatus(runs=[RunStatus(seed=0, attempt=1, **run)])
    return made.model_copy(update={"status": status})


def test_a_run_from_its_start_until_its_job_expires(run, kube):
    async def body(bench):
        made = await bench.experiment()
        assert await bench.launcher.observe(made) == {}
        await bench.start(made, fetch="check", train="check;sleep:3", score="check")
        phases = []
        await bench.until(made, lambda seen: phases.append(seen[0].phase) or seen[0].phase == "Ended")
        assert [phase for i, phase in enumerate(phases) if phase not in phases[:i]] == [
            "Waiting", "Running", "Ended",
        ]  # fmt: skip
        ended = (await bench.launcher.observe(made))[0]
        assert (ended.attempt, ended.failure, ended.message) == (1, None, "")
        assert 2.0 <= ended.seconds <= 20.0
        assert "ttlSecondsAfterFinished" not in jobs(kube, made)[0]["spec"]
        quick = bench.other(ttl=0)
        await bench.until(with_status(made, phase="Scored"), lambda seen: not jobs(kube, made), quick)
        (timings,) = bench.retired
        assert timings.queued >= 0.0 and timings.startup >= 0.0 and timings.ran >= 3.0

    run(body)


def test_how_runs_end(run):
    async def body(bench):
        made = await bench.experiment()
        unreachable = '{"infrastructure": "StoreUnreachable", "message": "nothing answers there"}'
        await bench.start(made, 0, train="say:3:" + unreachable)
        await bench.start(made, 1, train="memory")
        await bench.start(made, 2, train="fill:/job/out:40")
        await bench.start(made, 3, fetch="say:75:" + unreachable)
        await bench.start(made, 4, score="cry:1:what a pity")
        await bench.start(made, 5, fetch="fill:/job/data:40")
        seen = await bench.until(made, lambda seen: len(seen) == 6 and over(seen))
        assert {seed: (each.failure, each.reason) for seed, each in seen.items()} == {
            0: ("Model", "Crash"),
            1: ("Model", "OutOfMemory"),
            2: ("Model", "Disk"),
            3: ("Infrastructure", "StoreUnreachable"),
            4: ("Infrastructure", "ScoreFailed"),
            5: ("Infrastructure", "VolumeFull"),
        }
        assert seen[3].message == "nothing answers there" and seen[4].message == "what a pity"

    run(body)


def test_why_runs_do_not_start_is_said_within_seconds(run):
    async def body(bench):
        roomy = await bench.experiment(resources={"cpu": 200, "memory": "64Mi"})
        await bench.start(roomy)
        seen = await bench.until(roomy, lambda seen: seen[0].reason == "Unschedulable")
        assert "Insufficient cpu" in seen[0].message and seen[0].phase == "Waiting"
        imageless, made = bench.other(image="ghcr.io/seedbed/missing:1"), await bench.experiment()
        await bench.start(made, launcher=imageless)
        seen = await bench.until(made, lambda seen: "Image" in seen[0].reason, imageless)
        assert seen[0].message.startswith("its image can't be pulled: ")
        await imageless.stop(made, 0)
        await bench.launcher.stop(roomy, 0)

    run(body)


def test_a_text_that_names_a_key_of_the_store_does_not_get_it(run):
    async def body(bench):
        made, text = await bench.experiment(), "$(AWS_SECRET_ACCESS_KEY) $$(HOME)"
        await bench.start(made, fetch="tell", text=text)
        assert (await bench.until(made, over))[0].message == text

    run(body)


def test_starting_twice_is_one_job_and_a_strangers_job_is_no_run(run, kube):
    async def body(bench):
        made = await bench.experiment()
        await bench.start(made, train="sleep:60")
        await bench.start(made, train="sleep:60")
        (job,) = jobs(kube, made)
        with pytest.raises(
            ClusterFailed, match=f"^a Job named {job['metadata']['name']} is there that this run"
        ):
            await bench.start(made, train="sleep:61")
        kube("label", "job", job["metadata"]["name"], "seedbed.dev/seed=7", "--overwrite")
        kube("patch", "job", job["metadata"]["name"], "-p", '{"metadata": {"ownerReferences": null}}')
        assert await bench.launcher.observe(made) == {}
        kube("delete", "job", job["metadata"]["name"], "--wait=false")

    run(body)


def test_a_stopped_run_is_gone_and_its_pod_follows(run, kube):
    async def body(bench):
        made = await bench.experiment()
        for seed in (0, 1):
            await bench.start(made, seed, train="sleep:60")
        await bench.until(made, lambda seen: seen[0].phase == "Running")
        await bench.launcher.stop(made, 0)
        assert set(await bench.launcher.observe(made)) == {1}
        await bench.launcher.stop(made, 0)
        await bench.launcher.stop(made, 1)
        end = time.monotonic() + PATIENCE
        while (
            "No resources" not in (left := kube("get", "pods", "-l", f"seedbed.dev/goal={made.spec.goal}"))
            and left
        ):
            assert time.monotonic() < end, left
            await asyncio.sleep(1)

    run(body)


def test_the_latest_attempt_is_seen_and_what_is_told_may_go(run, kube):
    async def body(bench):
        made = await bench.experiment()
        await bench.start(made, fetch="exit:75")
        await bench.until(made, over)
        await bench.start(made, 0, 2, train="sleep:60")
        assert (await bench.launcher.observe(made))[0].attempt == 2
        again = made.model_copy(update={"status": ExperimentStatus(runs=[RunStatus(seed=0, attempt=2)])})
        assert (await bench.launcher.observe(again))[0].attempt == 2
        ttl = {job["metadata"]["labels"]["seedbed.dev/attempt"]: job["spec"].get("ttlSecondsAfterFinished")
               for job in jobs(kube, made)}  # fmt: skip
        assert ttl == {"1": 600, "2": None}
        marks = [job["metadata"]["labels"].get("seedbed.dev/over") for job in jobs(kube, made)]
        assert sorted(map(str, marks)) == ["None", "true"]
        await bench.launcher.stop(made, 0)

    run(body)


def test_a_pod_deleted_by_hand_is_no_models_failure(run, kube):
    async def body(bench):
        made = await bench.experiment()
        await bench.start(made, train="sleep:5")
        await bench.until(made, lambda seen: seen[0].phase == "Running")
        kube("delete", "pod", "-l", f"seedbed.dev/experiment={made.metadata.name}", "--wait=false")
        seen = await bench.until(made, over)  # the Job makes another pod, or fails: by Kubernetes' version
        assert seen[0].failure in (None, "Infrastructure")

    run(body)


def test_jobs_go_with_their_experiment(run, kube):
    async def body(bench):
        made = await bench.experiment()
        await bench.start(made, train="sleep:60")
        kube("delete", "experiment", made.metadata.name)
        end = time.monotonic() + PATIENCE
        while jobs(kube, made):
            assert time.monotonic() < end
            await asyncio.sleep(0.5)

    run(body)


def test_a_quota_is_a_reason_to_wait(run, kube):
    async def body(bench):
        made = await bench.experiment()
        kube("create", "quota", "full", "--hard=requests.cpu=1m")
        try:
            while "requests.cpu: " not in kube("get", "quota", "full"):
                await asyncio.sleep(0.2)
            await bench.start(made)
            seen = await bench.until(made, lambda seen: seen[0].reason == "QuotaExceeded")
            assert seen[0].phase == "Waiting" and "exceeded quota: full" in seen[0].message
        finally:
            kube("delete", "quota", "full")
        await bench.launcher.stop(made, 0)

    run(body)


def test_a_job_that_the_cluster_does_not_take_waits_and_is_tried_again(run, kube):
    async def body(bench):
        made = await bench.experiment()
        kube("create", "quota", "none", "--hard=count/jobs.batch=0")
        try:
            while "count/jobs.batch: " not in kube("get", "quota", "none"):
                await asyncio.sleep(0.2)
            await bench.start(made)
            seen = await bench.launcher.observe(made)
            assert (seen[0].phase, seen[0].reason, seen[0].attempt) == ("Waiting", "JobRefused", 1)
            assert "exceeded quota: none" in seen[0].message
            assert (await bench.launcher.observe(made))[0].since == seen[0].since
        finally:
            kube("delete", "quota", "none")
        await bench.until(made, lambda seen: seen[0].phase == "Ended")

    run(body)


def test_a_dataset_is_prepared_once_its_card_is_there(run, namespace):
    async def body(bench):
        goal = await bench.store.create(asked("ready", dataset={"name": "iris"}))
        assert (await bench.launcher.observe_preparation(goal)).phase == "Absent"
        key = card_key(namespace, dataset_key(goal.spec.dataset.document()))
        bench.artifacts.data[key] = card().to_json()
        assert (await bench.launcher.observe_preparation(goal)).card == card()

    run(body)


async def prepared(bench, goal):
    end = time.monotonic() + PATIENCE
    while (seen := await bench.launcher.observe_preparation(goal)).phase == "Running":
        assert time.monotonic() < end, seen
        await asyncio.sleep(0.3)
    return seen


def test_a_dataset_that_there_is_not(run):
    async def body(bench):
        goal = await bench.store.create(asked("no-such", dataset={"name": "cry:2:nothing-of-that-name"}))
        await bench.launcher.prepare(goal)
        await bench.launcher.prepare(goal)
        assert (await bench.launcher.observe_preparation(goal)).phase == "Running"
        seen = await prepared(bench, goal)
        assert (seen.phase, seen.message) == ("Failed", "nothing-of-that-name")

    run(body)


def test_a_preparation_in_trouble_is_tried_again(run, kube):
    async def body(bench):
        goal = await bench.store.create(asked("trouble", dataset={"name": "cry:75:nothing-answers"}))
        await bench.launcher.prepare(goal)
        seen = await prepared(bench, goal)
        assert (seen.phase, seen.reason) == ("Blocked", "PreparationFailed")
        assert seen.message == "nothing-answers"
        bench.ahead = 60.0
        assert (await bench.launcher.observe_preparation(goal)).phase == "Absent"
        await bench.launcher.prepare(goal)
        bench.ahead = 0.0
        assert (await prepared(bench, goal)).phase == "Blocked"
        found = kube("get", "jobs", "-l", "seedbed.dev/kind=prepare,seedbed.dev/attempt=2", "-o", "name")
        assert found.startswith("job.batch/prepare-")

    run(body)


def test_a_store_that_is_not_fit_blocks_before_anything_is_trained(run):
    async def body(bench):
        seen = await bench.launcher.observe_preparation(asked("any"))
        assert (seen.phase, seen.message) == ("Blocked", "there is no bucket")
        bench.artifacts.trouble = None
        assert (await bench.launcher.observe_preparation(asked("any"))).phase == "Absent"

    run(body, trouble="there is no bucket")


def test_what_the_settings_do_not_allow_is_never_started(run):
    async def body(bench):
        wanting = asked("greedy", resources={"gpus": 1})
        seen = await bench.launcher.observe_preparation(wanting)
        assert (seen.phase, seen.reason) == ("Blocked", "AboveCap")
        with pytest.raises(InvalidInput, match="^spec.resources.gpus: 1 is more than profile default allows"):
            await bench.launcher.prepare(wanting)
        made = experiment(resources={"gpus": 1})
        with pytest.raises(InvalidInput):
            await bench.launcher.start(made, request(made))

    run(body, max_gpus=0, image=IMAGE)
