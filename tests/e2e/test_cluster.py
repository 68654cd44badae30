"""The operator as its user meets it: installed by Helm, in a pod of its own, with images and a store."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.conftest import RELEASE, ROOT, comparable, counted
from seedbed_runner.contract.hashing import bytes_hash
from seedbed_runner.contract.records import RunResult

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


def test_the_digits_goal_is_achieved_with_the_laptops_numbers(installed, laptop):
    manifest = ROOT / "examples/digits.yaml"
    installed.apply(manifest)
    status = installed.finished("digits").status
    assert status.phase == "Achieved", status
    truth, truths = laptop(manifest)
    assert comparable(status) == comparable(truth)
    records = installed.records("digits")
    for run in counted(status):
        mine = RunResult.from_json(records[run])
        assert mine.hashes["predictions"] == truths[run].hashes["predictions"], run
        for name, file in (("predictions", "predictions.bin"), ("weights", "weights.safetensors")):
            key = f"{mine.run_uid}/{mine.artifacts}/{file}"
            stored = installed.store.client().get_object(Bucket=installed.store.bucket, Key=key)
            assert bytes_hash(stored["Body"].read()) == mine.hashes[name], key
    shown = installed.kubectl("get", "rg,exp")
    assert "Achieved" in shown and status.claim.in_short in shown and "Confirm" in shown
    told = installed.kubectl("describe", "rg", "digits")
    assert status.verdict.message in " ".join(told.split())
    assert "store default keeps records" in installed.kubectl("logs", f"deploy/{RELEASE}")


@pytest.fixture(scope="module")
def people(installed):
    """What people type: the exit code and the output of `research-agent`, in a folder of their own."""

    def agent(*arguments, **keys):
        command = [Path(sys.executable).with_name("research-agent"), *arguments]
        theirs = {name: value for name, value in os.environ.items() if name[:4] not in ("AWS_", "SEED")}
        done = subprocess.run(command, env=theirs | keys, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return agent


def test_a_report_has_every_run_with_keys_and_says_what_it_lacks_without(installed, people, tmp_path):
    claim, texts = installed.finished("digits").status.claim, {}
    for name, keys in (("with", installed.store.environment()), ("without", {})):
        place = ("--namespace", installed.namespace, "--out", tmp_path / name)
        said = people("report", "digits", "--format", "md", *place, **keys)
        assert ("name it by SEEDBED_S3_BUCKET" in said) == (name == "without")
        texts[name] = (tmp_path / name / "report.md").read_text()
        assert f"{claim.bound:.4f}" in texts[name]
    scored = {name: text.count("| scored |") for name, text in texts.items()}
    assert scored["with"] == len(installed.records("digits")) > scored["without"]


def test_a_clusters_run_is_made_again_here_to_the_last_bit(installed, people):
    """By its resources, and by the store's prefix alone; the image's Python may be of another patch."""
    goal = installed.finished("digits")
    prefix = f"s3://{installed.store.bucket}/{installed.namespace}/digits-{goal.metadata.uid}"
    only = ("--experiment", goal.status.experiments[0].name)
    for scope in (("digits", "--namespace", installed.namespace), ("--prefix", prefix, *only)):
        (run,) = json.loads(people("verify", *scope, "--json", **installed.store.environment()))["runs"]
        assert run["findings"] == [], "another bit"
        assert set(run["fingerprint"]) <= {"python"}, "the image's versions are those of this machine"
        assert run["verdict"] == ("Equivalent" if run["fingerprint"] else "Identical"), run
