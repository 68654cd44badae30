"""Exit codes, in one place: what the commands return and what `--help` says of them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.api import Experiment, ResearchGoal

ENVIRONMENT, BAD_INPUT, NOT_ACHIEVED, INCONCLUSIVE, INTERRUPTED = 1, 2, 3, 4, 130

IN_WORDS = """\b
Exit codes:
  0    the goal is Achieved, or the command did what it was asked
  1    the surroundings failed: the disk, a folder in use, no goal of that name
  2    bad input (also a manifest that is not there), or a goal that no experiment could decide
  3    the goal is NotAchieved (an Experiment: a run failed; `verify`: a run is Different)
  4    Inconclusive (an Experiment: a seed could not be run; `verify`: a run can't be run here)
  130  interrupted or suspended before its end; `resume` goes on"""

_GOALS = {
    "Achieved": 0,
    "NotAchieved": NOT_ACHIEVED,
    "Inconclusive": INCONCLUSIVE,
    "Refused": BAD_INPUT,
    "Failed": ENVIRONMENT,
}


def of_goal(goal: "ResearchGoal") -> int:
    """How a command that drove a goal ends; a goal that is not decided was interrupted."""
    return _GOALS.get(goal.status.phase, INTERRUPTED)


def of_experiment(experiment: "Experiment") -> int:
    """The same of an Experiment that stands alone: a failed run counts as not achieved."""
    status = experiment.status
    if status.phase == "Failed":
        missing = any(run.phase == "Missing" for run in status.runs)
        return INCONCLUSIVE if missing else NOT_ACHIEVED
    return {"Completed": 0, "Refused": ENVIRONMENT}.get(status.phase, INTERRUPTED)
