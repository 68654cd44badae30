"""Which errors of model code are refusals of the seal, and which call met one.

Called in the sealed child, for the sentence that a planner reads: text, like all that the child says.
"""

import errno
import linecache
import socket
import types

from seedbed_runner.contract.records import Failure
from seedbed_runner.contract.source import FILE
from seedbed_runner.printable import printable

_REFUSED = frozenset({errno.EPERM, errno.EACCES})
_LONGEST_CALL = 120


def refusal(error: Exception) -> Failure | None:
    """The failure that `error` is, if the seal or one of its limits caused it."""
    cause = getattr(error, "reason", error)  # urllib's errors wrap the one of the socket
    if isinstance(cause, BlockingIOError) or "can't start new thread" in _text(error):
        return _failure("Processes", error, "started a process or too many threads: training is one process")
    if not isinstance(cause, OSError):
        return None
    if cause.errno == errno.EFBIG:
        return _failure("Size", error, "made a file larger than it may be")
    if cause.errno in _REFUSED or isinstance(cause, socket.gaierror):
        return _failure("Forbidden", error, f"was refused ({_reason(cause)})")
    return None


def _failure(reason: str, error: Exception, what: str) -> Failure:
    line, call = _call(error)
    where = f"line {line} of the source: `{call}` " if line else "training "
    return Failure(reason, printable(where + what))


def _call(error: Exception) -> tuple[int, str]:
    """The line of a model's source that the error came through last, and the expression there."""
    last: types.TracebackType | None = None
    step = error.__traceback__
    while step:
        last = step if step.tb_frame.f_code.co_filename == FILE else last
        step = step.tb_next
    if last is None:
        return 0, ""
    text = linecache.getline(FILE, last.tb_lineno)
    first, end, begin, stop = list(last.tb_frame.f_code.co_positions())[last.tb_lasti // 2]
    if first == end == last.tb_lineno and begin is not None:
        text = text.encode()[begin:stop].decode(errors="replace")
    return last.tb_lineno, text.strip()[:_LONGEST_CALL]


def _text(error: Exception) -> str:
    return str(error) if type(error) is RuntimeError else ""


def _reason(error: OSError) -> str:
    path = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or 'not permitted'}{path}"
