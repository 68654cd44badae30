"""Whatever lies in the place of predictions, weights, records and messages: no crash, no accepted nonsense.

5,000 cases here; SEEDBED_FUZZ says how many all together (`make fuzz`: 100,000).
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.cluster.podends import end_of, told
from seedbed_runner.contract.records import InvalidRecord, RunRequest, RunResult
from seedbed_runner.errors import ModelFailure
from seedbed_runner.score import read_predictions, read_weights

pytestmark = pytest.mark.slow
CASES = int(os.environ.get("SEEDBED_FUZZ", "5000")) // 4
fuzz = settings(
    max_examples=CASES,
    deadline=1000,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
)
KEYS = st.sampled_from(
    ["dtype", "shape", "data_offsets", "__metadata__", "a", "running_mean", "reason", "message"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["F32", "U8"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=8,
)
ENTRY = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "U8", "BF16", "X"]) | JSON,
        "shape": st.lists(st.integers(-1, 4), max_size=3) | JSON,
        "data_offsets": st.lists(st.integers(-1, 64), min_size=2, max_size=2) | JSON,
    }
)
HEADERS = st.dictionaries(KEYS | st.text(max_size=8), ENTRY | JSON, max_size=4) | JSON
RESULT = {
    "run_uid": "u", "experiment": "e", "experiment_hash": "h", "seed": 0, "attempt": 1, "purpose": "Explore",
    "split": "validation", "outcome": "Scored", "metric": "accuracy", "data_hash": "d", "assurance": "sealed",
    "started_at": 0.0, "finished_at": 1.0, "score": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@fuzz
@given(
    data=st.binary(max_size=64)
    | st.lists(st.floats(width=32), max_size=8).map(lambda v: np.array(v, "<f4").tobytes())
)
def test_predictions(out: Path, data: bytes) -> None:
    (out / "predictions.bin").write_bytes(data)
    try:
        logits, _ = read_predictions(out, 2, 3)
    except ModelFailure:
        assert len(data) != 24 or not np.isfinite(np.frombuffer(data, "<f4")).all()
    else:
        assert logits.shape == (2, 3) and logits.tobytes() == data and np.isfinite(logits).all()


@fuzz
@given(header=HEADERS, body=st.binary(max_size=64), cut=st.integers(-3, 3))
def test_headers_of_weights(out: Path, header: Any, body: bytes, cut: int) -> None:
    text = json.dumps(header).encode()
    data = max(0, len(text) + cut).to_bytes(8, "little") + text + body
    (out / "weights.safetensors").write_bytes(data)
    try:
        parameters, _ = read_weights(out, foreign=True)
    except ModelFailure as error:
        assert error.reason in ("Format", "Size") and str(error).isprintable()
    else:
        assert 0 <= parameters <= len(body)


@fuzz
@given(
    changes=st.dictionaries(
        st.sampled_from([*RESULT, "seal", "confusion", "metrics", "failure", "odd"]), JSON, max_size=4
    )
)
def test_records(changes: dict[str, Any]) -> None:
    data = json.dumps(RESULT | changes).encode()
    try:
        read = RunResult.from_json(data)
    except InvalidRecord as error:
        assert len(str(error)) <= 400
    else:
        assert RunResult.from_json(read.to_json()) == read
    with pytest.raises(InvalidRecord):
        RunRequest.from_json(data)


@fuzz
@given(
    message=st.text(max_size=100) | JSON.map(json.dumps),
    code=st.integers(0, 255),
    step=st.sampled_from(["fetch", "train", "score"]),
)
def test_termination_messages(message: str, code: int, step: str) -> None:
    over = {"exitCode": code, "reason": "Error", "message": message, "finishedAt": "2026-01-01T00:00:00Z"}
    reason, said = told(over)
    assert isinstance(reason, str) and isinstance(said, str) and len(reason) <= 64
    state = {"name": step, "state": {"terminated": over}}
    place = "containerStatuses" if step == "score" else "initContainerStatuses"
    end = end_of({"metadata": {}, "status": {"phase": "Failed", place: [state]}})
    assert end.failure == ("Model" if step == "train" and code else "Infrastructure")
    if step == "train" and code:
        assert end.reason == "Crash" and end.message == f"the train step ended with exit code {code}"
