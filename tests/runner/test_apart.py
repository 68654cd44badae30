import errno
import os
from pathlib import Path
from typing import Any

import pytest

from seedbed_runner.apart import apart
from seedbed_runner.errors import Infrastructure

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


def raising(error: BaseException) -> Any:
    def step() -> None:
        raise error

    return step


def test_a_step_is_carried_out_in_another_process(tmp_path: Path) -> None:
    apart(lambda: (tmp_path / "pid").write_text(str(os.getpid())) and None)
    assert int((tmp_path / "pid").read_text()) != os.getpid()


@pytest.mark.parametrize(
    ("error", "reason", "words"),
    [
        (Infrastructure("DataChanged", "other data"), "DataChanged", "^other data$"),
        (OSError(errno.ENOSPC, "No space left"), "DiskFull", "the disk is full"),
        (ValueError("odd"), "ForkFailed", "ValueError: odd"),
        (SystemExit(7), "ForkFailed", "SystemExit: 7"),
    ],
)
def test_its_failure_is_told(error: BaseException, reason: str, words: str) -> None:
    with pytest.raises(Infrastructure, match=words) as caught:
        apart(raising(error))
    assert caught.value.reason == reason
