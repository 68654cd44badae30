"""Two namespaces can't see or touch each other's data."""

import json
import re
import uuid
from contextlib import ExitStack

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cluster.conftest import kubectl
from fakes.cluster import asked, experiment
from fakes.mistakes import EXPERIMENT, changed
from fakes.operating import PREFIX, create, namespace_with, node_address, operating, until
from fakes.seaweed import running
from seedbed.api import Experiment, ResearchGoal
from seedbed.cluster.names import card_key
from seedbed.engine.naming import proposal_key, result_key

UID = "5e0c7a3e-8a51-4b8e-a1d4-3f2b6c1d9e00"


def test_the_same_names_in_two_namespaces_have_no_key_in_common():
    for other in ("team-b", "team", "te"):
        keys = []
        for namespace in ("team-a", other):
            goal = asked("digits", UID, namespace)
            made = experiment(of=goal)
            keys.append({proposal_key(goal, 1), result_key(made, 0), card_key(namespace, "0123")})
            assert all(key.startswith(f"{namespace}/") for key in keys[-1])
        assert not keys[0] & keys[1]


@given(name=st.text("a./-~", max_size=8), uid=st.text("a./-~", max_size=8))
def test_whatever_owner_somebody_writes_the_keys_stay_in_their_place(name, uid):
    owner = {"apiVersion": "seedbed.dev/v1alpha1", "kind": "ResearchGoal", "name": name, "uid": uid}
    document = changed(EXPERIMENT, "metadata.ownerReferences", [owner])
    document["metadata"]["namespace"] = "team-a"
    try:
        made = Experiment.model_validate(document)
    except ValidationError:
        return
    namespace, folder, *rest = result_key(made, 0).split("/")
    assert (namespace, folder) == ("team-a", f"{name}-{uid}") and folder not in (".", "..", "datasets")
    assert len(rest) == 4 and rest[0] == "runs"


@pytest.fixture(scope="module")
def teams(crds, tmp_path_factory):
    """Two namespaces, whose Secrets open the namespace's own part of one store, and an operator of both."""
    names = [f"team-{letter}-{uuid.uuid4().hex[:6]}" for letter in "ab"]
    folder = tmp_path_factory.mktemp("teams")
    with running(folder / "store", node_address(), {name: f"{PREFIX}/{name}" for name in names}) as store:
        with ExitStack() as open_ones:
            for name in names:
                open_ones.enter_context(namespace_with(store.of(name), name))
            open_ones.enter_context(operating(folder, store, names, default={"device": "cpu"}))
            yield names, store


def goal_of_one_run():
    """A goal that ends after one run: with so few data nobody comes near what is possible."""
    few = {"samples": 400, "classes": 20, "features": 32, "bayesAccuracy": 0.9}
    return asked(
        "shared", dataset={"name": "synthetic", "synthetic": few}, objective={"target": 0.89},
        seeds={"explore": 1}, budget={"experiments": 1, "parallel": 1},
        resources={"cpu": 0.5, "memory": "1Gi"},
    ).document()  # fmt: skip


def get(namespace, *what):
    return json.loads(kubectl("-n", namespace, "get", *what, "-o", "json"))


@pytest.fixture(scope="module")
def decided(teams):
    """The same goal in both, and what became of it."""
    names, store = teams
    for name in names:
        create(name, goal_of_one_run())

    def both():
        goals = [ResearchGoal.model_validate(get(name, "rg", "shared")) for name in names]
        return all(goal.status.finished for goal in goals) and goals

    return until(both)


def containers(spec):
    return [*spec.get("initContainers", ()), *spec["containers"]]


def keys_of(store):
    pages = store.client().get_paginator("list_objects_v2").paginate(Bucket=store.bucket, Prefix=PREFIX)
    return {item["Key"] for page in pages for item in page.get("Contents", [])}


