import pytest

from fakes.cluster import IMAGE, asked, experiment, settings
from seedbed.api.training import ModelSpec
from seedbed.cluster.admission import Admitted, Refusal, admit


def with_spec(made, **update):
    return made.model_copy(update={"spec": made.spec.model_copy(update=update)})


def test_what_a_resource_names_is_found():
    chosen = settings()
    assert admit(asked(), chosen) == Admitted(
        chosen.profiles["default"], chosen.stores["default"], chosen.sources
    )


@pytest.mark.parametrize(
    ("resource", "profile", "refusal"),
    [
        (
            asked(profile="fast"), {},
            Refusal("UnknownProfile",
                    "spec.profile: there is no run profile 'fast' in this cluster; there are: default"),
        ),
        (
            asked(artifacts={"store": "tape"}), {},
            Refusal("UnknownStore",
                    "spec.artifacts.store: there is no store 'tape' in this cluster; there are: default"),
        ),
        (
            asked(resources={"gpus": 1}), {"max_gpus": 0},
            Refusal("AboveCap", "spec.resources.gpus: 1 is more than profile default allows (0)"),
        ),
        (
            asked(resources={"cpu": 2.5}), {"max_cpu": 2},
            Refusal("AboveCap", "spec.resources.cpu: 2.5 is more than profile default allows (2)"),
        ),
        (
            asked(resources={"memory": "3Gi"}), {"max_memory": "3000M"},
            Refusal("AboveCap", "spec.resources.memory: 3Gi is more than profile default allows (3000M)"),
        ),
    ],
)  # fmt: skip
def test_what_the_settings_do_not_allow_is_a_sentence(resource, profile, refusal):
    assert admit(resource, settings(**profile)) == refusal


CODE = {"type": "LLM", "code": True}


def test_code_is_admitted_since_its_node_must_seal_it_in():
    coded = with_spec(experiment(), model=ModelSpec(source="# a module"))
    for resource in (coded, asked(planner=CODE)):
        assert isinstance(admit(resource, settings()), Admitted)


def test_without_any_profile_that_is_what_is_said():
    nothing = settings().model_copy(update={"profiles": {}})
    assert "the cluster's admin has set up none" in admit(asked(), nothing).message


def test_an_experiment_may_name_the_profiles_images_only():
    chosen = settings(earlier_images=["runner:1"])
    for image in (None, IMAGE, "runner:1"):
        assert isinstance(admit(with_spec(experiment(), image=image), chosen), Admitted)
    refused = admit(with_spec(experiment(), image="evil:1"), chosen)
    assert refused.reason == "ForeignImage"
    assert refused.message == (
        "spec.image: evil:1 is not an image of profile default any more: its admin can add it to "
        "earlierImages; or delete this Experiment, and its goal makes it again with the present image"
    )
    alone = admit(with_spec(experiment(), image="evil:1", goal=None), chosen)
    assert alone.message == "spec.image: evil:1 is not an image of profile default: leave it out"
