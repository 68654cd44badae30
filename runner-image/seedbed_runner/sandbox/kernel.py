"""The system calls and process attributes of Linux for which Python has no function."""

import ctypes
import os
import platform
import sys

LINUX = sys.platform == "linux"
X86_64 = LINUX and platform.machine() == "x86_64" and sys.maxsize > 2**32

# Of every architecture since 5.13; seccomp's own number differs (`SECCOMP`).
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
_SECCOMP, _CAPSET = 317, 126  # x86-64

_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def system_call(number: int, *arguments: object) -> int:
    """Call the kernel; integers are passed as they are, ctypes objects by their own type.

    Raises:
        OSError: with the kernel's error number.
    """
    given = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    if (answer := int(_libc.syscall(ctypes.c_long(number), *given))) == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer


def prctl(option: int, *values: int) -> None:
    """Change an attribute of this process.

    Raises:
        OSError: with the kernel's error number.
    """
    padded = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded) == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def hide_memory() -> None:
    """Let nobody of the same user read this process: not its memory, environment or descriptors."""
    if LINUX:
        prctl(_PR_SET_DUMPABLE, 0)


def forbid_new_privileges() -> None:
    """From here on no program that is executed gains privileges; filters need it."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability, in this process and in what it may execute."""
    last = int(open("/proc/sys/kernel/cap_last_cap").read())
    for capability in range(last + 1):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except PermissionError:  # who has no CAP_SETPCAP has nothing to lose here
            break
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    libc_capset(header, (ctypes.c_uint32 * 6)())


def libc_capset(header: "ctypes.Array[ctypes.c_uint32]", data: "ctypes.Array[ctypes.c_uint32]") -> None:
    """`capset`, which the C library has under its own name on every architecture."""
    if _libc.capset(header, data) == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def seccomp(operation: int, flags: int, argument: object) -> int:
    """The system call `seccomp` (x86-64)."""
    return system_call(_SECCOMP, operation, flags, argument)
