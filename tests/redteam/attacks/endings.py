"""Attacks that end their own run: on the machine's amounts, and calls that are answered by an end."""
# ruff: noqa: D103

import os
import time


def call_32_bits():
    print("PAYS", _machine_code(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"))  # mov eax, 20; int 0x80; ret


def call_x32():
    print("PAYS", _machine_code(b"\xb8\x27\x00\x00\x40\x0f\x05\xc3"))  # mov eax, 0x40000027; syscall; ret


def _machine_code(code):
    import ctypes
    import mmap

    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()


def fork_without_end():
    for count in range(int("@COUNT@")):
        if os.fork() == 0:
            time.sleep(60)
        print("PAYS", count, flush=True)


def thread_without_end():
    import threading

    for _ in range(int("@COUNT@")):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    print("PAYS", flush=True)
    time.sleep(60)


def reserve_memory():
    import torch

    held = torch.empty(int("@BYTES@"), dtype=torch.uint8)
    print("PAYS", len(held), flush=True)


def take_memory():
    import torch

    held = []
    while True:
        held.append(torch.ones(2**24, dtype=torch.uint8))


def many_files():
    for count in range(int("@COUNT@")):
        with open(f"@OUT@/{count}", "x"):
            pass
    print("PAYS", count, flush=True)
    time.sleep(2)


def much_on_disk():
    for count in range(int("@COUNT@")):
        with open(f"@OUT@/{count}", "xb") as file:
            file.write(bytes(2**20))
            os.fsync(file.fileno())
    print("PAYS", count, flush=True)
    time.sleep(2)


def nameless_file():
    handle = os.open("@OUT@", os.O_TMPFILE | os.O_RDWR, 0o600)
    print("PAYS", os.write(handle, b"hidden"), flush=True)


def removed_file():
    handle = os.open("@OUT@/hidden", os.O_CREAT | os.O_RDWR, 0o600)
    os.unlink("@OUT@/hidden")
    print("PAYS", os.write(handle, b"hidden"), flush=True)


def sparse_file():
    with open("@OUT@/sparse", "wb") as file:
        file.truncate(2**40)
    print("PAYS", os.path.getsize("@OUT@/sparse"), flush=True)


def fifo_as_predictions():
    os.mkfifo("@OUT@/predictions.bin")
    print("PAYS", flush=True)
    os._exit(0)


def sleep_for_ever():
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("PAYS", flush=True)
    while True:
        time.sleep(1)


def leave_a_daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            print("PAYS", os.getpid(), flush=True)
            time.sleep(60)
        os._exit(0)
    time.sleep(0.2)


def print_without_end():
    for _ in range(int("@COUNT@")):
        os.write(1, b"x" * 2**20)


def load_with_workers():
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    print("PAYS", len(list(DataLoader(TensorDataset(torch.zeros(8, 2)), num_workers=2))), flush=True)


def search_the_memory_of_the_environment():
    import ctypes

    # The environment that a process began with lies behind its arguments, and keeps what was removed since.
    at, found = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "program_invocation_name").value, b""
    while not found.endswith(bytes(8)):  # as the memory of a process ends
        found += ctypes.string_at(at + len(found), 1)
    print("PAYS", found, flush=True)
