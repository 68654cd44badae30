"""How new what the launcher reads is; what it makes of that, tests/cluster/test_launcher.py tries."""

import asyncio

from fakes.cluster import experiment, request, settings
from seedbed.api import ExperimentStatus
from seedbed.api.experiment import RunStatus
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.launcher import JobLauncher
from seedbed.cluster.manifests import build_run_job

PROFILE, STORE = settings().profiles["default"], settings().stores["default"]


class LateRest:
    """An API server whose memory is behind its database: a list with a bound does not hold the Jobs yet."""

    def __init__(self, *jobs):
        self.jobs, self.bounds, self.version = list(jobs), [], 40
        self.selectors = []

    async def list_all(self, path, **selectors):
        self.selectors += [selectors["labelSelector"]] if "labelSelector" in selectors else []
        if not path.endswith("/jobs"):
            return []
        self.bounds.append(selectors.get("resourceVersion"))
        return [] if "resourceVersion" in selectors else self.jobs

    async def create(self, path, job):
        self.version += 1
        return job | {"metadata": job["metadata"] | {"resourceVersion": str(self.version)}}


def launcher(rest, freshness=None):
    return JobLauncher(rest, settings(), "team", None, lambda: 0.0, freshness=freshness)


def job_of(made, attempt=1):
    job = build_run_job(made, request(made, 0, attempt), PROFILE, STORE)
    job["metadata"] |= {"uid": "uid-job", "creationTimestamp": "2026-01-01T00:00:00Z"}
    return job


def with_runs(made, **run):
    return made.model_copy(update={"status": ExperimentStatus(runs=[RunStatus(seed=0, **run)])})


def test_an_attempt_that_is_in_status_is_not_lost_because_a_list_is_old():
    made = with_runs(experiment(), attempt=1)
    rest = LateRest(job_of(made))
    seen = asyncio.run(launcher(rest).observe(made))
    assert rest.bounds == ["0", None] and seen[0].attempt == 1


def test_what_is_over_is_listed_only_when_something_is_missing():
    made = with_runs(experiment(), attempt=1)
    rest = LateRest(job_of(made))
    asyncio.run(launcher(rest).observe(made))
    of_it = "seedbed.dev/kind=run,seedbed.dev/experiment=digits-e001"
    assert rest.selectors == [f"{of_it},!seedbed.dev/over", of_it, f"{of_it},seedbed.dev/seed in (0)"]
    retried = {"attempt": 1, "retry_at": "2026-01-01T00:00:10Z"}
    rest = LateRest()
    assert asyncio.run(launcher(rest).observe(with_runs(experiment(), **retried))) == {}
    assert rest.bounds == ["0"]


def test_what_has_ended_or_was_never_tried_needs_no_second_look():
    for run in ({"attempt": 0}, {"attempt": 1, "phase": "Scored", "score": 0.9}):
        rest = LateRest()
        assert asyncio.run(launcher(rest).observe(with_runs(experiment(), **run))) == {}
        assert rest.bounds == ["0"]


def test_a_list_is_as_new_as_what_was_heard_and_written():
    made, rest, freshness = experiment(), LateRest(), Freshness()
    started = launcher(rest, freshness)
    freshness.heard("jobs", "7")
    asyncio.run(started.observe(made))
    asyncio.run(started.start(made, request(made)))
    asyncio.run(started.observe(made))
    assert rest.bounds == ["7", "41"]


def test_before_it_is_stopped_what_runs_is_read_from_the_database():
    rest = LateRest()
    asyncio.run(launcher(rest).stop(experiment(), 0))
    assert rest.bounds == [None]
