"""YAML files to resources, and what is wrong with a file before its content is."""
# ruff: noqa: E501 (a sentence stands on one line, as the user sees it)

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.documents import parse_manifest, read_manifest
from seedbed.errors import InvalidManifest

EXAMPLES = Path(__file__).parents[2] / "examples"
DIGITS = (EXAMPLES / "digits.yaml").read_text()


def problems(text):
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(text if isinstance(text, bytes) else text.encode(), "goal.yaml")
    return caught.value.problems


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_are_right(path):
    (resource,) = read_manifest(path)
    assert isinstance(
        resource, Experiment if path.stem in ("experiment", "baseline", "code") else ResearchGoal
    )


def test_documents_of_one_file_in_their_order():
    second = (EXAMPLES / "experiment.yaml").read_text()
    goal, experiment = parse_manifest(f"{DIGITS}\n---\n---\n{second}".encode(), "both.yaml")
    assert (goal.metadata.name, experiment.metadata.name) == ("digits", "digits-cnn")


def test_the_message_has_one_line_a_mistake_with_source_and_document():
    wrong = DIGITS.replace("0.97", "97").replace("1h", "soon")
    with pytest.raises(InvalidManifest) as caught:
        parse_manifest(f"{DIGITS}---\n{wrong}".encode(), "two.yaml")
    assert str(caught.value) == (
        "two.yaml: document 2: spec.objective.target: `target` is 97 but accuracy must be in [0, 1]; did you mean 0.97?\n"
        "two.yaml: document 2: spec.budget.deadline: write a duration such as 90s, 20m or 1h30m, not 'soon'"
    )


def test_a_status_in_a_file_claims_nothing():
    (goal,) = parse_manifest(f"{DIGITS}status: {{phase: Achieved}}\n".encode(), "x")
    assert goal.status.phase == "Pending"


@pytest.mark.parametrize("written", ["1e-3", "1E-3", ".001", "0.001", "1.e-3"])
def test_numbers_are_read_as_kubernetes_reads_them(written):
    text = (EXAMPLES / "experiment.yaml").read_text().replace("lr: 0.003", f"lr: {written}")
    (experiment,) = parse_manifest(text.encode(), "x")
    assert experiment.spec.training.optimizer.lr == 0.001


BROKEN = [
    ("", "empty: write a ResearchGoal or an Experiment"),
    ("# only a comment\n---\n", "empty: write a ResearchGoal or an Experiment"),
    ("a: 1\nb: [1,\n", "line 3, column 1: not YAML: expected the node content, but found '<stream end>'"),
    ("a:\n\tb: 1", "line 2, column 1: not YAML: found character '\\t' that cannot start any token; indent with spaces, not tabs"),
    ("a: 1\nb: 2\na: 3", "line 3, column 1: not YAML: `a` is given twice"),
    ("a: &a [*a]", "nests deeper than 64 levels"),
    ("[\n" * 2000, "nests deeper than 64 levels"),
    ("x\x00y", "not YAML: unacceptable character #x0000: special characters are not allowed"),
    (b"\xff\xfe\x00", "not UTF-8 text (byte 0)"),
    ("#" * 1_000_001, "more than 1000000 bytes: a manifest is a small file"),
    ("a: !!python/object:os.system {}", "line 1, column 4: not YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file(text, sentence):
    assert problems(text) == [sentence]


def test_aliases_that_blow_up():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 8):
        copies = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{copies}]")
    assert problems("\n".join(lines)) == ["not YAML: more than 100000 values"]


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(InvalidManifest, match="none.yaml: there is no such file"):
        read_manifest(tmp_path / "none.yaml")
    with pytest.raises(InvalidManifest, match="can't be read: Is a directory"):
        read_manifest(tmp_path)


@given(st.text(max_size=60))
def test_any_text_gives_resources_or_sentences(text):
    with pytest.raises(InvalidManifest):
        parse_manifest(text.encode("utf-8", "surrogatepass"), "x")
