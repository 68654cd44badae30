"""The report's words on what a goal's test split has been used for, by itself and by others."""

from collections import Counter
from collections.abc import Sequence

from seedbed.api import ResearchGoal
from seedbed.engine.ledger import Entry
from seedbed.engine.naming import owner_prefix
from seedbed.engine.usage import SourceUsage, Usage, add_up, by_source, uses
from seedbed.report.content import Fact
from seedbed.report.text import clean, count

MOST_NAMES, MOST_SPLITS = 4, 5
REUSED = (
    "each goal keeps to its own α; whoever chose a goal, a target or a split after seeing what these scored "
    "has no unseen test split any more"
)


def usage_facts(goal: ResearchGoal, ledger: Sequence[Entry]) -> tuple[Fact, ...]:
    """What is entered of the source of this goal's data; nothing while nothing is.

    Args:
        goal: with its status.
        ledger: the entries about that source.
    """
    data = goal.status.dataset
    if not ledger or data is None:
        return ()
    owner = owner_prefix(goal).partition("/")[2]
    here = [use for use in uses(ledger) if use.entry.data_hash == data.data_hash]
    own = [use for use in here if use.entry.owner == owner]
    others = [use for use in here if use.entry.owner != owner]
    facts = [
        Fact("This goal", usage_in_words(add_up(own)) if own else "no run on the test split"),
        Fact("Others on this test split", _with_users(add_up(others)) if others else "none"),
    ]
    if own and others:
        facts.append(Fact("On this test split in all", usage_in_words(add_up(here))))
    beside = _other_splits(by_source(ledger)[0], data.data_hash)
    if others or beside:
        beside.append(Fact("Keep in mind", REUSED))
    return (*facts, *beside)


def _other_splits(source: SourceUsage, data_hash: str) -> list[Fact]:
    """The other splits of the same rows, the last used ones by themselves."""
    others = [split for split in source.splits if split.data_hash != data_hash]
    if not others:
        return []
    shared = "they share their rows, so that what scored well there is likely to do so here"
    facts = [Fact("Other splits of the same source", f"{count(len(others), 'split')} tried: {shared}")]
    for split in others[:MOST_SPLITS]:
        facts.append(Fact(f"Split with {clean(split.split, 80)}", _with_users(split.usage)))
    if len(others) > MOST_SPLITS:
        facts.append(Fact("Earlier splits", f"{len(others) - MOST_SPLITS} more, in `research-agent ledger`"))
    return facts


def usage_in_words(usage: Usage) -> str:
    """`8 evaluations of 2 configurations in 2 attempts, α 0.0380`."""
    told = evaluations_in_words(usage)
    noun = "evaluation" if usage.evaluations == 1 and not usage.pending else "evaluations"
    where = f" in {count(usage.attempts, 'attempt')}" if usage.attempts else ""
    return f"{told} {noun} of {count(usage.configurations, 'configuration')}{where}, α {usage.alpha:.4f}"


def evaluations_in_words(usage: Usage) -> str:
    """`8`, or `8 to 12` where some may have been made."""
    most = usage.evaluations + usage.pending
    return f"{usage.evaluations} to {most}" if usage.pending else str(most)


def _with_users(usage: Usage) -> str:
    return f"{usage_in_words(usage)}, by {users_in_words(usage)}"


def users_in_words(usage: Usage) -> str:
    """Goals and Experiments by their names, a few of them."""
    names = Counter(clean(name, 63) for name in (*usage.goals, *usage.experiments))
    told = [f"{name} ({times} of that name)" if times > 1 else name for name, times in names.items()]
    left = len(told) - MOST_NAMES
    return ", ".join(told[:MOST_NAMES]) + (f" and {left} more" if left > 0 else "")
