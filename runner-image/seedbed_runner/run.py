"""One run from its request to its record: fetch, train, score, keep. Called by the warm parent's forks."""

from pathlib import Path

from seedbed_runner.errors import Infrastructure, RunnerError, from_os_error
from seedbed_runner.events import write_events
from seedbed_runner.fetch import fetch
from seedbed_runner.keep import keep
from seedbed_runner.printable import printable
from seedbed_runner.score import score
from seedbed_runner.trainstep import train
from seedbed_runner.workfolder import RESULT, WorkFolder


def run_once(work: Path, prepared: Path, destination: Path) -> None:
    """Carry out the request in `work`, unless its record is in `destination` already.

    Args:
        work: the run's work folder, with `request.json`.
        prepared: the prepared dataset's folder.
        destination: where the record and its files are kept.

    Raises:
        Infrastructure: something other than the model failed; there is no record.
        OSError: a disk is full, or a folder can't be read or written; there is no record.
    """
    if (destination / RESULT).exists():
        return
    folder = WorkFolder(work)
    request = folder.read_request()
    fetch(prepared, request, folder.data)
    trained = train(work, request)
    result = score(work, prepared / "sealed", request, trained)
    folder.result.write_bytes(result.to_json())
    write_events(work, request, result)
    keep(work, destination, request)


def explain(error: Exception) -> tuple[str, str]:
    """Reason and sentence of what kept a run from its record: everything that is not the model's."""
    if isinstance(error, OSError):
        error = from_os_error(error)
    if isinstance(error, Infrastructure):
        return error.reason, printable(str(error))
    if isinstance(error, RunnerError):
        return "BadRequest", printable(str(error))
    return "SupervisorFailed", printable(f"{type(error).__name__}: {error}")
