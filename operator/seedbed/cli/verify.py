"""`research-agent verify`: make recorded runs again from their records; do they come out the same?"""

import json
from typing import TYPE_CHECKING

import click

from seedbed.cli.exits import INCONCLUSIVE, NOT_ACHIEVED
from seedbed.cli.options import example, json_option, name_argument, place_options, unsealed_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedbed.verify.outcome import Outcome

EXAMPLES = example(
    "research-agent verify digits --all",
    "research-agent verify digits-e003 --seed 1",
    "research-agent verify --prefix s3://bucket/research/digits-0f3c… --all",
)
VERDICTS = """\b
Verdicts:
  Identical   the same fingerprint and code, the same predictions, metrics and weights
  Equivalent  another fingerprint, and no further off than another seed would be
  Different   what, and where
  CannotRun   which version, device or data are missing"""
EXIT_CODES = """\b
Exit codes:
  0  every run is Identical or Equivalent
  3  a run is Different
  4  none is Different, but one can't be run here"""


@click.command("verify", epilog=f"{VERDICTS}\n\n{EXAMPLES}\n\n{EXIT_CODES}")
@name_argument
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="This seed instead of the first.")
@click.option("--all", "everything", is_flag=True, help="Every recorded run.")
@click.option("--experiment", metavar="NAME", help="Runs of this experiment of the goal.")
@json_option
@unsealed_option
@click.option(
    "--prefix", metavar="URL", help="Records alone, without resources: a folder, or s3://bucket/prefix."
)
@place_options
def command(
    name: str | None, seed: int | None, everything: bool, experiment: str | None, as_json: bool,
    allow_unsealed: bool | None, prefix: str | None, folder: str | None, namespace: str | None,
) -> None:  # fmt: skip
    """Make recorded runs again from their records, and compare every bit.

    Each run is checked (record, kept files, request, data: is each what its hash says?), then trained again
    on this machine and scored. Without --all it is one run: the first seed of the attempt that decided.

    Nothing is written to the store. A bucket is read with credentials of your own, where AWS clients look for
    them; SEEDBED_S3_ENDPOINT and SEEDBED_S3_REGION say where it is, and for --namespace SEEDBED_S3_BUCKET and
    SEEDBED_S3_PREFIX too.
    """
    from seedbed.cli.verifying import look_in, scope_of, verify

    if prefix and (folder or namespace):
        raise click.UsageError("give --prefix alone: it says where the records are")
    scope = look_in(prefix, name) if prefix else scope_of(folder, namespace, name)
    outcomes = verify(scope, seed, everything, experiment, quiet=as_json, allow_unsealed=allow_unsealed)
    if as_json:
        click.echo(json.dumps(document(outcomes), indent=1))
    else:
        _print(outcomes)
    verdicts = {outcome.verdict for outcome in outcomes}
    if code := NOT_ACHIEVED if "Different" in verdicts else INCONCLUSIVE if "CannotRun" in verdicts else 0:
        raise click.exceptions.Exit(code)


def document(outcomes: "Sequence[Outcome]") -> dict[str, object]:
    """The same for programs."""
    from dataclasses import asdict

    return {"sentence": sentence(outcomes), "runs": [asdict(outcome) for outcome in outcomes]}


def sentence(outcomes: "Sequence[Outcome]") -> str:
    """What all of it comes to."""
    from seedbed.report.text import count

    verdicts = [outcome.verdict for outcome in outcomes]
    counts = {verdict: verdicts.count(verdict) for verdict in dict.fromkeys(verdicts)}
    if list(counts) == ["Identical"]:
        return (
            f"{count(len(outcomes), 'run')} made again on this machine: Identical, every prediction, "
            "metric and weight to the last bit"
        )
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    return f"{count(len(outcomes), 'run')} verified on this machine: {told}"


def _print(outcomes: "Sequence[Outcome]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from seedbed.report.text import score, signed

    table = Table(box=None, pad_edge=False)
    for column in ("run", "verdict", "recorded", "difference", "items otherwise", "logits"):
        table.add_column(column, justify="left" if column in ("run", "verdict") else "right", overflow="fold")
    for each in outcomes:
        off = each.again - each.score if each.again is not None and each.score is not None else None
        moved = each.difference
        items = f"{moved.otherwise} of {moved.items}" if moved else ""
        logits = f"±{moved.largest_logit:.3g}" if moved else ""
        style = "red" if each.verdict == "Different" else "yellow" if each.verdict == "CannotRun" else "green"
        table.add_row(
            each.name, Text(each.verdict, style=style), score(each.score), signed(off), items, logits
        )
    console = Console(highlight=False)
    console.print(table)
    for line in _reasons(outcomes):
        console.print(Text(line), soft_wrap=True)
    console.print(Text(sentence(outcomes)), soft_wrap=True)


def _reasons(outcomes: "Sequence[Outcome]") -> list[str]:
    """Why each run is not Identical, and what else is to be said of it."""
    from seedbed.report.text import clean

    lines: dict[str, list[str]] = {}
    for each in outcomes:
        for line in dict.fromkeys(map(clean, _said(each))):
            lines.setdefault(line, []).append(each.name)
    if len(outcomes) == 1:
        return list(lines)
    of_all = [f"all: {line}" for line, names in lines.items() if len(names) == len(outcomes)]
    return of_all + [
        f"{', '.join(names)}: {line}" for line, names in lines.items() if len(names) < len(outcomes)
    ]


def _said(outcome: "Outcome") -> list[str]:
    """What there is to say of one run; the table has the numbers of an Equivalent one."""
    equivalent = outcome.verdict == "Equivalent"
    said = [
        f"{finding.subject}: {finding.said}"
        for finding in outcome.findings
        if not (equivalent and finding.subject == "predictions" and outcome.difference)
    ]
    said += [f"fingerprint: {name} was {then}, is {now}" for name, (then, now) in outcome.fingerprint.items()]
    if equivalent and outcome.tolerance is not None:
        allowed, sd = outcome.tolerance.value, outcome.tolerance.sd
        said.append(f"within ±{allowed:.4f} of what was recorded (from the sd between seeds, {sd:.4f})")
    return [*said, *outcome.remarks]
