"""The commands of `research-agent` with `--namespace`, on a real API server; no operator works there."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from fakes.driving import drive
from fakes.memory import MemoryWorld, goal
from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.main import main
from seedbed.cluster.connection import connected
from seedbed.cluster.rest import Rest
from seedbed.cluster.store import KubeStore
from seedbed.engine.naming import proposal_key, result_key

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


@pytest.fixture
def agent(namespace):
    def call(*arguments, code=0):
        done = CliRunner().invoke(main, [*arguments, "--namespace", namespace])
        assert done.exit_code == code, done.output
        return done.output

    return call


def put(namespace, memory):
    """What a memory world holds, as an operator would have left it in a namespace; its goal there."""

    async def body():
        async with connected() as client:
            store = KubeStore(Rest(client), namespace)
            kept = await store.create(memory.goal)
            await store.patch_status(kept, memory.goal.status)
            for each in memory.experiments():
                owner = each.metadata.owner_references[0].model_copy(update={"uid": kept.metadata.uid})
                metadata = each.metadata.model_copy(update={"owner_references": [owner]})
                made = await store.create(each.model_copy(update={"metadata": metadata}))
                await store.patch_status(made, each.status)
            return await store.get(ResearchGoal, kept.metadata.name)

    return asyncio.run(body())


@pytest.fixture(scope="module")
def decided(namespace):
    memory = drive(MemoryWorld(goal("decided", budget={"experiments": 4, "parallel": 2})), 0)
    return memory, put(namespace, memory)


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "goal.yaml"
    path.write_text(
        "apiVersion: seedbed.dev/v1alpha1\nkind: ResearchGoal\nmetadata: {name: asked}\n"
        "spec:\n  goal: a test\n  dataset: {name: iris}\n  objective: {target: 0.9}\n"
        "  budget: {experiments: 3}\n"
    )
    return path


def test_submit_creates_once(agent, namespace, manifest, kube):
    said = agent("submit", str(manifest))
    assert said == (
        f"asked: new ResearchGoal in namespace {namespace}; "
        f"follow it with `research-agent status asked --namespace {namespace}`\n"
    )
    assert json.loads(kube("get", "rg", "asked", "-o", "json"))["spec"]["budget"]["experiments"] == 3
    assert "there is a ResearchGoal named asked already" in agent("submit", str(manifest), code=1)
    assert "other: new ResearchGoal" in agent("submit", str(manifest), "--name", "other")
    assert "no operator has looked at it yet" in agent("status", "other")


def test_a_wrong_manifest_reaches_no_cluster(agent, tmp_path):
    path = tmp_path / "goal.yaml"
    path.write_text("apiVersion: seedbed.dev/v1alpha1\nkind: ResearchGoal\nmetadata: {name: x}\nspec: {}\n")
    assert "spec.goal: missing" in agent("submit", str(path), code=2)


def test_two_namespaces_contradict_each_other(agent, manifest):
    manifest.write_text(manifest.read_text().replace("{name: asked}", "{name: asked, namespace: elsewhere}"))
    assert "the manifest says namespace elsewhere" in agent("submit", str(manifest), code=2)


def test_what_is_there_is_listed_and_shown(agent, namespace, decided):
    assert "decided" in agent("list") and "NotAchieved" in agent("list")
    (row,) = [row for row in json.loads(agent("list", "--json")) if row["name"] == "decided"]
    assert row["experiments"] == "4/4"
    assert agent("status", "decided").startswith("decided: NotAchieved: accuracy of at least 0.9 on digits\n")
    shown = agent("show", "decided")
    assert "decided-e004 · Completed" in shown and f"store default, {namespace}/decided-" in shown
    assert "decided-e001" in agent("show", "decided-e001")


def test_names_that_mean_nothing_are_explained(agent, namespace, decided):
    assert f"there is no decide in namespace {namespace}; did you mean decided?" in agent(
        "show", "decide", code=1
    )


def test_suspend_resume_and_a_larger_budget(agent, namespace, kube):
    put(namespace, MemoryWorld(goal("going", budget={"experiments": 3})))
    said = agent("suspend", "going")
    assert f"`research-agent resume going --namespace {namespace}` goes on" in said
    assert json.loads(kube("get", "rg", "going", "-o", "json"))["spec"]["suspend"] is True
    assert "`budget.experiments` 5 instead of 3, `suspend` false" in agent(
        "resume", "going", "--experiments", "5"
    )
    spec = json.loads(kube("get", "rg", "going", "-o", "json"))["spec"]
    assert spec["suspend"] is False and spec["budget"]["experiments"] == 5
    assert "can only be raised" in agent("resume", "going", "--experiments", "2", code=2)
    assert "`--cores` is for runs on this machine" in agent("resume", "going", "--cores", "2", code=2)


def test_approve_lets_proposals_run(agent, namespace, kube):
    memory = MemoryWorld(goal("manual", approval="Manual", budget={"experiments": 4, "parallel": 2}))
    drive(memory, 0, until=lambda world: len(world.experiments()) == 2)
    put(namespace, memory)
    assert "manual-e001 is approved" in agent("approve", "manual", "1")
    approved = {
        each["metadata"]["name"]: each["spec"]["approved"]
        for each in json.loads(kube("get", "exp", "-l", "seedbed.dev/goal=manual", "-o", "json"))["items"]
    }
    assert approved == {"manual-e001": True, "manual-e002": False}
    assert "manual has no experiment 7" in agent("approve", "manual", "7", code=1)


def test_a_report_without_a_store_says_what_is_missing(agent, decided, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEEDBED_S3_BUCKET", raising=False)
    said = agent("report", "decided")
    assert said.startswith("decided-report/report.md\n") and "name it by SEEDBED_S3_BUCKET" in said
    text = (tmp_path / "decided-report" / "report.md").read_text()
    assert "the records of the runs are in the store" in text and "Attempt 1" in text
    assert "train 1,000" in text and "not prepared yet" not in text


def test_a_report_with_the_users_own_keys_holds_every_run(agent, decided, seaweed, tmp_path, monkeypatch):
    memory, kept = decided
    monkeypatch.chdir(tmp_path)
    for name, value in seaweed.environment().items():
        monkeypatch.setenv(name, value)
    client, uid = seaweed.client(), memory.goal.metadata.uid
    for key, data in memory.artifacts.data.items():
        here = key.replace("default/", f"{kept.metadata.namespace}/").replace(uid, kept.metadata.uid)
        body = data.replace(uid.encode(), kept.metadata.uid.encode())  # an entry of the ledger names it too
        client.put_object(Bucket=seaweed.bucket, Key=here, Body=body)
    assert proposal_key(kept, 1).startswith(kept.metadata.namespace)
    said = agent("report", "decided", "--format", "md")
    assert said == "decided-report/report.md\n"
    text = (tmp_path / "decided-report" / "report.md").read_text()
    runs = [each for each in memory.artifacts.data if each.endswith("result.json")]
    assert runs and text.count("| scored |") == len(runs)
    assert result_key(memory.store.resources[Experiment, "decided-e001"], 0) in memory.artifacts.data
    assert "What the test split was used for" in text
    (source,) = json.loads(agent("ledger", "--json"))
    assert source["evaluations"] == sum(attempt.runs for attempt in memory.goal.status.attempts)


def test_a_folder_and_a_namespace_are_two_places(agent, tmp_path):
    assert "give `--folder` or `--namespace`" in agent("list", "--folder", str(tmp_path), code=2)


def test_an_empty_namespace_says_how_to_begin(crds):
    done = CliRunner().invoke(main, ["list", "-n", "nothing-here"])
    assert "`research-agent submit goal.yaml -n nothing-here`" in done.output


def test_no_cluster_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    done = CliRunner().invoke(main, ["list", "-n", "x"])
    assert done.exit_code == 2 and "no cluster is named" in done.output


def test_a_cluster_that_is_gone_is_a_sentence(monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "users": [{"name": "u", "user": {}}],
            }
        )
    )  # fmt: skip
    monkeypatch.setenv("KUBECONFIG", str(config))
    done = CliRunner().invoke(main, ["list", "-n", "x"])
    assert done.exit_code == 1 and "the API server can't be reached" in done.output
