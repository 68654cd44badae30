import pytest

from fakes.cluster import asked, experiment, settings
from seedbed.api.goal import Resources
from seedbed.cluster.events import Events
from seedbed.cluster.freshness import Freshness
from seedbed.cluster.metrics import Metrics
from seedbed.cluster.worlds import Worlds
from seedbed.errors import InvalidInput
from seedbed.world import Profile


@pytest.fixture
def worlds(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    chosen = settings(device="cpu", allow_unsealed=True)
    return Worlds(None, chosen, Events(None, "operator"), Metrics(), Freshness(), "operator", print)


def test_a_namespace_has_one_world_and_all_share_the_stores(worlds):
    first, second = worlds("a"), worlds("b")
    assert worlds("a") is first and first.store is not second.store
    assert first.artifacts_of(asked()) is second.artifacts_of(experiment())


def test_a_profile_says_device_image_and_whether_code_may_run(worlds):
    image = settings().profiles["default"].image
    assert worlds("a").profile_of(asked()) == Profile(
        "cpu", image, caps=Resources(gpus=1, cpu=8.0, memory="32Gi"), allow_unsealed=True
    )


def test_what_the_admin_did_not_set_up_is_a_sentence(worlds):
    with pytest.raises(
        InvalidInput, match="there is no run profile 'big' in this cluster; there are: default"
    ):
        worlds("a").profile_of(asked(profile="big"))
    with pytest.raises(InvalidInput, match="there is no store 'far' in this cluster"):
        worlds("a").artifacts_of(asked(artifacts={"store": "far"}))
