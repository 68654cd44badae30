"""Instants: RFC 3339 in UTC in the resources, seconds since the epoch in the engine."""

from datetime import UTC, datetime


def to_text(instant: float) -> str:
    """`2026-01-31T12:00:00.250Z`."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_epoch(text: str) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()
