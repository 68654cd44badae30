"""`seal`: a process gives up, for good, everything that its policy does not name.

Called in a fork by our own code, before it reads data or runs code of others. What this machine lacks is left
out and said; what fails although the machine has it ends the process.
"""

import os
import resource
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seedbed_runner import processes
from seedbed_runner.sandbox import kernel, landlock, seccomp
from seedbed_runner.sandbox.environment import ALLOWED
from seedbed_runner.sandbox.places import accesses
from seedbed_runner.sandbox.policy import Policy

_VIRTUAL_SLACK = 2**30  # bytes that allocators may reserve and not use


class SealFailed(Exception):
    """The process can't be sealed as its machine should be able to; the message says what failed."""


@dataclass(frozen=True)
class Seal:
    """What is in force.

    Attributes:
        landlock: the kernel's version of it; 0: none.
        seccomp: whether calls are filtered.
        lacking: a sentence for each part that the machine lacks, by the part's name.
        amounts: the limits on amounts, by name.
    """

    landlock: int
    seccomp: bool
    lacking: dict[str, str]
    amounts: dict[str, str]

    @property
    def level(self) -> Literal["sealed", "limited", "none"]:
        """All of the seal, part of it, or nothing."""
        return ("none", "limited", "sealed")[bool(self.landlock) + self.seccomp]

    def document(self) -> dict[str, str]:
        """For the record: `landlock`, `seccomp` and the amounts; what is lacking with its reason."""
        present = {"landlock": f"version {self.landlock}", "seccomp": "filtered", **self.amounts}
        return present | {name: f"none: {why}" for name, why in self.lacking.items()}


def seal(policy: Policy) -> Seal:
    """Seal this process.

    Raises:
        SealFailed: it has more than one thread, or the kernel refuses what it offers.
    """
    if (count := processes.threads()) != 1:
        raise SealFailed(f"the process has {count} threads: a seal would bind one of them only")
    lacking = {}
    abi = landlock.version()
    if not abi:
        lacking["landlock"] = "this kernel or container has no Landlock"
    if without := seccomp.missing():
        lacking["seccomp"] = without
    try:
        _settle(policy)
        amounts = _limit(policy)
        if kernel.LINUX:
            _give_up_privileges()
        if abi:
            landlock.restrict(accesses(policy), abi)
        if not without:
            seccomp.install(os.getpid(), policy.devices)
    except OSError as error:
        raise SealFailed(f"the process could not be sealed: {error}") from error
    return Seal(abi, not without, lacking, amounts)


def _settle(policy: Policy) -> None:
    """Live in the scratch folder: environment, temporary files, working folder."""
    kept = {name: os.environ[name] for name in ALLOWED if name in os.environ}
    os.environ.clear()
    place = str(policy.scratch)  # a folder that is there: torch makes one for caches when it is imported
    os.environ.update(kept, HOME=place, TMPDIR=place, TORCHINDUCTOR_CACHE_DIR=place)
    tempfile.tempdir = place
    os.chdir(policy.scratch)
    os.umask(0o077)


def _limit(policy: Policy) -> dict[str, str]:
    """Limit amounts; those in force, by name, in terms that are the same for every process."""
    amounts = {
        "files": _lower(resource.RLIMIT_NOFILE, policy.limits.descriptors),
        "fileBytes": _lower(resource.RLIMIT_FSIZE, policy.limits.file_bytes),
        "coreBytes": _lower(resource.RLIMIT_CORE, 0),
    }
    if policy.memory_bytes is not None and not policy.devices and kernel.LINUX:
        reserved = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        more = 2 * policy.memory_bytes + _VIRTUAL_SLACK
        amounts["furtherAddressSpaceBytes"] = _lower(resource.RLIMIT_AS, reserved + more) - reserved
    return {name: str(amount) for name, amount in amounts.items()}


def _lower(kind: int, amount: int) -> int:
    """Set a limit to `amount`, or leave it at less."""
    _, hard = resource.getrlimit(kind)
    least = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
    resource.setrlimit(kind, (least, least))
    return least


def _give_up_privileges() -> None:
    with suppress(OSError):  # some containers have it read-only; it only says whom the kernel ends first
        Path("/proc/self/oom_score_adj").write_text("1000")
    kernel.drop_capabilities()
    kernel.forbid_new_privileges()
    kernel.hide_memory()
