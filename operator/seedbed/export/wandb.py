"""Runs for Weights & Biases, written by its own package in offline mode; `wandb sync` uploads them later."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seedbed.export.content import TrackedRun
from seedbed.export.extras import tracker


def export_wandb(runs: Iterable[TrackedRun], project: str, facts: Mapping[str, str], into: Path) -> None:
    """Write each run as an offline run below `into/wandb`.

    Raises:
        InvalidInput: the package is missing.
    """
    wandb = tracker("wandb")
    try:
        for run in runs:
            _write(wandb, run, project, facts, into)
    finally:
        wandb.teardown()  # the process that writes the files has a buffer until it ends


def _write(wandb: Any, run: TrackedRun, project: str, facts: Mapping[str, str], into: Path) -> None:
    """One run: nothing of this machine, its code or its terminal goes with it."""
    quiet = wandb.Settings(
        console="off", silent=True, disable_git=True, disable_code=True, save_code=False,
        x_disable_stats=True, x_disable_meta=True, x_disable_machine_info=True,
    )  # fmt: skip
    with wandb.init(
        mode="offline", dir=into, project=project, name=run.name, group=run.group, reinit="finish_previous",
        config={**run.config, "facts": {**facts, **run.facts}}, settings=quiet,
    ) as opened:  # fmt: skip
        for epoch, ended, values in run.steps():
            opened.log({**values, "_timestamp": ended}, step=epoch)
        opened.summary.update({**run.metrics, "outcome": run.facts["outcome"]})
