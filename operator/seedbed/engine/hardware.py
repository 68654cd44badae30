"""On what a latency was measured: the part of a run's fingerprint that a time depends on, in one line.

Times of different machines have no common mean: a claim on a latency needs the same line of every seed.
"""

from collections.abc import Mapping

_NAMED = ("device", "cpu", "machine", "system", "cpu_capability", "threads", "torch", "cuda", "cudnn")
LENGTH = 240


def hardware(fingerprint: Mapping[str, str]) -> str | None:
    """The line of a record's fingerprint; None where the record says nothing of a processor."""
    if not fingerprint.get("cpu") or not fingerprint.get("device"):
        return None
    return ", ".join(f"{name} {fingerprint[name]}" for name in _NAMED if name in fingerprint)[:LENGTH]
