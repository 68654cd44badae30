import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fakes.lax_store import lax_store
from fakes.seaweed import READER, Seaweed
from seedbed_runner.contract import stores
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.objects import Bucket

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(
    seaweed: Seaweed, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Bucket]:
    """Makes buckets below a prefix of this test's own."""

    def make(**changes: str) -> Bucket:
        prefix = {"SEEDBED_S3_PREFIX": f"objects/{request.node.name}"}
        environment = seaweed.environment(**prefix) | changes
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, environment.pop(name))
        return Bucket.from_environment(environment)

    return make


def test_the_first_one_wins(bucket: Any) -> None:
    store = bucket()
    assert store.get("a/b") is None
    assert store.put_if_absent("a/b", b"one") is True
    assert store.put_if_absent("a/b", b"two") is False
    assert store.get("a/b") == b"one"


def test_of_many_at_once_one_wins(bucket: Any) -> None:
    buckets = [bucket() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for turn in range(5):
            won = list(pool.map(lambda i, k=f"race/{turn}": buckets[i].put_if_absent(k, b"%d" % i), range(8)))
            assert sorted(won) == [False] * 7 + [True]
            assert buckets[0].get(f"race/{turn}") == b"%d" % won.index(True)


def test_keys_are_below_the_prefix(bucket: Any, seaweed: Seaweed) -> None:
    store = bucket(SEEDBED_S3_PREFIX="/team/a/")
    store.put_if_absent("default/x", b"1")
    assert seaweed.client().get_object(Bucket=seaweed.bucket, Key="team/a/default/x")["Body"].read() == b"1"
    assert bucket(SEEDBED_S3_PREFIX="").get("team/a/default/x") == b"1"
    assert store.where("default/x") == f"s3://{seaweed.bucket}/team/a/default/x"


def test_a_large_file_goes_in_parts_and_comes_back_the_same(bucket: Any, tmp_path: Path) -> None:
    data = hashlib.shake_256(b"large").digest(20_000_001)
    store = bucket()
    store.upload(io.BytesIO(b"old"), "large")
    store.upload(io.BytesIO(data), "large")
    store.download("large", tmp_path / "large")
    assert (tmp_path / "large").read_bytes() == data and store.get("large") == data


def test_what_is_not_there_is_said(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(Infrastructure, match=r"s3://seedbed/objects/.*/nothing is missing") as caught:
        bucket().download("nothing", tmp_path / "nothing")
    assert caught.value.reason == "DataMissing" and not list(tmp_path.iterdir())


NOWHERE = "http://127.0.0.1:1"  # nothing listens there


@pytest.mark.parametrize(
    ("change", "reason", "sentence"),
    [
        ({"SEEDBED_S3_BUCKET": "other"}, "BucketMissing", "there is no bucket 'other' at http://127.0.0.1:"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "WrongKey", "does not know the access key"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "WrongKey", "the secret key does not fit the access key for"),
        ({"AWS_ACCESS_KEY_ID": READER[0], "AWS_SECRET_ACCESS_KEY": READER[1]}, "AccessDenied",
         "refuses these credentials for bucket 'seedbed'"),
        ({"SEEDBED_S3_ENDPOINT": NOWHERE}, "StoreUnreachable", f"{NOWHERE} can't be reached: nothing"),
        ({"SEEDBED_S3_ENDPOINT": "nowhere"}, "BadStore", "not usable: Invalid endpoint: nowhere"),
        ({"SEEDBED_S3_BUCKET": "No Bucket"}, "BadStore", "not usable: Parameter validation failed"),
    ],
)  # fmt: skip
def test_every_trouble_is_one_sentence(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], reason: str, sentence: str
) -> None:
    monkeypatch.setitem(stores.CLIENT, "retries", {"total_max_attempts": 1})
    with pytest.raises(Infrastructure) as caught:
        bucket(**change).put_if_absent("x", b"")
    assert caught.value.reason == reason and sentence in str(caught.value) and "\n" not in str(caught.value)


def test_no_credentials_and_no_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(Infrastructure, match="there are no credentials for http") as caught:
        Bucket("seedbed", endpoint=NOWHERE).get("x")
    assert caught.value.reason == "NoCredentials"
    with pytest.raises(BadInput, match="SEEDBED_S3_BUCKET is not set"):
        Bucket.from_environment({})


def test_a_write_that_collides_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    with lax_store(collisions=2) as endpoint:
        store = Bucket("b", endpoint=endpoint)
        assert store.put_if_absent("x", b"1") is True and store.get("x") == b"1"
    with lax_store(collisions=99) as endpoint:
        with pytest.raises(Infrastructure, match="s3://b/x can't be written: others keep writing it"):
            Bucket("b", endpoint=endpoint).put_if_absent("x", b"1")
