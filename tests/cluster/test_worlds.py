import asyncio
import logging

import pytest

from fakes.cluster import asked, experiment, settings
from fakes.lax_store import lax_store
from fakes.seaweed import seaweed  # noqa: F401
from seedbed.api.goal import Resources
from seedbed.cluster.events import Events
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.profiles import StoreSettings
from seedbed.cluster.worlds import Worlds
from seedbed.errors import InvalidInput
from seedbed.world import Profile


def worlds_of(chosen):
    return Worlds(None, chosen, Events(None, "operator"), Metrics(), Freshness(), "operator", print)


@pytest.fixture
def worlds(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return worlds_of(settings(device="cpu", allow_unsealed=True))


@pytest.fixture
def said(monkeypatch, caplog):
    """What the log says of these stores."""

    def check(key="key", secret="secret", **stores):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            asyncio.run(worlds_of(settings().model_copy(update={"stores": stores})).check_stores())
        ours = [record for record in caplog.records if record.name.startswith("seedbed")]
        return [(record.levelname, record.getMessage()) for record in ours]

    return check


def test_a_namespace_has_one_world_and_all_share_the_stores(worlds):
    first, second = worlds("a"), worlds("b")
    assert worlds("a") is first and first.store is not second.store
    assert first.artifacts_of(asked()) is second.artifacts_of(experiment())


def test_a_profile_says_device_image_and_whether_code_may_run(worlds):
    image = settings().profiles["default"].image
    assert worlds("a").profile_of(asked()) == Profile(
        "cpu", image, caps=Resources(gpus=1, cpu=8.0, memory="32Gi"), allow_unsealed=True
    )


@pytest.mark.parametrize(("seals", "declared"), [(True, "gvisor"), (False, "")])
def test_runs_declare_the_runtime_class_that_seals_and_no_other(monkeypatch, seals, declared):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    chosen = worlds_of(settings(runtime_class="gvisor", runtime_class_seals=seals))
    assert chosen("a").profile_of(asked()).declared == declared


def test_what_the_admin_did_not_set_up_is_a_sentence(worlds):
    with pytest.raises(
        InvalidInput, match="there is no run profile 'big' in this cluster; there are: default"
    ):
        worlds("a").profile_of(asked(profile="big"))
    with pytest.raises(InvalidInput, match="there is no store 'far' in this cluster"):
        worlds("a").artifacts_of(asked(artifacts={"store": "far"}))


def test_a_store_that_ignores_conditions_is_told_before_a_goal_asks_for_it(said):
    with lax_store() as endpoint:
        lax = StoreSettings(endpoint=endpoint, bucket="seedbed")
        first, second = said(bad=lax, worse=lax.model_copy(update={"region": "no such region"}))
    assert first[0] == "WARNING" and first[1].startswith(
        f"store bad: {endpoint} takes a conditional write (If-None-Match) for a key that is there"
    )
    assert second[0] == "WARNING" and second[1].startswith("store worse: the store's settings are not")


@pytest.mark.slow
def test_a_good_store_is_told_too(said, seaweed):  # noqa: F811
    good = StoreSettings(endpoint=seaweed.endpoint, bucket=seaweed.bucket, prefix="worlds")
    assert said(seaweed.key, seaweed.secret, good=good) == [("INFO", "store good keeps records")]