@pytest.mark.cluster
@pytest.mark.slow
def test_the_same_goal_in_two_namespaces_is_decided_twice_each_with_keys_of_its_own(teams, decided):
    names, store = teams
    parts = {name: {key for key in keys_of(store) if key.startswith(f"{PREFIX}/{name}/")} for name in names}
    shapes = []
    for name, goal in zip(names, decided, strict=True):
        (line,) = goal.status.experiments
        assert (line.outcome, line.n) == ("Dropped", 1), goal.status
        folder = f"{PREFIX}/{name}/shared-{goal.metadata.uid}/"
        data = f"{PREFIX}/{name}/datasets/"
        assert all(key.startswith((folder, data)) for key in parts[name])
        keys = {key.removeprefix(folder).removeprefix(data) for key in parts[name]}
        shapes.append({re.sub("/a1-[0-9a-f]{8}/", "/a1/", key) for key in keys})  # hashed with its times
    assert shapes[0] == shapes[1] and any(key.endswith("/result.json") for key in shapes[0])


@pytest.mark.cluster
@pytest.mark.slow
def test_a_pod_knows_its_own_namespace_and_its_own_keys_only(teams, decided):
    names, store = teams
    for name, other in (names, names[::-1]):
        pods = get(name, "pods")["items"]
        steps = [step for pod in pods for step in containers(pod["spec"])]
        assert {step["name"] for step in steps} == {"prepare", "fetch", "train", "score"}
        assert other not in json.dumps(pods)
        assert all(pod["spec"]["automountServiceAccountToken"] is False for pod in pods)
        for step in steps:
            given = {each["name"]: each for each in step["env"]}
            if step["name"] == "train":
                assert not {key for key in given if key.startswith(("AWS_", "SEEDBED_"))}
                continue
            assert given["SEEDBED_NAMESPACE"]["value"] == name
            secret = given["AWS_SECRET_ACCESS_KEY"]["valueFrom"]["secretKeyRef"]
            assert secret == {"name": "seedbed-s3", "key": "AWS_SECRET_ACCESS_KEY"}


@pytest.mark.cluster
@pytest.mark.slow
def test_the_keys_of_one_namespace_open_nothing_of_the_other(teams, decided):
    names, store = teams
    sealed = [key for key in keys_of(store) if key.endswith("labels.npy") and "/sealed/" in key]
    for name, other in (names, names[::-1]):
        client = store.of(name).client()
        (own, *_), (foreign, *_) = (
            sorted(key for key in sealed if key.startswith(f"{PREFIX}/{each}/")) for each in (name, other)
        )
        assert client.get_object(Bucket=store.bucket, Key=own)["Body"].read()
        for action, what in (
            (client.get_object, {"Key": foreign}),
            (client.put_object, {"Key": foreign, "Body": b""}),
            (client.list_objects_v2, {"Prefix": f"{PREFIX}/{other}/"}),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                action(Bucket=store.bucket, **what)


@pytest.mark.cluster
@pytest.mark.slow
def test_who_names_another_namespaces_goal_gets_nothing_of_it(teams, decided):
    """By its name, and as an owner whose name is a path."""
    names, store = teams
    before = keys_of(store)
    paused = changed(changed(goal_of_one_run(), "metadata.name", "theirs"), "spec.suspend", True)
    create(names[1], paused)
    naming = changed(EXPERIMENT, "spec.dataset", paused["spec"]["dataset"])
    create(names[0], changed(changed(naming, "metadata.name", "by-name"), "spec.goal", "theirs"))
    owner = {
        "apiVersion": "seedbed.dev/v1alpha1", "kind": "ResearchGoal",
        "name": f"../{names[1]}/shared", "uid": decided[1].metadata.uid,
    }  # fmt: skip
    owned = changed(naming, "metadata", {"name": "by-owner", "ownerReferences": [owner]})
    create(names[0], owned)
    until(lambda: get(names[0], "exp", "by-name").get("status", {}).get("phase") == "Superseded")

    def refused_or_collected():
        found = {each["metadata"]["name"]: each for each in get(names[0], "exp")["items"]}
        return found.get("by-owner", {"status": {"conditions": "gone"}}).get("status", {}).get("conditions")

    until(refused_or_collected)
    jobs = get(names[0], "jobs", "-l", "seedbed.dev/kind=run")["items"]
    assert {job["metadata"]["labels"]["seedbed.dev/experiment"] for job in jobs} == {"shared-e001"}
    assert keys_of(store) == before
