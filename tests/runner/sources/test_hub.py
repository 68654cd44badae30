"""Datasets of the hub, through its libraries' own code, from a server on loopback."""

import json
import os
import re
import sys

import numpy as np
import pytest

from fakes.hub import GATED, PRIVATE, Hub, parquet
from seedbed_runner.data import load
from seedbed_runner.data.hub_tasks import TASKS
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.prepare import prepare

pytestmark = pytest.mark.slow
SPLIT = {"seed": 0, "test": 0.2, "validation": 0.2, "stratify": True}
README = b"""---
configs:
- config_name: sst2
  data_files:
  - {split: train, path: sst2/train-*}
  - {split: validation, path: sst2/validation-*}
  - {split: test, path: sst2/test-*}
- config_name: cola
  data_files:
  - {split: train, path: cola/train-*}
---
"""
CLASSES = {"label": ["negative", "positive"]}


def reviews(count, first=0, labelled=True):
    """A file in the form of sst2: `good` is positive."""
    return parquet(
        {
            "sentence": [f"a {'good' if i % 2 else 'bad'} film, number {first + i}" for i in range(count)],
            "label": [i % 2 if labelled else -1 for i in range(count)],
            "idx": list(range(count)),
        },
        CLASSES,
    )


FILES = {
    "README.md": README,
    "sst2/train-0.parquet": reviews(100),
    "sst2/validation-0.parquet": reviews(30, 1000),
    "sst2/test-0.parquet": reviews(20, 2000, labelled=False),
    "cola/train-0.parquet": reviews(40, 3000),
}


@pytest.fixture
def hub(tmp_path, monkeypatch):
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    yield server
    server.close()


def named(name, **more):
    return {"name": name, "split": SPLIT, **more}


def test_glue_of_the_hub_is_sealed_by_its_validation_split(hub, tmp_path):
    repo, commit = TASKS["glue/sst2"].source
    served = hub.add(repo, FILES, commit=commit)
    card = json.loads(prepare(named("sst2"), tmp_path / "prepared").read_bytes())
    assert (card["kind"], card["metric"], card["class_names"]) == (
        "text",
        "accuracy",
        ["negative", "positive"],
    )
    assert card["sizes"] == {"train": 80, "validation": 20, "test": 30}
    assert card["notes"][0] == (
        "the public test split has no labels: the official split validation is the sealed one here, and "
        "validation is cut from train"
    )
    assert card["provenance"]["revision"] == commit
    assert sorted(served.asked) == sorted(path for path in FILES if not path.startswith("cola"))
    assert card["baselines"]["linear"]["accuracy"] == 1.0
    public = tmp_path / "prepared" / card["key"] / "public"
    assert np.load(public / "train_inputs.npy").dtype == np.int32
    assert (public / "tokenizer.json").exists()


def test_a_labelled_test_split_is_sealed_as_it_is(hub):
    hub.add("some/reviews", FILES | {"sst2/test-0.parquet": reviews(20, 2000)})
    source = load(named("hf:some/reviews/sst2", target="label", text=["sentence"]))
    assert {part: len(rows) for part, rows in source.parts.items()} == {
        "train": 100, "test": 20, "validation": 30,
    }  # fmt: skip
    assert source.notes == ()


def test_what_is_in_the_cache_is_not_asked_for_again(hub, monkeypatch):
    served = hub.add("some/reviews", FILES)
    first = load(named("hf:some/reviews/sst2"))
    count = len(served.asked)
    assert first.provenance.revision == served.commit
    assert load(named("hf:some/reviews/sst2")).inputs.columns == first.inputs.columns
    monkeypatch.setenv("SEEDBED_OFFLINE", "true")
    hub.close()
    assert load(named("hf:some/reviews/sst2")).provenance == first.provenance
    assert (
        load(named("hf:some/reviews/sst2", revision=served.commit)).labels.tolist() == first.labels.tolist()
    )
    assert len(served.asked) == count


def test_a_damaged_cache_is_noticed(hub, tmp_path):
    served = hub.add("some/reviews", FILES)
    load(named("hf:some/reviews/sst2"))
    (found,) = (tmp_path / "cache").glob("hf-*/sst2/train-0.parquet")
    found.write_bytes(found.read_bytes()[:-1])
    with pytest.raises(Infrastructure, match=r"sst2/train-0\.parquet is not what was downloaded: remove"):
        load(named("hf:some/reviews/sst2", revision=served.commit))


def test_what_was_guessed_is_said(hub):
    hub.add("some/reviews", FILES)
    assert load(named("hf:some/reviews/cola")).notes == (
        "the column label is taken for the target",
        "learnt from sentence, as guessed",
    )
    assert load(named("hf:some/reviews/cola", target="label", text=["sentence"])).notes == ()


def cut(files, path):
    return {path: files[path][:100]}


