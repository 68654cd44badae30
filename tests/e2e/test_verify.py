"""`research-agent verify` on real runs: it comes out the same, and what was changed is named."""

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import seedbed_runner
from fakes.seaweed import seaweed  # noqa: F401
from seedbed.cli.main import main

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the warm parent needs Linux's /proc"),
]
MANIFEST = """
apiVersion: seedbed.dev/v1alpha1
kind: Experiment
metadata: {name: small}
spec:
  dataset: {name: digits}
  model: {layers: [{type: Flatten}, {type: Linear, out_features: 32}, {type: ReLU}, {type: Linear, out_features: classes}]}
  training: {epochs: 2}
  seeds: [0, 1, 2, 3, 4, 5, 6]
---
apiVersion: seedbed.dev/v1alpha1
kind: Experiment
metadata: {name: wrong}
spec:
  dataset: {name: iris}
  model: {layers: [{type: Linear, out_features: 5}]}
  seeds: [0]
"""  # noqa: E501
MACHINE = {"CUDA_VISIBLE_DEVICES": ""}


def verify(*arguments):
    """Exit code, and what is said in JSON."""
    done = CliRunner().invoke(main, ["verify", *map(str, arguments), "--json"], env=MACHINE)
    return done.exit_code, json.loads(done.stdout) if done.stdout else done.stderr


def verdicts(said):
    return {(run["experiment"], run["seed"]): run["verdict"] for run in said["runs"]}


def everything(folder):
    """Every file below a folder: bytes, and when it was written."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in paths}


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_bytes()) | values))


def flip(path, at=-1):
    path.chmod(path.stat().st_mode | stat.S_IWUSR)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A folder with the runs of two Experiments, as `run` leaves it."""
    folder = tmp_path_factory.mktemp("recorded")
    for number, text in enumerate(MANIFEST.split("---")):
        (folder / f"{number}.yaml").write_text(text)
        command = [sys.executable, "-c", "from seedbed.cli.main import main; main()", "run", f"{number}.yaml"]
        done = subprocess.run([*command, "--folder", "runs", "--device", "cpu", "--plain"], cwd=folder)
        assert done.returncode == (3 if number else 0)
    return folder / "runs"


def test_of_very_many_classes_a_run_is_recorded_and_made_again(tmp_path):
    (tmp_path / "data").mkdir()
    rows = [f"{k % 300},{k // 300},{k % 7},word{k % 300}\n" for k in range(3000)]
    (tmp_path / "data" / "many.csv").write_text("a,b,c,class\n" + "".join(rows))
    spec = {
        "dataset": {"name": "table:many"}, "training": {"epochs": 1}, "seeds": [0],
        "model": {"layers": [{"type": "Linear", "out_features": "classes"}]},
    }  # fmt: skip
    head = {"apiVersion": "seedbed.dev/v1alpha1", "kind": "Experiment", "metadata": {"name": "small"}}
    (tmp_path / "many.yaml").write_text(json.dumps(head | {"spec": spec}))
    command = [sys.executable, "-c", "from seedbed.cli.main import main; main()", "run", "many.yaml"]
    options = ["--folder", "runs", "--data", "data", "--device", "cpu", "--plain"]
    assert subprocess.run([*command, *options], cwd=tmp_path).returncode == 0
    record, _ = attempt_of(tmp_path / "runs", 0)
    told = json.loads(record.read_bytes())
    assert told["confusion"] is None and len(told["mistakes"]) > 20 and len(told["by_class"]) == 50
    code, said = verify("--prefix", tmp_path / "runs", "--all")
    assert code == 0 and set(verdicts(said).values()) == {"Identical"}
    change(record, mistakes=told["mistakes"][1:])
    code, said = verify("--prefix", tmp_path / "runs", "--all")
    assert code != 0 and "`mistakes` is not what its predictions give" in json.dumps(said)


@pytest.fixture
def copy(recorded, tmp_path):
    return Path(shutil.copytree(recorded, tmp_path / "runs"))


def attempt_of(folder, seed, experiment="small"):
    """The run's record, and the folder with its files."""
    (record,) = folder.glob(f"artifacts/*/{experiment}-*/runs/*/s{seed}/result.json")
    return record, record.parent / json.loads(record.read_bytes())["artifacts"]


def test_all_of_it_is_identical_and_the_store_is_as_it_was(recorded):
    before = everything(recorded)
    code, said = verify("--prefix", recorded, "--all")
    assert code == 0 and set(verdicts(said).values()) == {"Identical"} and len(said["runs"]) == 8
    assert said["sentence"].startswith("8 runs made again on this machine: Identical")
    assert everything(recorded) == before


