"""An Experiment that stands alone, drawn: what it trains, and each of its seeds."""

from collections.abc import Sequence

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from seedbed.api import Experiment
from seedbed.cli.marks import cells
from seedbed.cli.scene import seed_cells
from seedbed.report.text import clean, count, duration, score
from seedbed.report.verdicts import assurance_in_words
from seedbed_runner.contract.failures import hint


def experiment_picture(
    experiment: Experiment, running: Sequence[tuple[str, int, float]], now: float
) -> Panel:
    """Header, seeds and the mean so far."""
    spec, status = experiment.spec, experiment.status
    starts = {(name, seed): since for name, seed, since in running}
    facts = Table.grid(padding=(0, 2))
    facts.add_row(
        "Data", Text(f"{spec.dataset.name}, {experiment.metric_in_words} on the {split_of(experiment)} split")
    )
    facts.add_row("Model", Text(model_in_words(experiment)))
    facts.add_row("Seeds", cells(seed_cells(experiment, starts), now))
    if status.aggregate is not None:
        facts.add_row("Mean", f"{score(status.aggregate.mean)} over {status.aggregate.n}")
    if status.assurance is not None:
        facts.add_row("Assurance", Text(assurance_in_words(status.assurance)))
    parts = [Text(clean(spec.hypothesis, 400), style="bold")] if spec.hypothesis else []
    title = f"{experiment.metadata.name} · {status.phase}"
    return Panel(Group(*parts, facts), title=title, title_align="left")


def split_of(experiment: Experiment) -> str:
    """The split that its runs are scored on."""
    return "test" if experiment.spec.purpose == "Confirm" else "validation"


def model_in_words(experiment: Experiment) -> str:
    """The layers' types in order, the classifier's name, or that it is code."""
    model, training = experiment.spec.model, experiment.spec.training
    if model.source is not None:
        what = f"code, {count(len(model.source.splitlines()), 'line')}"
    elif model.torchvision is not None:
        what = f"torchvision's {model.torchvision.name}"
    else:
        what = " → ".join(clean(str(layer.get("type", "?")), 40) for layer in model.layers or ())
    return f"{what}; {training.optimizer.type}, lr {training.optimizer.lr:g}, {training.epochs} epochs"


def runs_table(experiment: Experiment) -> Table:
    """One line a run: where every number comes from."""
    table = Table(box=None, pad_edge=False)
    for column in ("seed", "attempt", "phase", "score", "parameters", "time"):
        table.add_column(column, justify="left" if column == "phase" else "right")
    table.add_column("why", ratio=1)
    for run in experiment.status.runs:
        why = f"{run.reason}: {clean(run.message, 240)}" if run.reason else "diverged" if run.diverged else ""
        if run.phase == "Failed" and (advice := hint(run.reason)):
            why += f" (try: {advice})"
        parameters = f"{run.parameters:,}" if run.parameters is not None else ""
        table.add_row(
            str(run.seed),
            str(run.attempt),
            run.phase,
            score(run.score),
            parameters,
            duration(run.seconds),
            Text(why),
        )
    return table
