"""The operator's log: one line a record, JSON for machines or text for people, with what it is about.

`about(namespace=…, goal=…)` names the resource for every record of the block, whoever logs it: the fields
travel with the task. kopf's own records come the same way.
"""

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Literal, TextIO

from seedbed.engine.instants import to_text

FIELDS = ("namespace", "goal", "experiment", "seed")

_about: ContextVar[dict[str, str | int]] = ContextVar("about")


@contextlib.contextmanager
def about(**fields: str | int | None) -> Iterator[None]:
    """Name what the records of this block are about, beside what is named around it."""
    named = {name: value for name, value in fields.items() if value is not None}
    token = _about.set(_about.get({}) | named)
    try:
        yield
    finally:
        _about.reset(token)


class _Remember(logging.Filter):
    """Keeps the fields with the record, in the task that made it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.about = dict(_about.get({}))
        return True


class JsonLines(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: time, level, logger, message, the fields, and a traceback where there is one."""
        line = {
            "time": to_text(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Time, level, what it is about, and the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a traceback follows on lines of its own."""
        named = getattr(record, "about", {})
        where = " ".join(f"{name}={named[name]}" for name in FIELDS if name in named)
        message = record.getMessage().replace("\n", "\\n")
        parts = [to_text(record.created), f"{record.levelname:<7}", where, message]
        line = " ".join(part for part in parts if part)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def set_up(format: Literal["json", "text"], level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every record of this process to standard error (or `stream`), and nowhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_Remember())
    handler.setFormatter(JsonLines() if format == "json" else TextLines())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    # What they say at INFO is of every watch and request, of no goal.
    for chatty in ("kopf", "aiohttp.access", "botocore", "urllib3"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.root.level))
