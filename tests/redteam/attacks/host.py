"""Ways into the host and other processes: @PROGRAM@ is a program, @LOADER@ the dynamic loader."""
# ruff: noqa: D103

import ctypes
import mmap
import os


def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    got = libc.syscall(
        *(ctypes.c_long(value) if isinstance(value, int) else value for value in (number, *arguments))
    )
    if got == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got


def run(path, *arguments):
    """Execute in a child; in this very process, where there can be no child."""
    try:
        pid = os.fork()
    except OSError:
        os.execv(path, [path, *arguments])
    if pid == 0:
        try:
            os.execv(path, [path, *arguments])
        finally:
            os._exit(77)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(f"exit code {code}")
    return code


class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def try_44a_ptrace():
    return call(101, 0x4206, os.getppid(), 0, 0)


def try_44b_reads_the_parents_memory():
    mine = ctypes.create_string_buffer(8)
    here, there = Span(ctypes.addressof(mine), 8), Span(id(os), 8)
    return call(310, os.getppid(), ctypes.byref(here), 1, ctypes.byref(there), 1, 0)


def try_44c_pidfd():
    return call(434, os.getppid(), 0)


def try_45a_unshare():
    return call(272, 0x0002_0000)


def try_45b_mount():
    call(272, 0x0002_0000)
    call(165, b"none", b"/", None, 0x4000 | 0x4_0000, None)
    return call(165, b"none", b"@OUT@", b"tmpfs", 0, None)


def try_45c_namespace_of_a_clone():
    pid = call(56, 0x1000_0000 | 17, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)


def try_46a_io_uring():
    return call(425, 4, ctypes.create_string_buffer(120))


def try_46b_userfaultfd():
    return call(323, 1)


def try_46c_bpf():
    return call(321, 0, (ctypes.c_uint32 * 18)(2, 4, 4, 1), 72)


def try_46d_keyctl():
    return call(250, 0, -3, 1)


def try_46e_perf():
    return call(298, (ctypes.c_uint32 * 32)(1, 128), 0, -1, -1, 0)


def try_46f_memfd():
    return call(319, b"x", 0)


def try_48a_limits_of_the_parent():
    return call(302, os.getppid(), 7, (ctypes.c_uint64 * 2)(64, 20000), None)


def try_48b_priority_of_the_parent():
    return os.setpriority(os.PRIO_PROCESS, os.getppid(), 5)


def try_48c_signals_the_parent():
    return os.kill(os.getppid(), 0)


def try_48d_signal_by_a_pipe():
    import fcntl

    readable, _ = os.pipe()
    return fcntl.fcntl(readable, fcntl.F_SETOWN, os.getppid())


def try_48e_leaves_its_session():
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os._exit(0)
    return os.waitpid(pid, 0)


def try_49a_shell():
    return run("/bin/sh", "-c", "exit 0")


def try_49b_program_of_its_own():
    with open("@PROGRAM@", "rb") as program, open("@OUT@/dropped", "wb") as copy:
        copy.write(program.read())
    os.chmod("@OUT@/dropped", 0o755)
    return run("@OUT@/dropped")


def try_49c_by_the_loader():
    return run("@LOADER@", "@PROGRAM@")


def try_49d_from_memory():
    handle = os.memfd_create("x", 0)
    with open("@PROGRAM@", "rb") as program:
        os.write(handle, program.read())
    return run(f"/proc/self/fd/{handle}")


def _dropped(number, *arguments):
    """A system call by code in a file of its own, which is mapped as a library is."""
    with open("@OUT@/dropped.so", "wb") as library:
        library.write(
            b"\xb8" + number.to_bytes(4, "little") + b"\x0f\x05\xc3" + bytes(4096)
        )  # mov; syscall; ret
    with open("@OUT@/dropped.so", "rb") as library:
        page = mmap.mmap(
            library.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
        )
    code = ctypes.addressof(ctypes.c_char.from_buffer(page))
    got = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_long, ctypes.c_long)(code)(*arguments)
    if got < 0:
        raise OSError(-got, os.strerror(-got))
    return got


def try_50a_socket_by_dropped_code():
    return _dropped(41, 2, 1, 0)


def try_50b_labels_by_dropped_code():
    path = ctypes.create_string_buffer(b"@LABELS@")
    return _dropped(2, ctypes.addressof(path), 0, 0)


def try_50c_socket_by_a_dropped_library():
    import _socket
    from importlib.machinery import ExtensionFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    with open(_socket.__file__, "rb") as library, open("@OUT@/_socket.so", "wb") as copy:
        copy.write(library.read())
    loader = ExtensionFileLoader("_socket", "@OUT@/_socket.so")
    module = module_from_spec(spec_from_loader("_socket", loader))
    loader.exec_module(module)
    return module.socket(2, 1, 0).fileno()
