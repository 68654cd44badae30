"""Cards, goals and simulated searches for the planners' tests."""

import math

from seedbed.api.dataset import Dataset
from seedbed.api.goal import GoalSpec
from seedbed.api.objective import Objective
from seedbed.api.progress import ExperimentLine
from seedbed.planning.contract import ProposalRequest, Tried
from seedbed.planning.search import SearchPlanner


def card(kind="image", shape=(1, 8, 8), classes=10, train=1079):
    """A card as `prepare` writes it, as JSON values."""
    return {
        "key": "k", "name": "digits", "title": "Handwritten digits, 8 × 8", "kind": kind,
        "input_shape": list(shape), "classes": classes,
        "sizes": {"train": train, "validation": train // 3, "test": train // 3},
        "chance": 1 / classes, "imbalance": 1.0, "baselines": {}, "duplicates_removed": 0,
        "source_hash": "s", "data_hash": "d", "leakable": False, "versions": {},
    }  # fmt: skip


CARDS = {
    "image": card(),
    "tabular": card("tabular", (13,), 3, 106),
    "text": card("text", (32,), 2, 2000) | {"vocabulary": 200},
}


def goal(**more):
    """A goal for digits."""
    return GoalSpec(
        goal="Classify digits",
        dataset=Dataset(name="digits"),
        objective=Objective(metric="accuracy", target=0.97),
        **more,
    )


def line(index, mean, outcome="Dropped"):
    """An experiment that settled."""
    scores = [] if mean is None else [mean, mean]
    return ExperimentLine(
        index=index, name=f"e{index}", outcome=outcome, scores=scores, mean=mean, n=len(scores),
        merit=None if mean is None else (mean - 0.97) / 0.01,
    )  # fmt: skip


def surface(settings):
    """Validation accuracy of a simulated world: smooth, with one best corner."""
    score = 0.95
    score -= 0.08 * (math.log10(settings["lr"]) - math.log10(0.004)) ** 2
    score -= 0.01 * (settings["size"] - 3) ** 2
    score -= 0.03 * (settings["optimizer"] != "AdamW") + 0.02 * (not settings["norm"])
    score -= 0.05 * abs(settings["dropout"] - 0.2)
    score -= {"residual_cnn": 0.01, "mlp": 0.05, "residual_mlp": 0.02, "linear": 0.07}.get(
        settings["family"], 0
    )
    return max(score, 0.1)


def request(index, tried, pending=(), asked=None, data=None):
    """What the reconciler asks for proposal `index`."""
    return ProposalRequest(
        index=index, goal=asked or goal(), card=data or card(), history=list(tried), pending=list(pending)
    )


def simulate(count, asked, data, parallel=2, world=surface, outcome=lambda settings: "Dropped"):
    """Propose `count` experiments, each with the outcomes that the engine would show it."""
    tried = []
    for index in range(1, count + 1):
        known = max(0, index - parallel)
        pending = [earlier.proposal for earlier in tried[known:]]
        proposal = SearchPlanner().propose(request(index, tried[:known], pending, asked, data))
        settings = proposal.memo["settings"]
        tried.append(Tried(proposal=proposal, line=line(index, world(settings), outcome(settings))))
    return tried
