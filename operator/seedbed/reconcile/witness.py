"""Who hears what the reconcilers see on their way. Nothing that is decided depends on it.

The laptop needs none; the cluster's operator measures by it.
"""

from collections.abc import Mapping

from seedbed.api import Experiment
from seedbed.engine.observation import RunObservation
from seedbed_runner.contract.records import RunResult


class Witness:
    """Hears, and does nothing."""

    def observed(self, experiment: Experiment, runs: Mapping[int, RunObservation]) -> None:
        """These are the attempts of an experiment that the world knows of, by seed."""

    def recorded(self, experiment: Experiment, records: Mapping[int, RunResult]) -> None:
        """The experiment's status holds these records from now on; each is told once."""


NOBODY = Witness()
