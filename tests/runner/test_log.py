import os
from pathlib import Path

from seedbed_runner.log import MAX_BYTES, CappedLog


def test_output_is_kept_up_to_the_cap_and_drained_beyond(tmp_path: Path) -> None:
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    with CappedLog(tmp_path / "log") as log:
        assert log.drain(readable)
        written = 0
        while written < 3 * MAX_BYTES:
            written += os.write(writable, b"x" * 60_000)
            assert log.drain(readable)
        os.close(writable)
        assert not log.drain(readable)
    os.close(readable)
    data = (tmp_path / "log").read_bytes()
    assert data.startswith(b"x" * MAX_BYTES) and data.count(b"cut here") == 1 and len(data) < MAX_BYTES + 100


def test_a_short_log_is_whole(tmp_path: Path) -> None:
    readable, writable = os.pipe()
    os.write(writable, b"epoch 1\n")
    os.close(writable)
    with CappedLog(tmp_path / "log") as log:
        assert not log.drain(readable)
    os.close(readable)
    assert (tmp_path / "log").read_bytes() == b"epoch 1\n"
