"""`quick-evaluator`: one configuration, a few seeds, in this process; the fast look before a goal.

It prints what `quick_evaluate_once` says, or JSON. torch is imported once the flags are known to be right.
"""

import contextlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seedbed.cli.options import example, source_options
from seedbed_runner.errors import RunnerError

if TYPE_CHECKING:
    from rich.console import Console

    from seedbed import QuickEvalConfig, QuickEvalResult, SeedResult

NOT_ACHIEVED = 3
EXAMPLES = example(
    "quick-evaluator --dataset digits --num-seeds 5 --target-accuracy 0.95",
    "quick-evaluator --dataset iris --model layers.yaml --json",
)
EXIT_CODES = """\b
Exit codes:
  0  the target is reached, or there was none
  1  every seed failed
  2  bad input
  3  the target is not reached, or one seed can't tell"""


@click.command(epilog=f"{EXAMPLES}\n\n{EXIT_CODES}", context_settings={"max_content_width": 100})
@click.option("--dataset", default="digits", show_default=True, help="As in a manifest: digits, …")
@click.option(
    "--num-seeds", type=click.IntRange(1, 1000), default=5, show_default=True, help="Seeds 0, 1, 2, …"
)
@click.option("--target-accuracy", type=float, help="Tested against the mean's lower bound, such as 0.95.")
@click.option("--metric", help="What --target is about.  [default: the dataset's own]")
@click.option("--target", type=float, help="As --target-accuracy, for another metric.")
@click.option("--epochs", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--subset-size", type=click.IntRange(min=2), help="Train on at most so many rows.")
@click.option(
    "--model",
    "model_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Layers as YAML or JSON, or a .py file with build_model(input_shape, num_classes).",
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Seeds at once.  [default: one a core]")
@source_options
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON, nothing else.")
@click.option("--verbose", is_flag=True, help="Show every metric and what the numbers depend on.")
def command(as_json: bool, verbose: bool, model_file: Path | None, **options: Any) -> None:
    """Train one model with a few seeds and say how good it is on the validation split.

    The number of seeds is fixed beforehand and nothing is searched: what it says of a target is one test,
    not a claim after a search. For that, write a goal: research-agent init.
    """
    model = _read_model(model_file) if model_file else None
    _say_sources(options)
    try:
        with _own_code(model_file):
            result = _evaluate(_configuration(options | {"measure_costs": verbose}), model, quiet=as_json)
    except RunnerError as error:
        failure = click.ClickException(str(error))
        vars(failure)["exit_code"] = error.exit_code
        raise failure from error
    except ImportError as error:
        raise click.ClickException(f"training needs torch ({error}): install seedbed[runner]") from error
    click.echo(json.dumps(result.to_dict(), indent=1)) if as_json else _print(result, verbose)
    if result.config.wanted is not None and not result.goal_achieved:
        raise click.exceptions.Exit(NOT_ACHIEVED)


def _say_sources(options: dict[str, Any]) -> None:
    """Tell the runner, which loads in this process, where data come from: flags and the config file."""
    from seedbed.errors import InvalidInput
    from seedbed.local.settings import read_settings
    from seedbed.local.sources import source_environment

    given = {name: options[name] for name in ("data", "offline", "allow_unverified")}
    try:
        os.environ.update(source_environment(read_settings(**given)))
    except InvalidInput as error:
        raise click.UsageError(str(error)) from error


def _configuration(options: dict[str, Any]) -> "QuickEvalConfig":
    from seedbed import QuickEvalConfig

    return QuickEvalConfig(
        dataset_name=options["dataset"],
        num_seeds=options["num_seeds"],
        target_accuracy=options["target_accuracy"],
        subset_size=options["subset_size"],
        epochs=options["epochs"],
        device=options["device"],
        metric=options["metric"],
        target=options["target"],
        workers=options["workers"],
        measure_costs=options["measure_costs"],
    )


def _read_model(path: Path) -> Any:
    """A model from a file: layers, a torchvision classifier, or a function of a Python module."""
    if path.suffix == ".py":
        specification = importlib.util.spec_from_file_location(path.stem, path)
        assert specification is not None and specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        with _own_code(path):
            specification.loader.exec_module(module)
        if not callable(getattr(module, "build_model", None)):
            raise click.UsageError(f"{path} has no function build_model(input_shape, num_classes)")
        return module.build_model
    import yaml

    try:
        found = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} is neither YAML nor JSON: {str(error).splitlines()[0]}") from error
    if isinstance(found, list):
        return {"layers": found}
    if isinstance(found, dict) and len(found) == 1 and set(found) <= {"layers", "torchvision"}:
        return found
    raise click.UsageError(f"{path}: write a list of layers, or an object with `layers` or `torchvision`")


@contextlib.contextmanager
def _own_code(path: Path | None) -> Iterator[None]:
    """Say where a person's own file went wrong, whatever it raised; what is not of its making passes."""
    try:
        yield
    except (Exception, SystemExit) as error:
        line = _line_of(error, path.absolute()) if path else None
        if line is None:
            raise
        what = " ".join([f"{type(error).__name__}:", *str(getattr(error, "msg", error)).split()])
        raise click.UsageError(f"{path}, line {line}: {what}") from error


def _line_of(error: BaseException, path: Path) -> int | None:
    """The last line of a file that an error came through, or whose syntax it is about."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)


def _evaluate(config: "QuickEvalConfig", model: Any, quiet: bool) -> "QuickEvalResult":
    from seedbed import quick_evaluate_once

    def told(seed: "SeedResult") -> None:
        if not quiet:
            shown = seed.metrics.get(config.metric or "accuracy", seed.metrics.get("r2", 0.0))
            score = seed.failure or f"{shown:.4f}{'  diverged' if seed.diverged else ''}"
            click.echo(f"seed {seed.seed}: {score}  ({seed.train_seconds:.1f} s)")

    return quick_evaluate_once(model, config, progress=told)


def _print(result: "QuickEvalResult", verbose: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    names = list(result.aggregated) if verbose else [f"val_{result.metric}"]
    table = Table("metric", "mean", "std", "95 % interval", "n", box=None, header_style="bold")
    for name in names:
        row = result.aggregated[name]
        interval = "needs 2 seeds" if row["ci_95"] is None else "{:.4f} … {:.4f}".format(*row["ci_95"])
        std = "" if row["std"] is None else f"{row['std']:.4f}"
        table.add_row(name, f"{row['mean']:.4f}", std, interval, str(row["n"]))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"{result.validation_items} validation rows, {result.parameters} parameters, {result.seconds:.1f} s"
    )
    if verbose and result.costs:
        used = result.costs
        console.print(
            f"{used.flops:,} FLOPs a row, {used.latency_ms:.2f} ms for one, "
            f"{used.rows_per_second:,.0f} rows/s in batches; "
            f"at most {result.peak_memory_bytes / 2**20:.0f} MiB; {result.workers} seeds at once"
        )
    if verbose and result.by_class:
        _print_classes(result, console)
    if verbose:
        console.print(", ".join(f"{name} {value}" for name, value in result.fingerprint.items()))
    if result.config.wanted is not None:
        console.print(result.statement, soft_wrap=True)


def _print_classes(result: "QuickEvalResult", console: "Console") -> None:
    """How well each class is told from the others, and what is taken for what."""
    from rich.markup import escape
    from rich.table import Table

    def name(label: int) -> str:
        return result.class_names[label] if result.class_names else str(label)

    table = Table("class", "rows", "precision", "recall", "F1", box=None, header_style="bold")
    for row in result.by_class:
        scores = (f"{value:.4f}" for value in (row.precision, row.recall, row.f1))
        table.add_row(escape(name(row.label)), str(row.rows), *scores)
    console.print(table)
    for true, taken, rows in result.mistakes:
        console.print(f"{name(true)} taken for {name(taken)}: {rows}", markup=False)


def main() -> None:
    """Entry point of `quick-evaluator`; at its end Python would take half a second to take torch apart."""
    try:
        command(prog_name="quick-evaluator")
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)


if __name__ == "__main__":
    main()
