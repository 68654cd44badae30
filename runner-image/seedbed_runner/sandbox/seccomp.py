"""Which system calls a sealed process may still make, as a filter for x86-64.

Refused is what reaches out (sockets), in (other processes, namespaces, the kernel's keys and programs) or
past the supervisor (new processes, sessions, signals, attributes of files); numbers that are newer than
this list do not exist. What trains needs none of it. A refused call fails with EPERM, one for a new process
with EAGAIN; a call by another architecture's numbers ends the process, since these lists don't speak of it.
"""

import ctypes
import errno
import platform
import signal

from seedbed_runner.sandbox import kernel
from seedbed_runner.sandbox.bpf import (
    ALLOW,
    ARCHITECTURE,
    KILL,
    NUMBER,
    Program,
    answer,
    argument,
    assemble,
    if_any_bit,
    if_equal,
    if_greater,
    load,
    none_of,
    only,
    refusal,
    unless_equal,
)

_X86_64 = 0xC000_003E  # AUDIT_ARCH_X86_64
_X32 = 0x4000_0000  # a bit of the number
_NEWEST = 450  # the last call that was looked at; later ones are ENOSYS

REFUSED = {
    "network": {
        "socket": 41, "connect": 42, "accept": 43, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50,
        "socketpair": 53, "accept4": 288, "sendmmsg": 307,
    },
    # With a timer's, the signal may be SIGKILL: an end that looks like one from outside.
    "processes": {
        "kill": 62, "ptrace": 101, "rt_sigqueueinfo": 129, "tkill": 200, "timer_create": 222,
        "migrate_pages": 256, "move_pages": 279, "rt_tgsigqueueinfo": 297, "process_vm_readv": 310,
        "process_vm_writev": 311, "kcmp": 312, "pidfd_send_signal": 424, "pidfd_open": 434,
        "pidfd_getfd": 438, "process_madvise": 440, "process_mrelease": 448,
    },
    "namespaces": {
        "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166, "unshare": 272, "setns": 308,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433,
        "mount_setattr": 442,
    },
    "kernel": {
        "syslog": 103, "uselib": 134, "vhangup": 153, "modify_ldt": 154, "_sysctl": 156, "adjtimex": 159,
        "acct": 163, "settimeofday": 164, "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170,
        "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175, "delete_module": 176,
        "quotactl": 179, "lookup_dcookie": 212, "clock_settime": 227, "kexec_load": 246, "add_key": 248,
        "request_key": 249, "keyctl": 250, "perf_event_open": 298, "clock_adjtime": 305,
        "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425,
        "io_uring_enter": 426, "io_uring_register": 427, "quotactl_fd": 443,
    },
    "files": {
        "truncate": 76, "link": 86, "symlink": 88, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93,
        "lchown": 94, "utime": 132, "mknod": 133, "sync": 162, "setxattr": 188, "lsetxattr": 189,
        "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "utimes": 235,
        "inotify_init": 253, "inotify_add_watch": 254, "mknodat": 259, "fchownat": 260, "futimesat": 261,
        "linkat": 265, "symlinkat": 266, "fchmodat": 268, "utimensat": 280, "inotify_init1": 294,
        "fanotify_init": 300, "fanotify_mark": 301, "name_to_handle_at": 303, "open_by_handle_at": 304,
        "syncfs": 306, "memfd_create": 319, "memfd_secret": 447,
    },
    "shared memory": {
        "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66, "msgget": 68,
        "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "semtimedop": 220, "mq_open": 240, "mq_unlink": 241,
        "mq_notify": 244,
    },
    "identity": {
        "setuid": 105, "setgid": 106, "setpgid": 109, "setsid": 112, "setreuid": 113, "setregid": 114,
        "setgroups": 116, "setresuid": 117, "setresgid": 119, "setfsuid": 122, "setfsgid": 123,
        "capset": 126,
    },
    "scheduling": {
        "setpriority": 141, "sched_setparam": 142, "sched_setscheduler": 144, "setrlimit": 160,
        "ioprio_set": 251, "sched_setattr": 314,
    },
    "programs": {
        "execve": 59, "execveat": 322,
    },
}  # fmt: skip
_NO_SUCH_CALL = {"clone3": 435, "openat2": 437}  # their arguments are in memory, which no filter reads
_FORK, _VFORK, _CLONE = 57, 58, 56
_OPEN, _OPENAT, _IOCTL, _FCNTL = 2, 257, 16, 72
_PRLIMIT, _AFFINITY, _TGKILL, _PERSONALITY = 302, 203, 234, 135

