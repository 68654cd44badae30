"""Experiments, requests and settings for tests of the cluster's side."""

from dataclasses import replace

from fakes.memory import card, goal
from seedbed.cluster.profiles import RunProfile, StoreSettings
from seedbed.cluster.settings import OperatorSettings
from seedbed.engine.actions import Propose
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment, build_request
from seedbed.world import Profile

IMAGE = "ghcr.io/seedbed/standin:dev"
LINEAR = {"layers": [{"type": "Linear", "out_features": "classes"}]}
SMALL = {"cpu": 0.05, "memory": "64Mi"}


def settings(**profile):
    """One profile and one store, both named default."""
    storage = {"work": "16Mi", "data": "16Mi", "out": "16Mi"}
    chosen = {
        "image": IMAGE,
        "storage": storage,
        "prepare": {"cpu": 0.05, "memory": "64Mi", "storage": "16Mi"},
    }
    return OperatorSettings(
        profiles={"default": RunProfile(**(chosen | profile))},
        stores={"default": StoreSettings(endpoint="http://10.0.0.1:8333", bucket="bucket", prefix="pre")},
    )


def asked(name="digits", uid="5e0c7a3e-8a51-4b8e-a1d4-3f2b6c1d9e00", namespace="team", **spec):
    """A goal as the API server gives it."""
    made = goal(name, **({"resources": SMALL} | spec))
    return made.model_copy(
        update={"metadata": made.metadata.model_copy(update={"uid": uid, "namespace": namespace})}
    )


def experiment(name="digits", uid="0e0c7a3e-8a51-4b8e-a1d4-3f2b6c1d9e00", index=1, of=None, **spec):
    """An experiment of a goal, as the API server gives it."""
    proposal = Proposal(hypothesis="", model=LINEAR, training={})
    made = build_experiment(
        of or asked(name, **spec), Propose(index, 0), proposal, card(), Profile(device="cpu")
    )
    return made.model_copy(update={"metadata": made.metadata.model_copy(update={"uid": uid})})


def request(made, seed=0, attempt=1, **steps):
    """A run's request; `steps` tell the stand-in image what each step is to do."""
    built = build_request(made, seed, attempt, made.spec.data_hash)
    return replace(built, training=steps) if steps else built
