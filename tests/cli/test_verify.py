import json

import pytest
from click.testing import CliRunner

from seedbed.cli import verifying
from seedbed.cli.documents import open_documents
from seedbed.cli.main import main
from seedbed.cli.namespaces import NamespaceDocuments
from seedbed.errors import InvalidInput
from seedbed.verify.outcome import Difference, Outcome
from seedbed.verify.tolerance import Tolerance
from seedbed_runner.contract.verification import Finding

SAME = Outcome("g-e001", 0, "Identical", score=0.9, again=0.9, difference=Difference(100, 0, 0.0))
NEAR = Outcome(
    "g-e001", 1, "Equivalent", (Finding("predictions", "3 of 100 items"),), score=0.9, again=0.91,
    difference=Difference(100, 3, 0.25), tolerance=Tolerance(0.0424, 0.01), fingerprint={"torch": ("1", "2")},
)  # fmt: skip
OTHER = Outcome("g-e002", 0, "Different", (Finding("weights", "a\nbyte"),), score=0.8)
GONE = Outcome("g-e002", 1, "CannotRun", (Finding("data", "gone"),), ("its weights were not kept",))


@pytest.fixture
def says(monkeypatch, tmp_path):
    def make(*outcomes, options=()):
        monkeypatch.setattr(verifying, "look_in", lambda prefix, name: None)
        monkeypatch.setattr(verifying, "verify", lambda *given, **options: list(outcomes))
        done = CliRunner().invoke(main, ["verify", "--prefix", str(tmp_path), *options])
        return done.exit_code, done.stdout.splitlines() or done.stderr

    return make


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [((SAME,), 0), ((SAME, NEAR), 0), ((GONE, OTHER), 3), ((SAME, GONE), 4), ((OTHER,), 3)],
)
def test_the_exit_code_is_that_of_the_worst(says, outcomes, code):
    assert says(*outcomes)[0] == code


def test_identical_is_said_in_one_sentence(says):
    _, (head, row, sentence) = says(SAME)
    assert head.split()[:3] == ["run", "verdict", "recorded"]
    assert row.split()[:7] == ["g-e001", "seed", "0", "Identical", "0.9000", "+0.0000", "0"]
    assert sentence == (
        "1 run made again on this machine: Identical, every prediction, metric and weight to the last bit"
    )


def test_what_differs_is_said_of_each_run(says):
    lines = says(SAME, NEAR, OTHER, GONE)[1]
    assert "+0.0100" in lines[2] and "3 of 100" in lines[2] and "±0.25" in lines[2]
    assert lines[5:] == [
        "g-e001 seed 1: fingerprint: torch was 1, is 2",
        "g-e001 seed 1: within ±0.0424 of what was recorded (from the sd between seeds, 0.0100)",
        "g-e002 seed 0: weights: a byte",
        "g-e002 seed 1: data: gone",
        "g-e002 seed 1: its weights were not kept",
        "4 runs verified on this machine: 1 Identical, 1 Equivalent, 1 Different, 1 CannotRun",
    ]


def test_what_is_true_of_all_is_said_once(says):
    lines = says(GONE, GONE)[1]
    assert lines[3:5] == ["all: data: gone", "all: its weights were not kept"]


def test_json_has_everything(says):
    code, lines = says(NEAR, OTHER, options=["--json"])
    document = json.loads("\n".join(lines))
    assert code == 3 and document["sentence"].endswith("1 Equivalent, 1 Different")
    near, other = document["runs"]
    assert near["difference"] == {"items": 100, "otherwise": 3, "largest_logit": 0.25}
    assert near["tolerance"] == {"value": 0.0424, "sd": 0.01} and near["fingerprint"] == {"torch": ["1", "2"]}
    assert other["findings"] == [{"subject": "weights", "said": "a\nbyte"}] and other["again"] is None


def test_a_prefix_stands_alone(says):
    code, said = says(SAME, options=["--folder", "x"])
    assert code == 2 and "give --prefix alone" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--prefix", "none"], 1, "there is no folder "),
        (["--prefix", "."], 1, "there are no records of runs below ."),
        (["--prefix", "s3://x"], 2, "s3://x: bucket: String should have at least 3 characters"),
        (["g", "--folder", "."], 1, "there is no g in .: it is empty"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["verify", *arguments])
    assert done.exit_code == code and said in done.stderr and done.stderr.count("\n") == 1


def test_a_namespaces_records_are_in_the_store_that_the_environment_names(monkeypatch):
    monkeypatch.delenv("SEEDBED_S3_BUCKET", raising=False)
    with pytest.raises(InvalidInput, match="name it by SEEDBED_S3_BUCKET"):
        verifying._store(NamespaceDocuments("research"))
    for name, value in {"BUCKET": "records", "PREFIX": "lab/a", "ENDPOINT": "http://localhost:1"}.items():
        monkeypatch.setenv(f"SEEDBED_S3_{name}", value)
    records, root = verifying._store(NamespaceDocuments("research"))
    assert root == "lab/a" and records.where(f"{root}/research/x") == "s3://records/lab/a/research/x"


def test_a_folders_records_are_its_artifacts(tmp_path):
    _, root = verifying._store(open_documents(str(tmp_path)))
    assert root == str(tmp_path / "artifacts")
