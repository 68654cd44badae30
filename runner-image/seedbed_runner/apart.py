"""A trusted step in a fork of its own, so that what it reads is in no memory from which code is forked later.

`fetch` permutes a control's labels so: freed memory keeps its bytes, and a fork has all of its parent's.
"""

import json
import os
from collections.abc import Callable

from seedbed_runner.errors import Infrastructure, from_os_error
from seedbed_runner.forks import fork_isolated


def apart(step: Callable[[], None]) -> None:
    """Carry out `step` in a fork and wait for its end.

    Raises:
        Infrastructure: what `step` raised as that, or as OSError; ForkFailed, when it ended otherwise.
    """
    told, tell = os.pipe()
    with open(told, "rb") as pipe:
        try:
            pid = fork_isolated(lambda: _carry_out(step), tell)
        finally:
            os.close(tell)
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == _TOLD:
        raise Infrastructure(*json.loads(said))
    if code != 0:
        words = said.decode(errors="replace").strip() or f"it ended with code {code}"
        raise Infrastructure("ForkFailed", f"a step in a process of its own failed: {words}")


_TOLD = 3


def _carry_out(step: Callable[[], None]) -> int:
    try:
        step()
    except Infrastructure as error:
        return _tell(error)
    except OSError as error:
        return _tell(from_os_error(error))
    return 0


def _tell(error: Infrastructure) -> int:
    print(json.dumps([error.reason, str(error)]))
    return _TOLD