MISTAKES = {
    "missing": (None, {}, "hf:some/thing", BadInput, "there is no public dataset at {at} (looked in no data"),
    "private": (FILES, {"access": PRIVATE}, "hf:some/thing", BadInput, "set HF_TOKEN to a token that may"),
    "gated": (FILES, {"access": GATED}, "hf:some/thing/sst2", BadInput, "accept the terms there, and set HF"),
    "no config": (FILES, {}, "hf:some/thing/sst9", BadInput, "no configuration 'sst9': there are sst2, cola"),
    "which config": (FILES, {}, "hf:some/thing", BadInput, "it has the configurations sst2, cola: name one"),
    "script": (
        {"thing.py": b"raise SystemExit('it ran')", "README.md": b"# x"},
        {}, "hf:some/thing", BadInput, "a loading script is never run",
    ),
    "truncated": (
        FILES, {"sent": cut(FILES, "sst2/train-0.parquet")}, "hf:some/thing/sst2", Infrastructure,
        "sst2/train-0.parquet from {at} has 100 bytes instead of",
    ),
    "wrong checksum": (
        FILES, {"sent": {"sst2/train-0.parquet": bytes(len(FILES["sst2/train-0.parquet"]))}},
        "hf:some/thing/sst2", Infrastructure, "sst2/train-0.parquet from {at} has another checksum than",
    ),
    "no parquet": (
        FILES | {"sst2/train-0.parquet": b"PAR1 no"}, {}, "hf:some/thing/sst2", BadInput, "can't be read:",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_each_mistake_is_one_sentence(hub, case):
    files, more, name, kind, said = MISTAKES[case]
    if files is not None:
        hub.add("some/thing", files, **more)
    with pytest.raises(kind) as caught:
        load(named(name))
    assert said.format(at=f"{hub.address}/datasets/some/thing") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"target": "sentiment"}, "there is no column 'sentiment': there are sentence, label, idx"),
        ({"text": ["review"]}, "there is no column 'review'"),
        ({"text": ["idx"]}, "the column idx holds no text"),
        ({"revision": "v2"}, "has no such revision: name a commit, branch or tag"),
    ],
)
def test_columns_and_revisions_that_are_not_there(hub, more, said):
    hub.add("some/thing", FILES)
    with pytest.raises(BadInput, match=re.escape(said)):
        load(named("hf:some/thing/sst2", **more))


def test_offline_without_a_copy_and_without_a_hub(hub, monkeypatch, tmp_path):
    wanted = named("hf:some/thing/sst2")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        Infrastructure, match=r"its download from http://127\.0\.0\.1:9/datasets/some/thing failed"
    ):
        load(wanted)
    monkeypatch.setenv("SEEDBED_OFFLINE", "true")
    with pytest.raises(
        BadInput, match=f"offline nothing is downloaded: looked in .* the cache {tmp_path}/cache"
    ):
        load(wanted)


def test_a_clone_in_the_data_folder_comes_first(hub, monkeypatch, tmp_path):
    for path, content in FILES.items():
        (tmp_path / "own" / "some" / "thing" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / "some" / "thing" / path).write_bytes(content)
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path / "own"))
    source = load(named("hf:some/thing/sst2"))
    assert source.provenance.origin == str(tmp_path / "own" / "some" / "thing")
    assert len(source.labels) == 130


def test_tables_and_regressions(hub):
    frame = {
        "age": [20.0, None, 40.0, 50.0] * 10, "town": ["a", "b", None, "a"] * 10, "id": list(range(40)),
        "target": ["no", "yes", "yes", "no"] * 10, "price": [i / 7 for i in range(40)],
    }  # fmt: skip
    hub.add("some/table", {"train.parquet": parquet(frame)})
    source = load(named("hf:some/table", features=["age", "town"]))
    assert (source.kind, source.class_names, source.parts) == ("tabular", ("no", "yes"), None)
    assert source.inputs.number_names == ("age",)
    assert source.inputs.categories[:4, 0].tolist() == ["a", "b", None, "a"]
    guessed = load(named("hf:some/table", target="price"))
    assert (guessed.task, guessed.classes, guessed.labels.dtype) == ("regression", 1, np.float32)
    assert guessed.inputs.number_names == ("age",)
    assert guessed.inputs.category_names == ("town", "target")


def test_images(hub):
    import datasets
    from PIL import Image

    features = datasets.Features(
        {"image": datasets.Image(), "label": datasets.ClassLabel(names=["dark", "light"])}
    )
    pictures = [Image.new("L", (4, 3), color=200 * (i % 2) + i) for i in range(20)]
    made = datasets.Dataset.from_dict({"image": pictures, "label": [i % 2 for i in range(20)]}, features)
    hub.add("some/images", {"data/train-0.parquet": parquet_of(made)})
    source = load(named("hf:some/images"))
    assert (source.kind, source.inputs.shape, source.inputs.dtype) == ("image", (20, 1, 3, 4), np.uint8)
    assert source.inputs[3].max() == source.inputs[3].min() == 203


def parquet_of(made):
    import io

    sink = io.BytesIO()
    made.to_parquet(sink)
    return sink.getvalue()


def test_nothing_of_a_repository_was_imported():
    assert not [name for name in sys.modules if name.startswith("datasets_modules")]
    assert "HF_ALLOW_CODE_EVAL" not in os.environ
