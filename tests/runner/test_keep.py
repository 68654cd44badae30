import dataclasses
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from seedbed_runner import keep as module
from seedbed_runner.contract.records import Failure, RunRequest, RunResult

RESULT = RunResult(
    run_uid="u", experiment="e", experiment_hash="h", seed=0, attempt=1, purpose="Explore",
    split="validation",
    outcome="Scored", metric="accuracy", data_hash="d", assurance="trusted-code", started_at=0.0,
    finished_at=1.0, score=0.5, artifacts="a1-0123abcd",
)  # fmt: skip
REQUEST = RunRequest(
    run_uid="u", experiment="e", experiment_hash="h", seed=0, attempt=1, purpose="Explore", dataset_key="k",
    data_hash="d", model={}, training={}, metric="accuracy", threads=1, device="cpu", deadline_seconds=1.0,
)  # fmt: skip
ALWAYS = {"result.json", "request.json", "diagnostics.json", "log.txt"}
FILES = ALWAYS | {"predictions.bin", "weights.safetensors"}


def keep(work: Path, folder: Path) -> bool:
    return module.keep(work, folder, REQUEST)


def finished(work: Path, mark: str = "a", **changes: Any) -> Path:
    (work / "out").mkdir(parents=True)
    for name in ("predictions.bin", "diagnostics.json"):
        (work / "out" / name).write_text(mark)
    (work / "out" / "weights.safetensors").write_bytes(weights(mark))
    (work / "log.txt").write_text(mark)
    (work / "result.json").write_bytes(dataclasses.replace(RESULT, **changes).to_json())
    return work


def weights(mark: str) -> bytes:
    return save({"w": np.frombuffer(mark.encode(), np.uint8)}, {"hidden": "metadata"})


def kept(folder: Path) -> dict[str, str]:
    """The files by name; of the weights, which hold nothing but the mark, the mark."""
    found = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}
    if (data := found.get("weights.safetensors")) and not data.startswith("x"):
        assert "hidden" not in data
        found["weights.safetensors"] = load(data.encode())["w"].tobytes().decode()
    return found


def test_everything_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "kept"
    assert keep(finished(tmp_path / "work"), folder)
    found = kept(folder)
    assert set(found) == FILES and found.pop("result.json") == RESULT.to_json().decode()
    assert found.pop("request.json") == REQUEST.to_json().decode()
    assert set(found.values()) == {"a"}
    assert {path.name for path in folder.iterdir()} == {"result.json", RESULT.artifacts}


def test_the_first_record_wins_and_keeps_its_own_files(tmp_path: Path) -> None:
    assert keep(finished(tmp_path / "first", "a"), tmp_path / "kept")
    before = kept(tmp_path / "kept")
    assert not keep(finished(tmp_path / "second", "b", score=0.9, artifacts="a2-0"), tmp_path / "kept")
    assert kept(tmp_path / "kept") == before


def test_of_many_at_once_one_wins_whole(tmp_path: Path) -> None:
    works = [finished(tmp_path / str(i), str(i), score=i / 10, artifacts=f"a{i}-0") for i in range(8)]
    won: list[bool] = []
    threads = [threading.Thread(target=lambda w=w: won.append(keep(w, tmp_path / "kept"))) for w in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = kept(tmp_path / "kept")
    winner = RunResult.from_json(found.pop("result.json").encode())
    del found["request.json"]
    assert sorted(won) == [False] * 7 + [True]
    assert set(found.values()) == {str(round((winner.score or 0) * 10))}
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"result.json", winner.artifacts}


def test_the_record_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[str]] = []
    link = os.link
    monkeypatch.setattr(module.os, "link", lambda a, b: (seen.append(set(kept(Path(b).parent))), link(a, b)))
    keep(finished(tmp_path / "work"), tmp_path / "kept")
    assert seen == [(FILES - {"result.json"}) | {".result.json.part"}]


def test_a_failed_run_keeps_its_text_but_not_what_was_never_checked(tmp_path: Path) -> None:
    failed = {"outcome": "Failed", "score": None, "failure": Failure("Size", "too large")}
    assert keep(finished(tmp_path / "work", **failed), tmp_path / "kept")
    assert set(kept(tmp_path / "kept")) == ALWAYS


def test_what_is_no_plain_file_stays_behind(tmp_path: Path) -> None:
    work = finished(tmp_path / "work")
    (work / "out" / "diagnostics.json").unlink()
    (work / "out" / "diagnostics.json").symlink_to("/etc/passwd")
    assert keep(work, tmp_path / "kept")
    assert set(kept(tmp_path / "kept")) == FILES - {"diagnostics.json"}


def test_a_failure_in_the_middle_leaves_no_record_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "link", full)
        with pytest.raises(OSError):
            keep(finished(tmp_path / "first"), tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    assert keep(finished(tmp_path / "second"), tmp_path / "kept")


def test_a_full_disk_leaves_no_half_written_record(tmp_path: Path, small_disk: Any) -> None:
    place = small_disk(64 * 1024)
    work = finished(tmp_path / "work")
    (work / "out" / "weights.safetensors").write_bytes(b"x" * 200_000)
    with pytest.raises(OSError) as caught:
        keep(work, place / "kept")
    assert caught.value.errno == 28
    assert kept(place / "kept") == {}
