"""`research-agent plan-seeds`: what a number of seeds can show, and what a search takes, before it is run."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import CONFIDENCE, example, json_option, plot_option
from seedbed.errors import InvalidInput

if TYPE_CHECKING:
    from seedbed.api.goal import GoalSpec
    from seedbed.engine.design import Design


class Positive(click.FloatRange):
    """A finite number above 0."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse what float() takes beyond numbers: nan and inf."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number", param, ctx)
        return number


@click.command(
    "plan-seeds",
    epilog=example(
        "research-agent plan-seeds --sd 0.01 --margin 0.02",
        "research-agent plan-seeds --goal goal.yaml --sd 0.005",
    ),
)
@click.option(
    "--sd",
    type=Positive(),
    metavar="X",
    help="Standard deviation over seeds, in the metric's unit.  [default: the goal's priorSd]",
)
@click.option(
    "--margin",
    type=Positive(),
    metavar="X",
    help="How far the true mean is beyond the target.  "
    "[default: about what attempt 1 shows with a chance of .80]",
)
@click.option(
    "--goal", "manifest", metavar="FILE", help="Take target, confidence, seeds and budget from this manifest."
)
@click.option("--confidence", type=CONFIDENCE, metavar="X", help="Over the whole search.  [default: 0.95]")
@click.option(
    "--attempts", type=click.IntRange(1, 10), metavar="N", help="Confirmations at most.  [default: 5]"
)
@click.option(
    "--confirm",
    type=click.IntRange(4, 12),
    metavar="N",
    help="Seeds of one confirmation, at most.  [default: 12]",
)
@click.option(
    "--explore", type=click.IntRange(1, 5), metavar="N", help="Seeds of one candidate.  [default: 2]"
)
@click.option(
    "--candidates", type=click.IntRange(1, 200), metavar="N", help="Candidates at most.  [default: 20]"
)
@click.option(
    "--good",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    metavar="SHARE",
    help="Share of the candidates that have this margin.",
)
@plot_option
@json_option
def command(
    sd: float | None, margin: float | None, manifest: str | None, good: float, plot: Path | None,
    as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Say what a design can show, and what its search will take, before anything is spent.

    A plan, never a claim: it believes the standard deviation and the margin that you give it.
    """
    spec = _goal(manifest) if manifest is not None else None
    design = replace(_design(spec, sd), good=good, **{k: v for k, v in given.items() if v is not None})
    if margin is None:
        margin = design.usual_margin()
    elif not design.possible(margin):
        raise InvalidInput(
            f"`--margin` is {margin:g} but from the target of {manifest} to the best value of its metric it "
            f"is only {design.room:.4g}"
        )
    if plot is not None:
        _write_plot(design, margin, plot)
    if as_json:
        from seedbed.report.design import document

        click.echo(json.dumps(document(design, margin), indent=1))
    else:
        _print(design, margin)


def _goal(manifest: str) -> "GoalSpec":
    from seedbed.api import ResearchGoal
    from seedbed.cli.manifests import read

    goals = [each for each in read(manifest) if isinstance(each, ResearchGoal)]
    if len(goals) != 1:
        raise InvalidInput(
            f"`--goal` needs a manifest with one ResearchGoal, but {manifest} has {len(goals)}"
        )
    return goals[0].spec


def _design(spec: "GoalSpec | None", sd: float | None) -> "Design":
    """What a manifest and `--sd` say."""
    from seedbed.api.asked import in_words
    from seedbed.api.objective import HIGHEST
    from seedbed.engine.design import Design
    from seedbed_runner.contract.metrics import METRICS

    if spec is None:
        if sd is None:
            raise InvalidInput(
                "give `--sd`, the standard deviation over seeds, such as 0.01; or `--goal FILE`"
            )
        return Design(sd, sd)
    objective, budget = spec.objective, spec.budget
    if not objective.plain or objective.target is None:
        raise InvalidInput(
            "`--goal` plans for one target of a mean on this split, but the goal in it asks for "
            f"{in_words(objective, objective.target)}"
        )
    named = objective.named_metric
    bound = HIGHEST if named is None else METRICS[named].bound
    return Design(
        sd=sd or objective.prior_sd,
        prior_sd=objective.prior_sd,
        confidence=objective.confidence,
        attempts=budget.confirmations,
        confirm=spec.seeds.confirm,
        explore=spec.seeds.explore,
        candidates=budget.experiments,
        room=abs(bound - objective.target),
    )


def _write_plot(design: "Design", margin: float, path: Path) -> None:
    from seedbed.local.folder import storage
    from seedbed.report import design_plot
    from seedbed.report.figures import save_figure

    with storage(path):
        save_figure(
            path,
            lambda figure: design_plot.draw(design, margin, figure),
            design_plot.WIDTH,
            design_plot.HEIGHT,
        )


def _print(design: "Design", margin: float) -> None:
    from rich.console import Console
    from rich.text import Text

    from seedbed.cli.design_tables import confirmations_table, needed_table
    from seedbed.report.design import assumptions, search_in_words

    console = Console(highlight=False)
    console.print("One confirmation: chance to show a true margin (and its seeds, on average)", style="bold")
    console.print(confirmations_table(design, margin), "")
    console.print("The true margin that it shows with a chance of", style="bold")
    console.print(needed_table(design), "")
    console.print(Text(search_in_words(design, margin, design.search(margin)), style="bold"), soft_wrap=True)
    for line in assumptions(design):
        console.print(Text(line, style="dim"), soft_wrap=True)
