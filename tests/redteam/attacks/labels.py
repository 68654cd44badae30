"""Ways to the labels: @LABELS@ is their file, @OUT@ the run's own folder, @OTHER@ a file of another run."""
# ruff: noqa: D103


def read(path):
    with open(path, "rb") as file:
        return len(file.read())


def try_20_opens_the_guessed_path():
    return read("@LABELS@")


def try_21_links_a_file_of_its_own_to_them():
    import os

    os.symlink("@LABELS@", "@OUT@/soft")
    return read("@OUT@/soft")


def try_22_links_hard():
    import os

    os.link("@LABELS@", "@OUT@/hard")
    return read("@OUT@/hard")


def try_23_swaps_its_folder_for_a_link():
    import os

    os.rename("@OUT@", "@OUT@.away")
    os.symlink(os.path.dirname("@LABELS@"), "@OUT@")
    found = os.listdir("@OUT@")
    os.unlink("@OUT@")
    os.rename("@OUT@.away", "@OUT@")
    return found


def try_24_searches_the_cache_of_datasets():
    import os
    from glob import glob

    root = os.path.dirname(os.path.dirname(os.path.dirname("@LABELS@")))
    return read(glob(f"{root}/*/sealed/test_labels.npy")[0])


def try_25_reads_an_inherited_descriptor():
    import os

    for number in range(3, 64):
        try:
            data = os.pread(number, 6, 0)
        except OSError:
            continue
        if data == b"\x93NUMPY":
            return number
    raise OSError("none is open")


def try_26a_environment_of_the_parent():
    import os

    return read(f"/proc/{os.getppid()}/environ")


def try_26b_memory_of_the_parent():
    import os

    with open(f"/proc/{os.getppid()}/mem", "rb") as file:
        file.seek(id(None))  # at the same address there
        return file.read(8)


def try_26c_descriptors_of_the_parent():
    import os

    return os.listdir(f"/proc/{os.getppid()}/fd")


def try_27_environment_of_the_first_process_or_any_other():
    import os

    others = [name for name in ("1", *os.listdir("/proc")) if name.isdigit() and int(name) != os.getpid()]
    for name in others:
        try:
            return name, read(f"/proc/{name}/environ")
        except OSError:
            continue
    raise OSError("none can be read")


def try_28_bundled_copies():
    from sklearn.datasets import load_digits, load_iris

    return load_iris().target.sum() + load_digits().target.sum()


def try_33_outputs_of_another_run():
    return read("@OTHER@")


def try_34a_opens_the_folder_to_all():
    import os

    return os.chmod(os.path.dirname("@LABELS@"), 0o755)


def try_34b_cuts_the_labels_short():
    import os

    return os.truncate("@LABELS@", os.path.getsize("@LABELS@"))
