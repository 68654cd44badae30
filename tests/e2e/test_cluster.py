"""The operator as its user meets it: installed by Helm, in a pod of its own, with images and a store."""

import pytest

from e2e.conftest import ROOT, comparable, counted
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
    assert "Achieved" in installed.kubectl("get", "rg,exp")
    assert "Achieved" in installed.kubectl("describe", "rg", "digits")
