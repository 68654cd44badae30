"""The latency of a run: who takes the time, what has none, and that it changes nothing else of a record."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fakes.sources import MLP
from seedbed_runner.contract.records import RunResult
from seedbed_runner.errors import Infrastructure
from seedbed_runner.fetch import fetch
from seedbed_runner.latency import REPEATS, WARM_UP, median_ms
from seedbed_runner.pipes import read_fully, write_fully
from seedbed_runner.score import request_hash, score
from seedbed_runner.trainstep import train
from seedbed_runner.workfolder import TrainRecord

trains = [
    pytest.mark.slow,
    pytest.mark.usefixtures("compiler"),
    pytest.mark.skipif(sys.platform != "linux", reason="subreapers and /proc are Linux's"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]
FORWARD = "        return self.layers(input)"


def test_it_is_the_median_of_what_follows_the_warm_up() -> None:
    passes = iter([100.0] * WARM_UP + [0.001] * 3 + [0.002] + [5.0] * 3)
    assert median_ms(lambda: next(passes), 7) == pytest.approx(2.0)
    assert next(passes, None) is None and REPEATS >= 10


def test_messages_come_whole_or_not_at_all() -> None:
    reads, writes = os.pipe()
    write_fully(writes, b"abc")
    write_fully(writes, b"de")
    assert (read_fully(reads, 4), read_fully(reads, 0)) == (b"abcd", b"")
    os.close(writes)
    with pytest.raises(EOFError, match="1 of 2 bytes"):
        read_fully(reads, 2)
    os.close(reads)


def test_taking_the_time_is_no_part_of_what_a_run_is(digits: Any, asking: Any) -> None:
    plain = asking(digits.card, purpose="Confirm")
    assert request_hash(plain) == request_hash(replace(plain, latency=True))


def timed(work: Path, data: Any, asking: Any, **changes: Any) -> RunResult:
    request = asking(data.card, **{"purpose": "Confirm", "latency": True} | changes)
    fetch(data.folder, request, work / "data")
    return score(work, data.folder / "sealed", request, train(work, request))


def slowed(seconds: float) -> str:
    """An honest model that waits when it is asked for a single row."""
    wait = f"        if len(input) == 1:\n            __import__('time').sleep({seconds})\n"
    return MLP.replace(FORWARD, wait + FORWARD)


class TestTimed:
    pytestmark = trains

    def test_ours_is_recorded_and_nothing_else_moves(self, tmp_path: Path, digits: Any, asking: Any) -> None:
        with_it = timed(tmp_path / "a", digits, asking)
        without = timed(tmp_path / "b", digits, asking, latency=False)
        assert with_it.latency_ms is not None and 0.01 < with_it.latency_ms < 100
        assert without.latency_ms is None and not (tmp_path / "b" / "timed").exists()
        assert (with_it.hashes, with_it.metrics) == (without.hashes, without.metrics)

    def test_token_ids_come_as_they_are(self, tmp_path: Path, prepared: Any, asking: Any) -> None:
        data = prepared(name="synthetic", synthetic={"kind": "text", "samples": 200})
        layers = [
            {"type": "Embedding", "embedding_dim": 8}, {"type": "Flatten"},
            {"type": "Linear", "out_features": "classes"},
        ]  # fmt: skip
        assert (timed(tmp_path, data, asking, layers=layers).latency_ms or 0) > 0

    def test_the_clock_is_not_the_models(self, tmp_path: Path, iris: Any, asking: Any) -> None:
        """It is slow for a row, stops every clock that it can reach, and says otherwise in its files."""
        source = slowed(0.02).replace(
            FORWARD,
            "        time = __import__('time')\n"
            "        time.perf_counter = time.monotonic = time.time = lambda: 0.0\n"
            "        open('../latency_ms', 'w').write('0.0')\n" + FORWARD,
        )
        found = timed(tmp_path, iris, asking, model={"source": source}, demand="sealed")
        assert found.failure is None and found.latency_ms is not None
        assert 20 <= found.latency_ms < 200

    def test_a_quick_wrong_answer_is_none(self, tmp_path: Path, iris: Any, asking: Any) -> None:
        quick = "        if len(input) == 1:\n            return torch.zeros(1, 3)\n" + FORWARD
        found = timed(tmp_path, iris, asking, model={"source": MLP.replace(FORWARD, quick)})
        assert found.failure is not None and found.failure.reason == "NotReproduced"
        assert "asked for single rows it answers otherwise" in found.failure.message
        assert (found.score, found.latency_ms) == (None, None)

    def test_an_answer_before_the_question_is_wrong(self, tmp_path: Path, iris: Any, asking: Any) -> None:
        early = (
            "        if len(input) == 1:\n            __import__('os').write(6, bytes(12 * 100))\n" + FORWARD
        )
        found = timed(tmp_path, iris, asking, model={"source": MLP.replace(FORWARD, early)})
        assert found.failure is not None and found.failure.reason == "NotReproduced"

    def test_who_exits_when_asked_has_no_latency(self, tmp_path: Path, iris: Any, asking: Any) -> None:
        leave = "        if len(input) == 1:\n            __import__('os')._exit(0)\n" + FORWARD
        found = timed(tmp_path, iris, asking, model={"source": MLP.replace(FORWARD, leave)})
        assert found.failure is not None and found.failure.reason == "NoPredictions"
        assert found.failure.message == "measuring its latency: it gave 0 of 35 answers"

    def test_who_never_answers_ends_by_the_deadline(
        self, tmp_path: Path, iris: Any, asking: Any, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr("seedbed_runner.latency.LEAST_SECONDS", 1.0)
        found = timed(tmp_path, iris, asking, model={"source": slowed(600)}, deadline_seconds=4.0)
        assert found.failure is not None and found.failure.reason == "Deadline"
        assert found.failure.message.startswith("measuring its latency: ")

    def test_a_step_that_took_no_time_is_run_again(self, tmp_path: Path, iris: Any, asking: Any) -> None:
        request = asking(iris.card, purpose="Confirm", latency=True)
        fetch(iris.folder, request, tmp_path / "data")
        trained = train(tmp_path, replace(request, latency=False))
        assert isinstance(trained, TrainRecord)
        with pytest.raises(Infrastructure, match="its image is an older one"):
            score(tmp_path, iris.folder / "sealed", request, trained)
