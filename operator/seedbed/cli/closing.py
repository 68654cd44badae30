"""How a goal ended, in words: for the last picture on a terminal and for plain lines alike.

`experiments` are those of the goal that exist, for what is not settled yet; `resume` is the command to go on.
"""

from collections.abc import Sequence

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.experiment import RunStatus
from seedbed.api.integrity import Integrity
from seedbed.api.progress import Attempt, ExperimentLine
from seedbed.cli.scene import working_seconds
from seedbed.engine.intervals import clopper_pearson_upper
from seedbed.report import verdicts
from seedbed.report.advice import next_steps
from seedbed.report.content import Fact
from seedbed.report.text import count, duration, interval, score
from seedbed_runner.contract.failures import hint

_STYLES = {"good": "green", "bad": "yellow", "open": "cyan"}


def closing_facts(
    goal: ResearchGoal, experiments: Sequence[Experiment], now: float, resume: str
) -> list[Fact]:
    """The evidence, what was spent, and what to do next."""
    status = goal.status
    settled: list[ExperimentLine | Attempt | Integrity] = [*status.experiments, *status.attempts]
    settled += status.integrity
    live = _scored_so_far(goal, experiments)
    runs = sum(each.runs for each in settled) + len(live)
    trained = sum(each.seconds for each in settled) + sum(run.seconds for run in live)
    times = f"{duration(trained)} of training, {duration(working_seconds(goal, now))} in all"
    facts = [*verdicts.evidence(goal), Fact("Spent", f"{count(runs, 'seed')}, {times}")]
    if status.finished:  # else the command says how to go on by itself
        facts += [Fact("Next", step) for step in next_steps(goal, None, resume)]
    return facts


def _scored_so_far(goal: ResearchGoal, experiments: Sequence[Experiment]) -> list[RunStatus]:
    """Runs of experiments and confirmations whose runs the goal's own status does not count yet."""
    settled = {line.name for line in goal.status.experiments}
    settled |= {each.experiment for each in goal.status.attempts if each.runs}
    settled |= {each.control for each in goal.status.integrity if each.control}
    live = [e for e in experiments if e.metadata.name not in settled and e.status.phase != "Superseded"]
    return [run for each in live for run in each.status.runs if run.phase == "Scored"]


def closing_panel(goal: ResearchGoal, experiments: Sequence[Experiment], now: float, resume: str) -> Panel:
    """The verdict with its evidence."""
    head = verdicts.heading(goal)
    style = _STYLES[head.tone]
    grid = Table.grid(padding=(0, 2))
    for fact in closing_facts(goal, experiments, now, resume):
        grid.add_row(Text(fact.label, style="bold"), Text(fact.text))
    sentence = Text(head.sentence, style="bold")
    return Panel(
        Group(sentence, "", grid), title=head.verdict.upper(), title_align="left", border_style=style
    )


def closing_lines(
    goal: ResearchGoal, experiments: Sequence[Experiment], now: float, resume: str
) -> list[str]:
    """The same as plain lines."""
    head = verdicts.heading(goal)
    facts = [f"  {fact.label}: {fact.text}" for fact in closing_facts(goal, experiments, now, resume)]
    return [f"{goal.metadata.name}: {head.verdict.upper()}: {head.sentence}", *facts]


def experiment_lines(experiment: Experiment) -> list[str]:
    """What an Experiment that stands alone came to: an estimate over its seeds, no claim."""
    spec, status, name = experiment.spec, experiment.status, experiment.metadata.name
    lines = [f"{name}: {status.phase}" + (f": {status.message}" if status.message else "")]
    found = status.aggregate
    if found is not None:
        over = f"{score(found.mean)} over {count(found.n, 'seed')}"
        split = "test" if spec.purpose == "Confirm" else "validation"
        within = (
            f", 95 % interval {interval(found.low, found.high)}" if found.low is not None else ", no interval"
        )
        few = " (two seeds: too few to decide)" if found.n == 2 else ""
        rate = clopper_pearson_upper(found.diverged, found.n)
        lines.append(f"  {experiment.metric_in_words} on the {split} split: mean {over}{within}{few}")
        lines.append(
            f"  {found.diverged} of {found.n} diverged, rate ≤ {rate:.2f} (95 %, one-sided); not a claim"
        )
    for run in status.runs:
        if run.phase in ("Failed", "Missing"):
            said = f"  seed {run.seed} {run.phase.lower()}: {run.reason}: {run.message or 'no message'}"
            advice = hint(run.reason) if run.phase == "Failed" else ""
            lines.append(f"{said} (try: {advice})" if advice else said)
    return lines
