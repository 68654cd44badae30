"""Source text through real runs: the warm parent's forks, supervised and scored."""

import json
from pathlib import Path
from typing import Any

import pytest

from fakes.sources import CNN, MLP
from seedbed_runner.contract.records import RunResult

pytestmark = pytest.mark.slow
FORWARD = "        return self.layers(input)"


def record(root: Path) -> RunResult:
    return RunResult.from_json((root / "kept" / "result.json").read_bytes())


def log(root: Path) -> str:
    return (root / "kept" / record(root).artifacts / "log.txt").read_text()


def test_a_run_from_source_is_sealed_and_scored(
    warm: Any, another_warm: Any, digits: Any, tmp_path: Path
) -> None:
    other = another_warm()
    roots = [tmp_path / name for name in ("first", "again", "seed", "elsewhere")]
    for root, parent, seed in zip(roots, (warm, warm, warm, other), (3, 3, 4, 3), strict=True):
        assert parent.run(root, digits, seed=seed, model={"source": CNN})["class"] == "Recorded"
    assert other.close() == 0
    first, again, seed, elsewhere = map(record, roots)
    assert (first.outcome, first.assurance) == ("Scored", "sealed") and first.score is not None
    assert first.parameters == 40 + 8 + 296 + 90
    assert first.hashes == again.hashes == elsewhere.hashes != seed.hashes
    rates = json.loads((roots[0] / "kept" / first.artifacts / "diagnostics.json").read_bytes())[
        "learning_rate"
    ]
    assert len(rates) == 2


@pytest.mark.parametrize(
    ("lines", "reason", "words"),
    [
        ("raise SystemExit(0)", "NoPredictions", "exited with code 1 "),
        ("class E(BaseException):\n            __str__ = lambda e: 1 / 0\n        raise E", "NoPredictions",
         "exited with code 1 "),
        ("raise KeyError('k' * 10 ** 6)", "Crash", "build_model: line 22 of the source: KeyError: 'kkk"),
    ],
    ids=["leaves", "raises when it is printed", "says much"],
)  # fmt: skip
def test_a_run_from_source_that_fails_is_a_result(
    warm: Any, iris: Any, tmp_path: Path, lines: str, reason: str, words: str
) -> None:
    assert (
        warm.run(tmp_path, iris, model={"source": MLP.replace(FORWARD, f"        {lines}")})["class"]
        == "Recorded"
    )
    found = record(tmp_path)
    assert (found.outcome, found.assurance) == ("Failed", "sealed")
    assert found.failure is not None and found.failure.reason == reason and words in found.failure.message
    assert len(found.failure.message) <= 500 and "Traceback" not in log(tmp_path)
