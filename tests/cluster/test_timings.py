"""Jobs and pods as a real cluster reported them (recorded.json)."""

import json
from pathlib import Path

import pytest

from seedbed.cluster.timings import Timings, timings_of

RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text())


@pytest.mark.parametrize(
    ("case", "timings"),
    [
        ("done", Timings(0.0, 2.0, 7.0)),
        ("train-exit", Timings(0.0, 2.0, 3.0)),
        ("no-secret", Timings(queued=0.0)),  # its steps never started
        ("no-room", Timings()),  # no node took it
        ("quota", Timings()),  # there was no pod
    ],
)
def test_what_the_time_went_into(case, timings):
    assert timings_of(RECORDED[case]["job"], RECORDED[case]["pods"]) == timings


def test_a_pod_that_is_gone_tells_nothing():
    assert timings_of(RECORDED["done"]["job"], []) == Timings()
