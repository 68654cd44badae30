"""Which recorded runs a verification is about: pure functions of what was found and what was asked."""

import re
from collections.abc import Sequence

from seedbed.errors import NotFound
from seedbed.verify.recorded import Recorded


def named(runs: Sequence[Recorded], name: str) -> list[Recorded]:
    """Those of the goal, or else of the Experiment, of that name, where no resource says which these are.

    Raises:
        NotFound: there is neither, or there are several goals of the name.
    """
    of_goal = [run for run in runs if re.fullmatch(re.escape(name) + r"-[eci]\d+", run.experiment)]
    found = of_goal or [run for run in runs if run.experiment == name]
    owners = sorted({run.owner for run in found})
    if not found:
        raise NotFound(f"there is no record of {name} there; there are: {_names(runs)}")
    if len(owners) > 1:
        raise NotFound(f"there are several of that name: end the prefix with one of {', '.join(owners)}")
    return found


def chosen(
    runs: Sequence[Recorded],
    *,
    seed: int | None,
    everything: bool,
    experiment: str | None,
    decided: str | None,
) -> list[Recorded]:
    """One run unless more are asked for: the first seed of the experiment that decided.

    Args:
        runs: all there are.
        seed: this one instead of the first.
        everything: all runs.
        experiment: of this experiment instead of the one that decided.
        decided: that experiment, if a goal's status names one.

    Raises:
        NotFound: there is no such run.
    """
    every = runs
    if experiment is not None:
        runs = [run for run in runs if run.experiment == experiment] or _fail(runs, f"of {experiment}")
    elif not everything:
        name = decided if decided in {run.experiment for run in runs} else _last_confirmation(runs)
        runs = [run for run in runs if run.experiment == name]
    if seed is not None:
        runs = [run for run in runs if run.seed == seed] or _fail(every, f"of seed {seed}{_of(runs)}")
    return list(runs if everything else runs[:1])


def _of(runs: Sequence[Recorded]) -> str:
    names = sorted({run.experiment for run in runs})
    return f" of {names[0]}" if len(names) == 1 else ""


def _last_confirmation(runs: Sequence[Recorded]) -> str:
    """The last attempt decides; without one, the first experiment."""
    owners = sorted({run.owner for run in runs})
    if len(owners) > 1:
        raise NotFound(f"there are records of several goals: name one of {', '.join(owners)}, or give --all")
    attempts = {
        int(number[1]): run.experiment
        for run in runs
        if run.record
        and run.record.purpose == "Confirm"
        and (number := re.search(r"-c(\d+)$", run.experiment))
    }
    return attempts[max(attempts)] if attempts else runs[0].experiment


def _fail(runs: Sequence[Recorded], what: str) -> list[Recorded]:
    raise NotFound(f"there is no record {what}; there are: {_names(runs)}")


def _names(runs: Sequence[Recorded]) -> str:
    seeds: dict[str, list[str]] = {}
    for run in runs:
        seeds.setdefault(run.experiment, []).append(str(run.seed))
    return "; ".join(f"{name} (seeds {', '.join(found)})" for name, found in seeds.items()) or "none"
