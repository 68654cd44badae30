import asyncio
import socket

import pytest

from fakes.identity import KEY, SESSION, cloud
from fakes.lax_store import lax_store
from fakes.seaweed import READER
from seedbed.cluster.artifacts import CHECKED, S3Artifacts
from seedbed.cluster.profiles import StoreSettings
from seedbed.errors import StorageFailed
from seedbed_runner.contract import stores


@pytest.fixture
def credentials(monkeypatch):
    def use(key, secret):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)

    use("any", "any")
    return use


@pytest.fixture
def store(seaweed, credentials, request):
    credentials(seaweed.key, seaweed.secret)
    settings = {
        "endpoint": seaweed.endpoint,
        "bucket": seaweed.bucket,
        "prefix": f"cluster/{request.node.originalname}",
    }
    return lambda **changes: S3Artifacts(StoreSettings(**settings | changes))


@pytest.mark.slow
def test_the_first_one_wins(store):
    artifacts = store()
    assert asyncio.run(artifacts.get("default/g/a")) is None
    assert asyncio.run(artifacts.put("default/g/a", b"one")) is True
    assert asyncio.run(artifacts.put("default/g/a", b"two")) is False
    assert asyncio.run(artifacts.get("default/g/a")) == b"one"
    assert artifacts.read("default/g/a") == b"one"


@pytest.mark.slow
def test_of_two_operators_one_writes(store):
    async def race(turn):
        puts = [artifacts.put(f"race/{turn}", b"%d" % i) for i, artifacts in enumerate(both)]
        return await asyncio.gather(*puts)

    both = [store(), store()]
    assert [sorted(asyncio.run(race(turn))) for turn in range(10)] == [[False, True]] * 10


@pytest.mark.slow
def test_keys_are_below_the_prefix(store, seaweed):
    asyncio.run(store(prefix="team/a").put("default/x", b"1"))
    assert seaweed.client().get_object(Bucket=seaweed.bucket, Key="team/a/default/x")["Body"].read() == b"1"
    assert asyncio.run(store(prefix="").get("team/a/default/x")) == b"1"


@pytest.mark.slow
def test_a_good_store_is_found_good_again_and_again(store, seaweed):
    artifacts = store(prefix="checked")
    assert [asyncio.run(artifacts.check()) for _ in range(2)] == [None, None]
    listed = seaweed.client().list_objects_v2(Bucket=seaweed.bucket, Prefix="checked/")["Contents"]
    assert [item["Key"] for item in listed] == [f"checked/{CHECKED}"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "secret", "changes", "sentence"),
    [
        (None, None, {"bucket": "other"}, "there is no bucket 'other' at http://127.0.0.1:"),
        ("nobody", "x", {}, "does not know the access key that it was given: check AWS_ACCESS_KEY_ID"),
        (None, "wrong", {}, "the secret key does not fit the access key for http://127.0.0.1:"),
        (*READER, {}, "refuses these credentials for bucket 'seedbed'"),
    ],
)
def test_what_is_wrong_is_a_sentence(store, seaweed, credentials, key, secret, changes, sentence):
    credentials(key or seaweed.key, secret or seaweed.secret)
    artifacts = store(**changes)
    said = asyncio.run(artifacts.check())
    assert sentence in said and "\n" not in said
    with pytest.raises(StorageFailed, match="http://127.0.0.1"):
        asyncio.run(artifacts.put("default/x", b""))


def test_a_store_that_cannot_be_reached(credentials, monkeypatch):
    monkeypatch.setitem(stores.CLIENT, "retries", {"total_max_attempts": 1})
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        artifacts = S3Artifacts(StoreSettings(endpoint=endpoint, bucket="seedbed"))
        assert asyncio.run(artifacts.check()) == f"{endpoint} can't be reached: nothing answers there"
        with pytest.raises(StorageFailed, match="can't be reached"):
            asyncio.run(artifacts.get("x"))


def test_a_store_that_ignores_conditions_is_found_out(credentials):
    with lax_store() as endpoint:
        said = asyncio.run(S3Artifacts(StoreSettings(endpoint=endpoint, bucket="seedbed")).check())
    assert said.startswith(f"{endpoint} takes a conditional write (If-None-Match) for a key that is there")


def test_without_keys_the_workloads_identity_opens_the_store(monkeypatch, tmp_path):
    token = tmp_path / "token"
    token.write_text("the-pods-token")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/seedbed")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token))
    with cloud() as found:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", found.endpoint)
        artifacts = S3Artifacts(StoreSettings(endpoint=found.endpoint, bucket="seedbed"))
        assert asyncio.run(artifacts.put("x", b"1")) is True
    (asked,) = found.asked
    assert asked["WebIdentityToken"] == ["the-pods-token"]
    assert asked["RoleArn"] == ["arn:aws:iam::1:role/seedbed"]
    assert found.writers == [(KEY, SESSION)]


def test_neither_keys_nor_an_identity_is_a_sentence(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with lax_store() as endpoint:
        said = asyncio.run(S3Artifacts(StoreSettings(endpoint=endpoint, bucket="seedbed")).check())
    assert said is not None and "AWS_ACCESS_KEY_ID" in said and endpoint in said


def test_a_write_that_collides_is_tried_again(credentials):
    with lax_store(collisions=1) as endpoint:
        artifacts = S3Artifacts(StoreSettings(endpoint=endpoint, bucket="seedbed"))
        assert asyncio.run(artifacts.put("x", b"1")) is True
    with lax_store(collisions=99) as endpoint:
        artifacts = S3Artifacts(StoreSettings(endpoint=endpoint, bucket="seedbed"))
        with pytest.raises(StorageFailed, match="s3://seedbed/x: others keep writing it"):
            asyncio.run(artifacts.put("x", b"1"))


def test_settings_that_boto3_refuses(credentials):
    with pytest.raises(StorageFailed, match="the store's settings are not usable"):
        S3Artifacts(StoreSettings(bucket="seedbed", region="no such region"))
