"""`research-agent compare`: which of several Experiments is better, by their recorded runs."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seedbed.cli.options import CONFIDENCE, example, json_option, place_options, plot_option
from seedbed.errors import InvalidInput

if TYPE_CHECKING:
    from rich.table import Table

    from seedbed.cli.documents import Documents
    from seedbed.report.comparison import Sample, SideBySide


@click.command(
    "compare",
    epilog=example("research-agent compare digits-e001 digits-e004", "research-agent compare a b c --paired"),
)
@click.argument("names", nargs=-1, metavar="EXPERIMENT...")
@click.option("--all-pairs", is_flag=True, help="Every pair, not only each against the first.")
@click.option(
    "--paired",
    is_flag=True,
    help="The i-th seeds belong together, which you decided before they ran: Student's t of the differences.",
)
@click.option(
    "--confidence", type=CONFIDENCE, default=0.95, show_default=True, metavar="X", help="Of the intervals."
)
@plot_option
@json_option
@place_options
def command(
    names: tuple[str, ...], all_pairs: bool, paired: bool, confidence: float, plot: Path | None,
    as_json: bool, folder: str | None, namespace: str | None,
) -> None:  # fmt: skip
    """Say which of several Experiments is better: Welch's difference, Hedges' g, P(better).

    The first one named is the reference, and every other is compared with it; p values of a list are Holm's.
    Compared are recorded scores: of one metric, on one split of the same data. It is an estimate, no claim.
    """
    from seedbed.cli.documents import open_documents
    from seedbed.report.comparison import side_by_side

    if len(set(names)) < max(2, len(names)):
        raise InvalidInput("name two Experiments or more, each once: `research-agent compare A B`")
    documents = open_documents(folder, namespace)
    samples = [_sample(documents, name) for name in names]
    beside = side_by_side(samples, paired=paired, confidence=confidence, all_pairs=all_pairs)
    if plot is not None:
        _write_plot(beside, plot)
    if as_json:
        from seedbed.report.comparison_words import document

        click.echo(json.dumps(document(beside), indent=1))
    else:
        _print(beside)


def _sample(documents: "Documents", name: str) -> "Sample":
    from seedbed.cli.find import find_experiment
    from seedbed.cli.write_report import read_results, require_records
    from seedbed.report.comparison import sample_of

    experiment = find_experiment(documents, name)
    results = read_results(documents, experiment)
    require_records(documents, name, results)
    return sample_of(experiment, results)


def _write_plot(beside: "SideBySide", path: Path) -> None:
    from seedbed.local.folder import storage
    from seedbed.report import comparison_plot
    from seedbed.report.figures import save_figure

    with storage(path):
        save_figure(
            path,
            lambda figure: comparison_plot.draw(beside, figure),
            comparison_plot.WIDTH,
            comparison_plot.height(beside),
        )


def _print(beside: "SideBySide") -> None:
    from rich.console import Console
    from rich.text import Text

    from seedbed.report.comparison_words import remarks, sentence

    console = Console(highlight=False)
    console.print(_samples_table(beside), "", _pairs_table(beside), "", sep="\n")
    for each in beside.comparisons:
        console.print(Text(sentence(each, beside), style="bold"), soft_wrap=True)
    for remark in remarks(beside):
        console.print(Text(remark, style="dim"), soft_wrap=True)


def _samples_table(beside: "SideBySide") -> "Table":
    from rich.table import Table

    from seedbed.report.text import interval, score

    table = Table("experiment", box=None, pad_edge=False)
    for column in ("mean", "interval", "sd", "seeds"):
        table.add_column(column, justify="right")
    for each in beside.samples:
        found = beside.interval_of(each)
        ends = interval(found.low, found.high)
        table.add_row(each.name, score(each.mean), ends, score(each.sd), str(len(each.seeds)))
    return table


def _pairs_table(beside: "SideBySide") -> "Table":
    from rich.table import Table

    from seedbed.report.text import signed

    table = Table(box=None, pad_edge=False)
    for column in ("experiment", "against", "ahead by", "Hedges' g", "its interval", "P(better)"):
        table.add_column(column, justify="left" if column in ("experiment", "against") else "right")
    for each in beside.comparisons:
        effect = each.effect
        within = "–" if effect.low is None else f"[{effect.low:.2f}, {effect.high:.2f}]"
        ahead, g, chance = signed(each.difference.value), f"{effect.g:.2f}", f"{each.superiority:.2f}"
        table.add_row(each.b, each.a, ahead, g, within, chance)
    return table
