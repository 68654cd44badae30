"""All that a report is built from, for a goal that was achieved."""

import pytest

from report.goals import ACHIEVED, ATTEMPT, DATA_HASH, DATASET, LAYERS, build_experiment, build_goal, result
from seedbed.planning.contract import Proposal
from seedbed_runner.contract.records import Card, Failure


@pytest.fixture(scope="session")
def achieved():
    """All that `build_report` takes, for a goal that was achieved."""
    goal = build_goal(ACHIEVED)
    run = {"seed": 0, "attempt": 1, "phase": "Scored", "score": 0.9, "seconds": 4.0}
    superseded = build_experiment(
        "digits-e004", [0, 1], "Superseded", [run], index=4, hypothesis="never judged"
    )
    experiments = [
        build_experiment("digits-c1", list(range(1000, 1012)), index=3, attempt=1, purpose="Confirm"),
        build_experiment("digits-e003", [0, 1], index=3, hypothesis="old words"),
        superseded,
    ]
    proposals = {
        1: Proposal(hypothesis="a start", model={"layers": LAYERS}, training={}),
        3: Proposal(
            hypothesis="wider <b>helps</b> | or *not*", parent=1, change="width 32 → 64",
            model={"layers": LAYERS}, training={},
        ),
    }  # fmt: skip
    confirmed = [
        result("digits-c1", 1000 + i, score, purpose="Confirm", split="test")
        for i, score in enumerate(ATTEMPT["scores"])
    ]
    results = {
        "digits-c1": confirmed,
        "digits-e003": [result("digits-e003", 1, 0.9823), result("digits-e003", 0, 0.9799)],
        "digits-e002": [
            result(
                "digits-e002",
                0,
                None,
                outcome="Failed",
                failure=Failure("Crash", "\x1b[31mred"),
                confusion=None,
            )
        ],
    }
    diagnostics = {"digits-c1": {1000: {"train_loss": [2.0, 0.5, 0.02]}, 1001: {"train_loss": "forged"}}}
    card = Card(
        key=DATASET["key"], name="digits", title="Handwritten digits", kind="image", input_shape=[1, 8, 8],
        classes=10, sizes=DATASET["sizes"], chance=0.1, imbalance=1.05,
        baselines={"majority": {"accuracy": 0.1}, "linear": {"accuracy": 0.9417}}, duplicates_removed=1,
        source_hash=DATASET["sourceHash"], data_hash=DATA_HASH, leakable=True,
        versions={"scikit-learn": "1.9.0"},
    )  # fmt: skip
    return {
        "goal": goal, "experiments": experiments, "proposals": proposals, "results": results,
        "diagnostics": diagnostics, "card": card,
    }  # fmt: skip
