import itertools

from hypothesis import given
from hypothesis import strategies as st

from fakes.memory import goal
from seedbed.api import Metadata
from seedbed.api.integrity import CONTROL_RUNS
from seedbed.engine import naming
from seedbed.engine.actions import Confirm, Propose
from seedbed.engine.instants import to_epoch, to_text
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment
from seedbed.world import Profile

from fakes.memory import card  # isort: skip


def test_names_fit_kubernetes():
    longest = "g" * 40
    made = naming.exploration_name(longest, 200), naming.control_name(longest, 200)
    for name in (*made, naming.confirmation_name(longest, 10)):
        assert len(name) <= 63
        Metadata(name=name)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_seeds_of_explorations_attempts_and_roots_are_disjoint(root, other):
    def all_seeds(r):
        return [
            naming.exploration_seeds(r, 5),
            *(naming.confirmation_seeds(r, attempt, 12) for attempt in range(1, 11)),
            *(naming.control_seeds(r, index, CONTROL_RUNS) for index in range(1, 201)),
        ]

    groups = all_seeds(root) + (all_seeds(other) if other != root else [])
    flat = list(itertools.chain.from_iterable(groups))
    assert len(set(flat)) == len(flat)
    assert max(flat) < 2**53


def test_a_controls_seeds_are_an_antithetic_pair():
    for index in (1, 2, 200):
        first, second = naming.control_seeds(7, index, CONTROL_RUNS)
        assert first % 2 == 0 and second == first + 1


def proposal(width):
    layers = [{"type": "Linear", "out_features": width}, {"type": "Linear", "out_features": "classes"}]
    return Proposal.model_validate({"hypothesis": "", "model": {"layers": layers}, "training": {}})


def test_another_configuration_never_has_the_key_of_a_recorded_run():
    asked = goal()
    keys = set()
    for width, action in itertools.product((8, 16), (Propose(1, 0), Confirm(1, 1))):
        experiment = build_experiment(asked, action, proposal(width), card(), Profile())
        keys |= {naming.result_key(experiment, seed) for seed in experiment.spec.seeds}
    assert len(keys) == 2 * (2 + 12)


def test_keys_lie_under_the_goal():
    asked = goal()
    experiment = build_experiment(asked, Propose(3, 1), proposal(8), card(), Profile())
    prefix = naming.owner_prefix(asked)
    assert naming.proposal_key(asked, 3) == f"{prefix}/proposals/e003.json"
    assert naming.result_key(experiment, 0).startswith(f"{prefix}/runs/g-e003-")


def test_instants_survive_their_text():
    assert to_text(0) == "1970-01-01T00:00:00.000Z"
    assert to_epoch(to_text(1_700_000_000.25)) == 1_700_000_000.25