def test_what_was_changed_is_named(copy):
    record, files = attempt_of(copy, 0)
    flip(files / "weights.safetensors")
    record, files = attempt_of(copy, 1)
    flip(files / "predictions.bin")
    record, files = attempt_of(copy, 2)
    change(record, score=json.loads(record.read_bytes())["score"] + 0.001)
    record, files = attempt_of(copy, 3)
    change(files / "request.json", threads=2)
    record, files = attempt_of(copy, 4)
    made = json.loads(record.read_bytes())["fingerprint"]
    change(record, fingerprint=made | {"seedbed_runner": "training 99, data 1"})
    record, files = attempt_of(copy, 5)
    (files / "weights.safetensors").unlink()
    (data,) = (path for path in copy.glob("datasets/*/public/train_inputs.npy") if path.stat().st_size < 9000)
    flip(data)  # iris: that of the other Experiment
    code, said = verify("--prefix", copy, "--all")
    small, (wrong,) = said["runs"][:7], said["runs"][7:]
    found = {run["seed"]: (run["verdict"], [each["subject"] for each in run["findings"]]) for run in small}
    assert found == {
        0: ("Different", ["weights"]),
        1: ("Different", ["predictions"]),
        2: ("Different", ["record"]),
        3: ("Different", ["request"]),
        4: ("CannotRun", ["version"]),
        5: ("Identical", []),
        6: ("Identical", []),
    }
    assert small[5]["remarks"] == ["its weights were not kept"]
    assert wrong["findings"][0]["said"].startswith(f"{data} is not what was prepared")
    assert code == 3 and said["sentence"].endswith("5 Different, 1 CannotRun, 2 Identical")


def test_a_constant_of_the_code(recorded, tmp_path, monkeypatch):
    package = tmp_path / "code" / "seedbed_runner"
    shutil.copytree(Path(seedbed_runner.__file__).parent, package)
    schedule = package / "schedule.py"
    text = schedule.read_text()
    assert "math.pi" in text
    schedule.write_text(text.replace("math.pi", "3.1"))
    program = tmp_path / "python"  # its arguments: -I -m seedbed_runner, and the step
    program.write_text(
        f'#!/bin/sh\nshift 3\nexec {sys.executable} -I -c "import runpy, sys; sys.path.insert(0, '
        f"'{package.parent}'); runpy.run_module('seedbed_runner', run_name='__main__')\" \"$@\"\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    code, said = verify("small", "--folder", recorded)
    (run,) = said["runs"]
    assert code == 3 and [each["subject"] for each in run["findings"]] == ["code", "predictions"]
    assert run["findings"][0]["said"].startswith("the runner's code is another: sha256:")
    assert run["fingerprint"] == {} and run["difference"]["largest_logit"] > 0


def test_another_instruction_set_is_told_with_numbers(recorded, monkeypatch):
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    code, said = verify("--prefix", recorded, "small", "--seed", 1)
    (run,) = said["runs"]
    assert run["fingerprint"]["ATEN_CPU_CAPABILITY"][1] == "default" and run["difference"]["items"] == 359
    assert (code, run["verdict"]) == (0, "Equivalent")
    if run["findings"]:  # bits moved: by how much, and how much is allowed
        assert "logits differ by at most" in run["findings"][0]["said"] and run["tolerance"]["value"] > 0


def test_data_that_are_gone_are_prepared_again(copy):
    shutil.rmtree(copy / "datasets")
    code, said = verify("small", "--folder", copy)
    assert (code, verdicts(said)) == (0, {("small", 0): "Identical"})
    assert said["runs"][0]["remarks"] == ["its prepared data were gone: they were prepared again"]
    assert not list((copy / "datasets").glob("*"))


def test_from_a_bucket_alone(recorded, seaweed, monkeypatch):  # noqa: F811
    client = seaweed.client()
    artifacts, datasets = recorded / "artifacts", recorded / "datasets"
    places = {path: f"store/{path.relative_to(artifacts)}" for path in artifacts.rglob("*")}
    places |= {
        path: f"store/default/datasets/{path.relative_to(datasets)}" for path in datasets.rglob("*/*/*")
    }
    for path, key in places.items():
        if path.is_file() and path.name != "weights.safetensors":
            client.put_object(Bucket=seaweed.bucket, Key=key, Body=path.read_bytes())
    monkeypatch.setenv("SEEDBED_S3_ENDPOINT", seaweed.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret-of-the-reader")
    (owner,) = artifacts.glob("default/small-*")
    code, said = verify(
        "--prefix", f"s3://{seaweed.bucket}/store/default/{owner.name}", "--experiment", "small"
    )
    assert (code, verdicts(said)) == (0, {("small", 0): "Identical"})
    assert said["runs"][0]["remarks"] == ["its weights were not kept"]


def test_without_torch_nothing_can_be_run_and_that_is_said(recorded, tmp_path, monkeypatch):
    program = tmp_path / "python"
    blocked = (
        "import sys; sys.modules['torch'] = None; from seedbed_runner import warm; sys.exit(warm.main())"
    )
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -I -c "{blocked}"\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    code, said = verify("small", "--folder", recorded)
    assert code == 4 and "install seedbed[runner]" in said["runs"][0]["findings"][0]["said"]
