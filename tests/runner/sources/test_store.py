import json
import os
import re
from pathlib import Path

import pytest

from fakes.seaweed import Seaweed
from runner.sources.test_hub import FILES
from seedbed.api.dataset import Dataset
from seedbed_runner import stored
from seedbed_runner.contract.records import Card
from seedbed_runner.errors import BadInput
from seedbed_runner.objects import Bucket
from seedbed_runner.sources.store import names_of

HOUSES = Dataset(name="table:houses", target="sold").document()


@pytest.mark.parametrize(
    ("name", "path", "taken"),
    [
        ("cifar10", "cifar10/cifar-10-python.tar.gz", True),
        ("cifar10", "cifar10-0123456789ab/origin.json", True),
        ("cifar10", "cifar100/meta", False),
        ("table:houses", "houses.csv", True),
        ("table:houses", "houses/train.parquet", True),
        ("table:houses", "houses.docx", False),
        ("table:houses", "housesold.csv", False),
        ("openml:7", "openml-7-0123456789ab/openml/x.gz", True),
        ("glue/sst2", "nyu-mll/glue/sst2/train-0.parquet", True),
        ("sst2", "hf-nyu-mll-glue-sst2-0123456789ab/origin.json", True),
        ("sst2", "hf-nyu-mll-glue-cola-0123456789ab/origin.json", False),
        ("hf:a/b", "hf-a-b-default-0123456789ab/origin.json", True),
        ("hf:a/b/c", "a/b/data.parquet", True),
        ("hf:a/b", "a/bc/data.parquet", False),
    ],
)
def test_what_belongs_to_a_dataset(name: str, path: str, taken: bool) -> None:
    assert bool(names_of({"name": name}).match(path)) == taken


def test_a_tokenizer_that_is_named_is_brought_along() -> None:
    wanted = names_of({"name": "hf:a/b", "tokens": {"tokenizer": "words.json"}})
    assert wanted.match("words.json") and not wanted.match("other.json")


@pytest.mark.slow
def test_prepare_finds_a_table_in_the_namespaces_own_part_of_the_store(
    seaweed: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = seaweed.environment(SEEDBED_S3_PREFIX=f"data/{tmp_path.name}", SEEDBED_NAMESPACE="team")
    for variable, value in (given | {"SEEDBED_DATASET": json.dumps(HOUSES)}).items():
        monkeypatch.setenv(variable, value)
    bucket = Bucket.from_environment()
    before = dict(os.environ)
    with pytest.raises(BadInput, match=r"table:houses is not in s3://\S+/team/data/: put .* there$"):
        stored.prepare()
    rows = "".join(f"{k % 7},{k * 1.5},{('no', 'yes')[k % 2]}\n" for k in range(60))
    for namespace, text in (("team", "rooms,price,sold\n" + rows), ("others", "a,sold\n1,2\n")):
        bucket.put_if_absent(f"{namespace}/data/houses.csv", text.encode())
    stored.prepare()
    assert dict(os.environ) == before
    card = next(key for key in bucket.keys("team/datasets/") if key.endswith("card.json"))
    found = Card.from_json(bucket.get(card) or b"")
    assert found.sizes["train"] == 36 and found.class_names == ["no", "yes"]


@pytest.mark.slow
def test_offline_a_clone_of_the_hubs_repository_comes_from_the_store(
    seaweed: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Dataset(name="sst2").document()
    given = seaweed.environment(SEEDBED_S3_PREFIX=f"clones/{tmp_path.name}", SEEDBED_NAMESPACE="team")
    given |= {"SEEDBED_DATASET": json.dumps(asked), "SEEDBED_OFFLINE": "true", "HF_HUB_OFFLINE": "1"}
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    bucket = Bucket.from_environment()
    there = re.escape(bucket.where("team/data/"))
    with pytest.raises(BadInput, match=f"sst2 is not in the store, .*looked in {there}; run .* to {there}$"):
        stored.prepare()
    for name, content in FILES.items():
        bucket.put_if_absent(f"team/data/nyu-mll/glue/{name}", content)
    stored.prepare()
    card = next(key for key in bucket.keys("team/datasets/") if key.endswith("card.json"))
    assert Card.from_json(bucket.get(card) or b"").class_names == ["negative", "positive"]
