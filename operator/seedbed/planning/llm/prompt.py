"""What a language model is asked: two messages, a function of the request, the offer and what is left.

The first says what never changes for a goal (the work, the form of an answer, what the runner offers), the
second what is known by now. The words are in `templates/`; raise `VERSION` when they change, because the
journal keeps it with every call. No test score can be in a prompt: a request holds none, see
`planning.contract` and `past`.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from seedbed.api.asked import in_words as asked_in_words
from seedbed.api.asked import within
from seedbed.errors import PlannerFailed
from seedbed.planning.contract import ProposalRequest, Tried
from seedbed.planning.cost import Limits
from seedbed.planning.llm import cutting, past, tokens, vocabulary
from seedbed.planning.llm.cutting import Cut
from seedbed.planning.llm.offer import Left, Offer
from seedbed.planning.llm.quoting import quoted
from seedbed.planning.search import SearchPlanner
from seedbed_runner.contract.metrics import METRICS

VERSION = "2"

Message = dict[str, str]  # role and content, as chat completions have them


@dataclass(frozen=True)
class Prompt:
    """One prompt.

    Attributes:
        messages: to send, in order.
        tokens: the most that they can cost (`tokens.at_most`).
        cut: what was left out for length, in words.
        version: of the templates.
    """

    messages: tuple[Message, ...]
    tokens: int
    cut: tuple[str, ...] = ()
    version: str = VERSION


def compose(request: ProposalRequest, offer: Offer, left: Left, most: int) -> Prompt:
    """The prompt for a request, of at most `most` tokens.

    Raises:
        PlannerFailed: it can't be that short, or no model at all is within the goal's limits.
    """
    system = {"role": "system", "content": _system(request, offer)}

    said = tokens.of_messages([system])

    def user(cut: frozenset[Cut]) -> Message:
        return {"role": "user", "content": _user(request, offer, left, cut)}

    every = cutting.order(request)
    cut = cutting.fewest(every, lambda some: said + tokens.of_messages([user(some)]) <= most)
    if cut is None:
        least = said + tokens.of_messages([user(frozenset(every))])
        raise PlannerFailed(
            f"the shortest prompt for this goal has up to {least:,} tokens, {most:,} are allowed: "
            "raise planner.tokensPerCall"
        )
    made = (system, user(cut))
    return Prompt(made, tokens.of_messages(made), cutting.in_words(cut))


def render(template: str, **values: Any) -> str:
    """A template of this package, filled in."""
    return _environment().get_template(template).render(**values).strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("seedbed.planning.llm"), autoescape=False, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip


def _system(request: ProposalRequest, offer: Offer) -> str:
    card = request.read_card()
    return render(
        "system.md.j2",
        batch=offer.batch,
        layers=vocabulary.layer_lines(card),
        texts=card.kind == "text",
        training=vocabulary.training_lines(),
        classifiers=vocabulary.offered_classifiers(card),
        code=offer.code,
        caps=offer.caps,
        example=json.dumps(example(request)),
    )


def example(request: ProposalRequest) -> dict[str, Any]:
    """An answer of the right form: what the search planner begins with on this data.

    Raises:
        PlannerFailed: nothing that it knows is within the goal's limits.
    """
    first = SearchPlanner().propose(request.model_copy(update={"index": 1, "history": [], "pending": []}))
    proposal = {
        "hypothesis": "Why this should work, in one or two sentences.",
        "parent": None,
        "change": "The one thing that differs from the parent.",
        "expectedEffect": "What it should do to the metric, and by how much.",
        "model": first.model.document(),
        "training": first.training.document(),
    }
    return {"proposals": [proposal], "stop": None}


def _user(request: ProposalRequest, offer: Offer, left: Left, cut: frozenset[Cut]) -> str:
    history = request.history
    return render(
        "request.md.j2",
        goal=_goal(request),
        data=_data(request),
        left=left,
        index=request.index,
        batch=offer.batch,
        header=past.HEADER,
        rows=[past.row(one, _kept("texts", one, cut)) for one in history if _kept("row", one, cut)],
        rest=past.rest([one for one in history if not _kept("row", one, cut)]),
        ranked=[
            (one.line.index, past.configuration(one.proposal))
            for one in past.ranked(history)
            if _kept("configuration", one, cut)
        ],
        failures=past.failures([one for one in history if _kept("row", one, cut)]),
        best=next((one.line.index for one in past.ranked(history)), None),
        pending=_pending(request, cut),
        hidden=sum(("row", index) in cut for index in cutting.pending_indices(request)),
    )


def _kept(kind: cutting.Kind, tried: Tried, cut: frozenset[Cut]) -> bool:
    return (kind, tried.line.index) not in cut


def _goal(request: ProposalRequest) -> dict[str, Any]:
    goal = request.goal
    return {
        "text": quoted(goal.goal, 2000),
        "asked": asked_in_words(goal.objective, goal.objective.target) + within(goal),
        "confidence": f"{100 * goal.objective.confidence:g}",
        "direction": goal.objective.direction.lower(),
        "metric": goal.objective.metric,
        "limits": str(Limits.of(goal)),
        "gpus": goal.resources.gpus,
        "cpu": f"{goal.resources.cpu:g}",
        "seeds": goal.seeds.explore,
    }


_LAYOUTS = {"image": "channels × height × width", "tabular": "features", "text": "tokens"}


def _data(request: ProposalRequest) -> dict[str, Any]:
    card = request.read_card()
    metric = request.goal.objective.metric
    known = [(name, scores[metric]) for name, scores in sorted(card.baselines.items()) if metric in scores]
    return {
        "title": quoted(card.title, 200),
        "kind": card.kind,
        "shape": "×".join(map(str, card.input_shape)),
        "layout": _LAYOUTS[card.kind],
        "task": card.task,
        "vocabulary": card.vocabulary,
        "classes": card.classes,
        "sizes": {split: card.sizes[split] for split in ("train", "validation")},
        "chance": f"{card.chance:.4f}",
        "imbalance": f"{card.imbalance:.2f}",
        "baselines": [f"{quoted(name, 40)} {METRICS[metric].title} {value:.4f}" for name, value in known],
    }


def _pending(request: ProposalRequest, cut: frozenset[Cut]) -> list[tuple[int, str, str]]:
    """Index, change and configuration of the experiments under way; the last is empty where it is cut."""
    found = zip(cutting.pending_indices(request), request.pending, strict=True)
    return [
        (index, quoted(one.change, 200), "" if ("configuration", index) in cut else past.configuration(one))
        for index, one in found
        if ("row", index) not in cut
    ]
