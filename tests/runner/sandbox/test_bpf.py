"""The assembler and the filter, run by an interpreter of the few instructions that there are."""

import errno
import signal
import struct
from typing import Any

import pytest

from seedbed_runner.sandbox import bpf, seccomp

X86_64, I386 = 0xC000_003E, 0x4000_0003
PID = 4242


def verdict(program: bpf.Program, number: int, *arguments: int, architecture: int = X86_64) -> int:
    """What the kernel would answer."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", number, architecture, 0, *(value % 2**64 for value in padded))
    code, at, loaded = bpf.assemble(program), 0, 0
    while True:
        kind, if_true, if_false, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        match kind:
            case 0x20:
                (loaded,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return int(value)
            case 0x15 | 0x25 | 0x45:
                holds = {0x15: loaded == value, 0x25: loaded > value, 0x45: bool(loaded & value)}[kind]
                at += if_true if holds else if_false
            case _:
                raise AssertionError(f"instruction {kind:#x}")


@pytest.fixture(scope="module")
def program() -> bpf.Program:
    return seccomp.filter_program(PID, devices=False)


def refused(error: int) -> int:
    return 0x5_0000 | error


ALLOWED, EPERM, EAGAIN = 0x7FFF_0000, refused(errno.EPERM), refused(errno.EAGAIN)


@pytest.mark.parametrize(
    ("call", "due"),
    [
        ((0, 3), ALLOWED),  # read
        ((9,), ALLOWED),  # mmap
        ((41, 2, 1), EPERM),  # socket
        ((59,), EPERM),  # execve
        ((56, 0x3D_0F00), ALLOWED),  # clone as pthread_create does it
        ((56, 17), EAGAIN),  # clone as fork does it
        ((56, 0x1000_0000 | 0x1_0000), EPERM),  # clone with a user namespace
        ((57,), EAGAIN),
        ((435,), refused(errno.ENOSYS)),  # clone3
        ((451,), refused(errno.ENOSYS)),  # what is newer
        ((257, -100, 0, 0), ALLOWED),  # openat
        ((257, -100, 0, 0x41_0000), refused(errno.EOPNOTSUPP)),  # O_TMPFILE
        ((2, 0, 0x41_0000), refused(errno.EOPNOTSUPP)),
        ((302, 0, 7, 0), ALLOWED),  # prlimit: read its own
        ((302, PID, 7, 0), ALLOWED),
        ((302, 1, 7, 0), EPERM),
        ((302, 0, 7, 0x7FFF_0000_0000), EPERM),  # a pointer whose lower half is zero
        ((302, 0, 7, 0x1000), EPERM),
        ((234, PID, PID, signal.SIGABRT), ALLOWED),  # tgkill
        ((234, PID, PID, signal.SIGKILL), EPERM),
        ((234, 1, 1, signal.SIGABRT), EPERM),
        ((62, PID, 0), EPERM),
        ((72, 1, 3), ALLOWED),  # F_GETFL
        ((72, 1, 8), EPERM),  # F_SETOWN
        ((16, 1, 0x5401), ALLOWED),  # TCGETS
        ((16, 1, 0x5412), EPERM),  # TIOCSTI
        ((16, 1, 0x1_0000_5412), EPERM),  # the kernel looks at the lower half too
        ((16, 1, 0xC020_4600), EPERM),  # a driver's
        ((203, 0), ALLOWED),
        ((203, 1), EPERM),
        ((135, 0xFFFF_FFFF), ALLOWED),
        ((135, 0x40_0000), EPERM),
        ((1 | 0x4000_0000,), 0x8000_0000),  # x32
    ],
)
def test_verdicts(program: bpf.Program, call: Any, due: int) -> None:
    assert verdict(program, *call) == due


def test_another_architecture_is_killed(program: bpf.Program) -> None:
    assert verdict(program, 3, architecture=I386) == 0x8000_0000


def test_with_a_device_its_driver_can_be_talked_to() -> None:
    with_device = seccomp.filter_program(PID, devices=True)
    assert verdict(with_device, 16, 3, 0xC020_4600) == ALLOWED
    for request in (0x5412, 0x541C, 0x5423, 0x5452, 0x8901, 0x8902):
        assert verdict(with_device, 16, 0, request) == EPERM


def test_every_refused_call_is_listed_once_and_jumps_stay_short(program: bpf.Program) -> None:
    numbers = [number for group in seccomp.REFUSED.values() for number in group.values()]
    assert len(numbers) == len(set(numbers)) and max(numbers) <= 450
    assert len(program) <= 4096 and all(max(step.if_true, step.if_false) < 256 for step in program)
    assert {verdict(program, number) for number in numbers} == {EPERM}
