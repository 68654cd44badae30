"""Canaries, looked for in all that the trainer can read: @FORBIDDEN@ and @GIVEN@ are bytes as hex, backwards.

Backwards, so that what is looked for is not in this process's memory for being looked for.
"""
# ruff: noqa: D103


def holds(data, canary):
    return bytes.fromhex(canary) in data[::-1]


def everything():
    """Names and bytes of all that can be read: files, what the kernel tells, descriptors, and memory."""
    import os

    roots = ["@DATA@", "@OUT@", os.path.dirname("@DATA@"), "/proc/self"]
    for root in roots:
        for folder, folders, names in os.walk(root):
            folders[:] = [] if folder.startswith("/proc") else folders
            for name in names:
                yield from known(os.path.join(folder, name))
    for number in range(64):
        try:
            yield f"descriptor {number}", os.pread(number, 2**20, 0)
        except OSError:
            continue
    yield "environment", repr(os.environ).encode()
    yield from memory()


def known(path):
    import os
    import stat

    try:
        if not stat.S_ISREG(os.stat(path).st_mode) or path.endswith(("/mem", "/pagemap")):
            return
        with open(path, "rb") as file:
            yield path, file.read(2**24)
    except OSError:
        return


def memory():
    """All around what this process knows of: what is not mapped can't be written to a pipe either."""
    import ctypes
    import gc

    libc = ctypes.CDLL(None)
    libc.sbrk.restype = ctypes.c_void_p
    libc.write.argtypes, libc.write.restype = (
        (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t),
        ctypes.c_ssize_t,
    )
    top = libc.sbrk(0) >> 26
    for block in sorted({id(one) >> 26 for one in gc.get_objects()} | {top - 2, top - 1, top}):
        yield "memory", mapped(libc, block << 26, (block + 1) << 26)


def mapped(libc, address, end):
    import os

    reader, writer = os.pipe()
    data = bytearray()
    while address < end:
        count = libc.write(writer, address, 65536)
        data += os.read(reader, count) if count > 0 else b""
        address += count if count > 0 else 4096
    os.close(reader)
    os.close(writer)
    return data


def found(canary):
    return sorted({name for name, data in everything() if holds(data, canary)})


def try_canary_of_what_is_not_given():
    places = found("@FORBIDDEN@")
    if not places:
        raise LookupError("nowhere")
    return places


def try_given_shows_that_the_search_finds():
    import os

    held = bytes.fromhex("@GIVEN@")[::-1]
    places = found("@GIVEN@")
    if not places or not held:
        raise LookupError("nowhere")
    return sorted({os.path.basename(place) for place in places})
