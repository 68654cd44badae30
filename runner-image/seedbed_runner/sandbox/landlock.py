"""Landlock: which files a sealed process may open, and, where the kernel's version has it, whom it may reach.

Everything that the kernel's version knows is refused, then what rules name is allowed. It binds the calling
thread and those that it starts, so that a process which seals itself must have one. Works without privileges.
"""

import ctypes
import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from seedbed_runner.sandbox import kernel

_WRITE_FILE, _READ_FILE, _READ_DIR, _MAKE_REG = 1 << 1, 1 << 2, 1 << 3, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_FILES = (1 << 13) - 1  # what version 1 knows: execute, write, read, list, remove and make of each kind
_ON_A_FILE = 1 << 0 | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE  # what a file can have

_BIND_TCP, _CONNECT_TCP = 1 << 0, 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1 << 0, 1 << 1
_GET_VERSION = 1
_QUIET = 1 << 0  # version 7: refusals don't flood the machine's audit log
_PATH_BENEATH = 1


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


@dataclass(frozen=True)
class Access:
    """A path and what is allowed there and below: to read, list, write and make regular files, use ioctl."""

    path: Path
    read: bool = False
    list: bool = False
    write: bool = False
    make: bool = False
    device: bool = False

    def rights(self) -> int:
        """As bits."""
        bits = _READ_FILE if self.read else 0
        bits |= _READ_DIR if self.list else 0
        bits |= _WRITE_FILE | _TRUNCATE if self.write else 0
        bits |= _MAKE_REG if self.make else 0
        return bits | (_IOCTL_DEVICE if self.device else 0)


def version() -> int:
    """The kernel's version of Landlock; 0: there is none, or this container may not use it."""
    if not kernel.LINUX:
        return 0
    try:
        return kernel.system_call(kernel.LANDLOCK_CREATE_RULESET, None, 0, _GET_VERSION)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def restrict(allowed: list[Access], abi: int) -> None:
    """Refuse everything but `allowed` from here on, for good; `no_new_privs` must be set.

    Args:
        allowed: paths that don't exist are passed over.
        abi: what `version` said, at least 1.

    Raises:
        OSError: the kernel refuses.
    """
    handled = _handled(abi)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = kernel.system_call(
        kernel.LANDLOCK_CREATE_RULESET, ctypes.byref(handled), ctypes.c_size_t(size), 0
    )
    try:
        for access in allowed:
            _allow(ruleset, access, handled.files)
        kernel.system_call(kernel.LANDLOCK_RESTRICT_SELF, ruleset, _QUIET if abi >= 7 else 0)
    finally:
        os.close(ruleset)


def _handled(abi: int) -> _Ruleset:
    files = _FILES
    files |= _REFER if abi >= 2 else 0
    files |= _TRUNCATE if abi >= 3 else 0
    files |= _IOCTL_DEVICE if abi >= 5 else 0
    network = _BIND_TCP | _CONNECT_TCP if abi >= 4 else 0
    return _Ruleset(files, network, _ABSTRACT_SOCKETS | _SIGNALS if abi >= 6 else 0)


def _allow(ruleset: int, access: Access, handled: int) -> None:
    try:
        place = os.open(access.path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what can't be reached needs no leave
    try:
        rights = access.rights() & handled
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _ON_A_FILE
        rule = _Beneath(rights, place)
        kernel.system_call(kernel.LANDLOCK_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)
