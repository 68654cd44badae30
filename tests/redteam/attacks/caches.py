"""What the next run would read: @SHM@ and @CACHE@ are folders that runs share, @DATA@ is this one's data."""
# ruff: noqa: D103


def drop(folder):
    import os

    path = os.path.join(folder, f"redteam-{os.getpid()}.pth")
    with open(path, "x") as file:
        file.write("")
    os.unlink(path)
    return path


def try_60a_site_packages():
    import os

    import numpy

    return drop(os.path.dirname(os.path.dirname(numpy.__file__)))


def try_60b_torch():
    import os

    import torch

    return drop(os.path.dirname(torch.__file__))


def try_60c_shared_memory():
    return drop("@SHM@")


def try_60d_cache_of_the_user():
    return drop("@CACHE@")


def try_60e_its_own_data():
    import os

    return os.utime("@DATA@/train_inputs.npy", (1, 1))


def try_60f_message_queue():
    import ctypes

    got = ctypes.CDLL(None, use_errno=True).msgget(0x5EED, 0o1600)
    if got < 0:
        raise OSError(ctypes.get_errno(), "msgget")
    ctypes.CDLL(None).msgctl(got, 0, None)
    return got
