"""An assembler for the few instructions of classic BPF that a seccomp filter needs.

A filter sees `struct seccomp_data`: the call's number, the architecture and six arguments of 64 bits, of
which it looks at the lower 32; the calls that are judged by an argument here take no more of it. A *body* is
a piece of program that always returns.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE = 0, 4  # where they are in seccomp_data

ALLOW = 0x7FFF_0000
KILL = 0x8000_0000
_ERRNO = 0x0005_0000


@dataclass(frozen=True)
class Instruction:
    """One `struct sock_filter`; jumps count the instructions that they skip."""

    code: int
    value: int
    if_true: int = 0
    if_false: int = 0


Program = list[Instruction]


def refusal(errno: int) -> int:
    """The verdict by which a call fails with this error."""
    return _ERRNO | errno


def load(offset: int) -> Instruction:
    """Load 32 bits of seccomp_data."""
    return Instruction(_LOAD, offset)


def argument(index: int, high: bool = False) -> int:
    """Where the lower (or upper) half of an argument is in seccomp_data."""
    return 16 + 8 * index + (4 if high else 0)


def answer(verdict: int) -> Instruction:
    """Return."""
    return Instruction(_RETURN, verdict)


def if_equal(value: int, body: Program) -> Program:
    """Run `body` where what was loaded is `value`."""
    return [Instruction(_JUMP_EQUAL, value, 0, len(body)), *body]


def unless_equal(value: int, body: Program) -> Program:
    """Run `body` where what was loaded is not `value`."""
    return [Instruction(_JUMP_EQUAL, value, len(body), 0), *body]


def if_greater(value: int, body: Program) -> Program:
    """Run `body` where what was loaded is greater than `value`."""
    return [Instruction(_JUMP_GREATER, value, 0, len(body)), *body]


def if_any_bit(mask: int, body: Program) -> Program:
    """Run `body` where what was loaded has one of the bits of `mask`."""
    return [Instruction(_JUMP_ANY_BIT, mask, 0, len(body)), *body]


def only(index: int, allowed: Iterable[int], otherwise: int) -> Program:
    """Allow the call where its argument is one of `allowed`."""
    tests = [step for value in allowed for step in if_equal(value, [answer(ALLOW)])]
    return [load(argument(index)), *tests, answer(otherwise)]


def none_of(index: int, refused: Iterable[int], otherwise: int) -> Program:
    """Allow the call unless its argument is one of `refused`."""
    tests = [step for value in refused for step in if_equal(value, [answer(otherwise)])]
    return [load(argument(index)), *tests, answer(ALLOW)]


def assemble(program: Program) -> bytes:
    """The program as the kernel reads it: 8 bytes an instruction, in the machine's byte order."""
    return b"".join(
        struct.pack("=HBBI", step.code, step.if_true, step.if_false, step.value) for step in program
    )