_CLONE_THREAD, _CLONE_NAMESPACES = 0x0001_0000, 0x7E02_0000
_TMPFILE = 0x0040_0000  # of open: a file without a name, which no count of the folder would find
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
_TERMINAL_INPUT = (0x5412, 0x541C, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCSETD
_SIGNAL_OWNERS = (0x5452, 0x8901, 0x8902)  # FIOASYNC, FIOSETOWN, SIOCSPGRP
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
_IOCTL_ALLOWED = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Ends that a supervisor takes for one from outside the run.
_ENDINGS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)

_SET_MODE_FILTER, _TSYNC, _GET_ACTION_AVAILABLE = 1, 1, 2
_EPERM, _EAGAIN = refusal(errno.EPERM), refusal(errno.EAGAIN)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def filter_program(pid: int, devices: bool) -> Program:
    """The filter of process `pid`; with `devices` it may talk to a GPU's driver (ioctl)."""
    program = [load(ARCHITECTURE), *unless_equal(_X86_64, [answer(KILL)])]
    program += [load(NUMBER), *if_any_bit(_X32, [answer(KILL)])]
    program += if_greater(_NEWEST, [answer(refusal(errno.ENOSYS))])
    for group in REFUSED.values():
        for number in group.values():
            program += if_equal(number, [answer(_EPERM)])
    for number in _NO_SUCH_CALL.values():
        program += if_equal(number, [answer(refusal(errno.ENOSYS))])
    for number, body in _judged(pid, devices).items():
        program += if_equal(number, body)
    return [*program, answer(ALLOW)]


def _judged(pid: int, devices: bool) -> dict[int, Program]:
    """The calls that depend on an argument."""
    ioctl = only(1, _IOCTL_ALLOWED, _EPERM)
    if devices:
        ioctl = none_of(1, (*_TERMINAL_INPUT, *_SIGNAL_OWNERS), _EPERM)
    return {
        _CLONE: [
            load(argument(0)),
            *if_any_bit(_CLONE_NAMESPACES, [answer(_EPERM)]),
            *if_any_bit(_CLONE_THREAD, [answer(ALLOW)]),
            answer(_EAGAIN),
        ],
        _FORK: [answer(_EAGAIN)],
        _VFORK: [answer(_EAGAIN)],
        _OPEN: _without_bit(1, _TMPFILE),
        _OPENAT: _without_bit(2, _TMPFILE),
        _IOCTL: ioctl,
        _FCNTL: none_of(1, _FCNTL_REFUSED, _EPERM),
        _PRLIMIT: [  # reading its own limits only: one on processor time ends in a SIGKILL
            *_zero(argument(2)),
            *_zero(argument(2, high=True)),
            *only(0, (0, pid), _EPERM),
        ],
        _AFFINITY: only(0, (0,), _EPERM),
        _TGKILL: [load(argument(0)), *unless_equal(pid, [answer(_EPERM)]), *none_of(2, _ENDINGS, _EPERM)],
        _PERSONALITY: only(0, (0xFFFF_FFFF,), _EPERM),
    }


def _zero(offset: int) -> Program:
    return [load(offset), *unless_equal(0, [answer(_EPERM)])]


def _without_bit(index: int, bit: int) -> Program:
    return [load(argument(index)), *if_any_bit(bit, [answer(refusal(errno.EOPNOTSUPP))]), answer(ALLOW)]


def missing() -> str:
    """Why this machine has no such filter; empty if it has."""
    if not kernel.X86_64:
        return f"there is no filter for {platform.system()} on {platform.machine()}"
    try:
        kernel.seccomp(_GET_ACTION_AVAILABLE, 0, ctypes.byref(ctypes.c_uint32(KILL)))
    except OSError as error:
        return f"the kernel has no seccomp filters ({error.strerror})"
    return ""


def install(pid: int, devices: bool) -> None:
    """Filter all threads of this process from here on, for good; `no_new_privs` must be set.

    Raises:
        OSError: the kernel refuses.
    """
    code = assemble(filter_program(pid, devices))
    program = _Program(len(code) // 8, code)
    kernel.seccomp(_SET_MODE_FILTER, _TSYNC, ctypes.byref(program))
