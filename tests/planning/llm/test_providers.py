import pytest

from seedbed.api.goal import PlannerSpec
from seedbed.planning.llm.failures import ModelNotOffered, NoSuchProvider
from seedbed.planning.llm.provider import Provider
from seedbed.planning.llm.providers import Providers

URL = "https://models.example.com/v1"
SET_UP = Providers({
    "default": Provider(base_url=URL, model="small", models=["large", "small"]),
    "lab": Provider(name="lab", base_url=URL, model="tiny"),
})  # fmt: skip


def test_a_goal_that_names_nothing_gets_the_default() -> None:
    assert SET_UP.of(PlannerSpec(type="LLM")) == SET_UP.by_name["default"]


def test_a_goal_chooses_among_what_is_offered() -> None:
    chosen = SET_UP.of(PlannerSpec(type="LLM", model="large"))
    assert chosen.model == "large"
    assert SET_UP.of(PlannerSpec(type="LLM", model="small")).offered == ["small", "large"]
    assert SET_UP.of(PlannerSpec(type="LLM", provider="lab")).model == "tiny"


def test_a_provider_that_is_not_set_up() -> None:
    with pytest.raises(NoSuchProvider) as caught:
        SET_UP.of(PlannerSpec(type="LLM", provider="cloud"))
    assert str(caught.value) == (
        "spec.planner.provider: no provider cloud is set up; there are: default, lab"
    )
    with pytest.raises(NoSuchProvider, match="no provider default is set up; there is none"):
        Providers().of(PlannerSpec(type="LLM"))


def test_a_model_that_is_not_offered() -> None:
    with pytest.raises(ModelNotOffered) as caught:
        SET_UP.of(PlannerSpec(type="LLM", model="huge"))
    assert str(caught.value) == (
        "spec.planner.model: provider default does not offer 'huge'; it offers: small, large"
    )
    assert caught.value.wait(1, "goal") is None, "it would fail the same way"
