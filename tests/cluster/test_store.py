"""The store over a real API server."""

import asyncio

import pytest

from fakes.cluster import asked, experiment
from seedbed.api import Experiment, GoalStatus, ResearchGoal
from seedbed.cluster.connection import connected
from seedbed.cluster.rest import Rest, path_of
from seedbed.cluster.store import KubeStore
from seedbed.errors import AlreadyExists, ClusterFailed, ClusterRefused, Conflict, InvalidManifest, NotFound

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture
def run(namespace):
    """Runs a coroutine function over a store, and the transport below it."""

    def with_store(body):
        async def main():
            async with connected() as client:
                rest = Rest(client)
                return await body(KubeStore(rest, namespace), rest)

        return asyncio.run(main())

    return with_store


def test_a_goal_comes_back_as_it_went(run, namespace):
    async def body(store, rest):
        sent = asked("round-trip", dataset={"name": "iris"}, namespace="elsewhere")
        made = await store.create(sent)
        assert made.metadata.uid not in ("", sent.metadata.uid) and made.metadata.resource_version
        assert made.metadata.namespace == namespace and made.metadata.creation_timestamp
        assert made.spec == sent.spec and made.status == GoalStatus()
        assert await store.get(ResearchGoal, "round-trip") == made
        with pytest.raises(AlreadyExists, match="^there is a ResearchGoal named round-trip already$"):
            await store.create(sent)

    run(body)


def test_what_is_not_there_is_none(run):
    assert run(lambda store, rest: store.get(ResearchGoal, "nobody")) is None
    assert run(lambda store, rest: store.get(Experiment, "../researchgoals/x")) is None


def test_a_status_is_replaced_whole_and_only_if_nothing_changed(run):
    async def body(store, rest):
        made = await store.create(asked("status"))
        status = GoalStatus(phase="Searching", start_time="2026-01-01T00:00:00Z", open={"a": 1, "b": 2})
        first = await store.patch_status(made, status)
        assert first.status == status and first.spec == made.spec
        second = await store.patch_status(
            first, status.model_copy(update={"start_time": None, "open": {"b": 1}})
        )
        assert second.status.start_time is None and second.status.open == {"b": 1}
        assert second.metadata.generation == made.metadata.generation
        with pytest.raises(Conflict, match="^the ResearchGoal status was changed by somebody else$"):
            await store.patch_status(first, status)
        with pytest.raises(Conflict):
            await store.delete(ResearchGoal, "status", version=first.metadata.resource_version)
        await store.delete(ResearchGoal, "status", version=second.metadata.resource_version)
        with pytest.raises(NotFound, match="^the ResearchGoal status is gone$"):
            await store.patch_status(second, status)
        await store.delete(ResearchGoal, "status")

    run(body)


def test_a_spec_is_changed_field_by_field(run):
    async def body(store, rest):
        made = await store.create(asked("suspended", ttlAfterFinished="1h"))
        changed = await store.patch_spec(made, suspend=True, ttl_after_finished=None)
        assert changed.spec == made.spec.model_copy(update={"suspend": True, "ttl_after_finished": None})
        assert changed.metadata.generation == made.metadata.generation + 1
        with pytest.raises(Conflict):
            await store.patch_spec(made, suspend=False)

    run(body)


def test_experiments_are_listed_by_name_with_their_owner(run):
    async def body(store, rest):
        owner = await store.create(asked("family"))
        for index in (2, 1):
            await store.create(experiment(of=owner, index=index))
        found = await store.list_all(Experiment)
        assert [each.metadata.name for each in found] == ["family-e001", "family-e002"]
        assert {each.metadata.owner_references[0].uid for each in found} == {owner.metadata.uid}

    run(body)


def damaged(name, namespace):
    """A goal that the schema lets pass and the models don't: its target is beyond what the metric can be."""
    body = asked(name).document()
    body["metadata"] = {"name": name, "namespace": namespace}
    body["spec"]["objective"]["target"] = 97.0
    del body["status"]
    return body


def test_what_is_no_resource_says_so_on_itself_and_disturbs_nobody(run, namespace, caplog):
    path = path_of("seedbed.dev/v1alpha1", namespace, "researchgoals")
    sentence = "spec.objective.target: `target` is 97 but accuracy must be in [0, 1]; did you mean 0.97?"

    async def body(store, rest):
        try:
            await rest.create(path, damaged("damaged", namespace))
        except ClusterRefused:
            pytest.skip("this API server runs the rules of the schema: nothing wrong gets in")
        for _ in range(2):
            with pytest.raises(InvalidManifest) as raised:
                await store.get(ResearchGoal, "damaged")
            assert raised.value.problems == [sentence]
        there = await rest.get(f"{path}/damaged")
        (condition,) = there["status"]["conditions"]
        assert (condition["type"], condition["status"], condition["message"]) == (
            "Reconciled",
            "False",
            sentence,
        )
        version = there["metadata"]["resourceVersion"]
        assert "damaged" not in [goal.metadata.name for goal in await store.list_all(ResearchGoal)]
        assert f"left out: ResearchGoal damaged: {sentence}" in caplog.text
        with pytest.raises(InvalidManifest):
            await store.get(ResearchGoal, "damaged")
        assert (await rest.get(f"{path}/damaged"))["metadata"]["resourceVersion"] == version

    run(body)


def test_a_refusal_of_the_api_server_is_a_sentence(run):
    async def body(store, rest):
        wrong = asked("Wrong-Name".lower())
        wrong = wrong.model_copy(update={"metadata": wrong.metadata.model_copy(update={"name": "Wrong"})})
        with pytest.raises(ClusterRefused, match=r"metadata.name: Invalid value.*\(422\)$"):
            await store.create(wrong)

    run(body)


def test_an_api_server_that_is_not_there_is_a_sentence(run, monkeypatch):
    async def body(store, rest):
        rest._api.configuration.host = "https://localhost:1"
        with pytest.raises(ClusterFailed, match="^the API server can't be reached: "):
            await store.get(ResearchGoal, "any")

    run(body)
