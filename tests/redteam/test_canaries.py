"""Canaries of labels are in nothing that the trainer can read: files, kernel, descriptors, its own memory."""

from typing import Any

import numpy as np
import pytest

from redteam import attacks
from seedbed_runner.control import permute

pytestmark = pytest.mark.slow
GIVEN = "try_given_shows_that_the_search_finds"
FORBIDDEN = "try_canary_of_what_is_not_given"


def backwards(labels: Any) -> str:
    return labels.astype("<i8").tobytes()[::-1].hex()


def test_the_canary_of_scored_labels_is_nowhere(arena: Any) -> None:
    train = np.load(arena.data.folder / "public" / "train_labels.npy")
    for name in ("validation", "test"):
        scored = np.load(arena.data.folder / "sealed" / f"{name}_labels.npy")
        places = {"FORBIDDEN": backwards(scored[2:]), "GIVEN": backwards(train[2:])}
        fought = [
            arena.fight(attacks.source, "canaries", sealed=sealed, **places) for sealed in (False, True)
        ]
        assert [one.reason for one in fought] == ["Scored", "Scored"], fought[1].message
        said = fought[1].tried("given")[GIVEN]
        assert GIVEN in fought[1].pays("given") and "train_labels.npy" in said and "'memory'" in said
        assert fought[1].pays("canary") == set(), fought[1].tried("canary")
        # A descriptor of the validation labels is left open where there is no seal.
        assert name == "test" or fought[0].pays("canary") == {FORBIDDEN}


def test_a_control_has_the_true_labels_in_no_memory(arena: Any) -> None:
    true = np.load(arena.data.folder / "public" / "train_labels.npy")
    places = {"FORBIDDEN": backwards(true[2:])}
    places["GIVEN"] = backwards(permute(true, arena.data.card.data_hash, 0)[2:])
    before, after = (
        arena.fight(attacks.source, "canaries", sealed=sealed, purpose="Control", **places)
        for sealed in (False, True)
    )
    assert before.pays("canary") == {FORBIDDEN} and "memory" in before.tried("canary")[FORBIDDEN]
    assert after.reason == "Scored" and after.pays("given") == {GIVEN}
    assert "'memory'" in after.tried("given")[GIVEN]
    assert after.pays("canary") == set(), after.tried("canary")
