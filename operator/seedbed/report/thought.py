"""The line of thought: a paragraph an experiment, from what was believed to what came out.

Called by `build`, and by `research-agent journal` for the words on an outcome. What models wrote is cleaned
here and escaped where it is rendered; every number stands beside the experiment and the seeds of its runs.
"""

from collections.abc import Mapping, Sequence

from seedbed.planning.contract import Proposal
from seedbed.planning.llm.entries import Journal
from seedbed.planning.llm.origin import Origin, in_words, origins
from seedbed.report.content import ExperimentRow, Thought
from seedbed.report.text import clean, count, duration, score, signed

LONGEST = 600  # characters of how a proposal came


def thoughts(
    rows: Sequence[ExperimentRow], proposals: Mapping[int, Proposal], journal: Journal | None
) -> tuple[Thought, ...]:
    """Of every experiment, and of what was asked for in vain or never judged; in the order of their index.

    Args:
        rows: the experiments.
        proposals: as they were stored, by index.
        journal: the calls to the planning LLM; None for a goal of the search planner.
    """
    by_index = {row.index: row for row in rows}
    came = {} if journal is None else origins(journal, proposals)
    return tuple(
        _thought(index, by_index.get(index), came.get(index), proposals.get(index))
        for index in sorted(by_index.keys() | came.keys())
    )


def _thought(
    index: int, row: ExperimentRow | None, origin: Origin | None, proposal: Proposal | None
) -> Thought:
    idea = row or proposal
    return Thought(
        index=index,
        name=row.name if row else "",
        parent=idea.parent if idea else None,
        believed=clean(idea.hypothesis if idea else ""),
        changed=clean(idea.change if idea else ""),
        expected=clean(idea.expected_effect if idea else ""),
        outcome=row.outcome if row else "proposed, not judged" if proposal else "no experiment",
        came_out=came_out(row) if row else "",
        origin=_came(origin) if origin else "",
    )


def came_out(row: ExperimentRow) -> str:
    """`mean 0.9811, sd 0.0017 over 2 seeds (0, 1 of digits-e003), +0.0499 from experiment 1`."""
    if row.mean is None:
        return row.why or "no score yet"
    spread = "" if row.sd is None else f", sd {score(row.sd)}"
    seeds = f"{count(row.n, 'seed')} ({', '.join(map(str, row.seeds))} of {row.name})"
    against = "" if row.difference is None else f", {signed(row.difference)} from experiment {row.parent}"
    diverged = f"; {row.diverged} of {row.n} diverged" if row.diverged else ""
    why = f"; {row.why}" if row.why else ""
    return f"mean {score(row.mean)}{spread} over {seeds}{against}{diverged}{why}"


def _came(origin: Origin) -> str:
    """How it came, with what the calls for it cost."""
    words = clean(in_words(origin), LONGEST)
    replies = [call.replied for call in origin.calls if call.replied is not None]
    if not replies:
        return words
    tokens, seconds = sum(each.tokens for each in replies), sum(each.latency for each in replies)
    return f"{words} ({count(len(origin.calls), 'call')}, {tokens:,} tokens, {duration(seconds)})"
