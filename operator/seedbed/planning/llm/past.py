"""What a prompt says of the experiments before it: rows of a table, configurations, and a line for the rest.

Only what is named here goes in, and of a settled experiment that is what its exploration on validation gave.
What an attempt to confirm or a doubt about the test split left in its message stays out: `_told`.
"""

from collections import Counter
from collections.abc import Sequence

from seedbed.api.progress import ExperimentLine
from seedbed.engine.intervals import mean, t_interval
from seedbed.planning.contract import Proposal, Tried
from seedbed.planning.history import score
from seedbed.planning.llm.quoting import quoted, quoted_json
from seedbed_runner.contract.failures import hint

HEADER = "experiment | parent | change | outcome | parameters | mean | sd | n | 95 % interval | remarks"
RUNNERS_UP = 2  # whose configuration is shown beside the best one's

_TEXT = 200  # bytes of a change or of a failure's sentence
_CONFIGURATION = 4000  # characters
_NONE = "-"
_EXPLORED = frozenset({"Failed", "SeedMissing", "ConstraintBroken"})  # outcomes of an exploration


def ranked(history: Sequence[Tried]) -> list[Tried]:
    """The best and its runners-up; of equal ones the first."""
    scored = [(known, one) for one in history if (known := score(one)) is not None]
    return [one for _, one in sorted(scored, key=lambda pair: -pair[0])[: 1 + RUNNERS_UP]]


def row(tried: Tried, texts: bool = True) -> str:
    """One experiment under `HEADER`; without `texts` only what is short by itself."""
    line, proposal = tried.line, tried.proposal
    interval = t_interval(line.scores)
    cells = [
        str(line.index),
        str(proposal.parent or _NONE),
        quoted(proposal.change, _TEXT) if texts else "…",
        line.outcome,
        _NONE if line.parameters is None else str(line.parameters),
        _number(line.mean),
        _number(line.sd),
        str(line.n),
        f"{interval.low:.4f} to {interval.high:.4f}" if interval else _NONE,
        _remarks(line, texts),
    ]
    return " | ".join(cells)


def _told(line: ExperimentLine) -> bool:
    """Whether its reason may be told; that its code is no candidate for a claim is known before any test."""
    return line.outcome in _EXPLORED or (
        line.outcome == "Blocked" and line.reason in ("Unsealed", "Redrawable")
    )


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4f}"


def _remarks(line: ExperimentLine, texts: bool) -> str:
    parts = [f"{name} {mean(scores):.4f}" for name, scores in sorted(line.also.items()) if scores]
    if any(line.diverged):
        parts.append(f"diverged {sum(line.diverged)} of {len(line.diverged)}")
    if _told(line):
        parts.append(failure_class(line))
        if texts and line.message:
            parts.append(quoted(line.message, _TEXT))
    return ", ".join(parts) or _NONE


def failure_class(line: ExperimentLine) -> str:
    """The typed reason of a failure."""
    return quoted(line.reason or line.outcome, 64).strip('"')


def failures(shown: Sequence[Tried]) -> list[str]:
    """What to do about each kind of failure among these, in the order of their first."""
    kinds = dict.fromkeys(failure_class(one.line) for one in shown if one.line.outcome == "Failed")
    return [f"{kind}: {advice}" for kind in kinds if (advice := hint(kind))]


def configuration(proposal: Proposal) -> str:
    """Model and training as JSON on one line."""
    value = {"model": proposal.model.document(), "training": proposal.training.document()}
    return quoted_json(value, _CONFIGURATION)


def rest(left_out: Sequence[Tried]) -> str:
    """One line on the experiments whose rows were cut."""
    if not left_out:
        return ""
    means = [one.line.mean for one in left_out if one.line.mean is not None]
    failed = Counter(failure_class(one.line) for one in left_out if _told(one.line))
    parts = [f"{len(left_out)} more experiments are not shown"]
    if means:
        parts.append(f"{len(means)} of them have a mean, from {min(means):.4f} to {max(means):.4f}")
    if failed:
        common = ", ".join(f"{reason} {count}" for reason, count in failed.most_common(8))
        parts.append(f"{sum(failed.values())} failed: {common}")
    return "; ".join(parts)
