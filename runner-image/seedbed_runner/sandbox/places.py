"""Which files of Python and its packages a sealed process may read, and which of the system.

An allow-list: a package that is not named here can't be read, scikit-learn's and other libraries' data sets
in particular. Names of files can be listed in the folders of packages, their contents can't be read.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from glob import glob
from pathlib import Path

import seedbed_runner
from seedbed_runner.sandbox.landlock import Access
from seedbed_runner.sandbox.policy import Policy

# What torch and torchvision import at need, and the libraries that come with them.
PACKAGES = (
    "torch", "torchgen", "functorch", "torchvision", "numpy", "safetensors", "sympy", "mpmath", "networkx",
    "PIL", "typing_extensions", "filelock", "fsspec", "jinja2", "markupsafe", "packaging", "nvidia",
    "triton", "cuda",
)  # fmt: skip
_LIBRARIES = ("numpy.libs", "pillow.libs", "torchvision.libs", "torch.libs")
_OTHERS = frozenset({"site-packages", "dist-packages"})  # within the standard library's folder
# Read by libraries that ask what processor this is; nothing there is of a process.
_SYSTEM = ("/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo", "/etc/ld.so.cache", "/etc/localtime")
_SOURCES = ("/dev/zero", "/dev/random", "/dev/urandom")
_GPU_READ = (
    "/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/proc/self/maps", "/sys/bus/pci",
    "/sys/devices",
)  # fmt: skip


def accesses(policy: Policy) -> list[Access]:
    """Everything that a process under `policy` may open."""
    found = [*common(), *(_read(path) for path in policy.read)]
    found.append(Access(policy.write, read=True, list=True, write=True, make=True))
    return found + (list(_gpu()) if policy.devices else [])


@cache
def common() -> tuple[Access, ...]:
    """What every policy has; a parent that asks for it once spares its forks the search."""
    found = [*_python(), *_packages(), *_shared_libraries()]
    found += [_read(Path(path)) for path in (*_SYSTEM, *_SOURCES)]
    found.append(Access(Path("/dev/null"), read=True, write=True))
    return tuple(access for access in found if access.path.exists())


def _read(path: Path) -> Access:
    return Access(path, read=True, list=True)


def _python() -> Iterator[Access]:
    """The standard library without the packages that may lie within its folder, and our own package."""
    paths: dict[str, str] = sysconfig.get_paths()
    for folder in {Path(paths["stdlib"]), Path(paths["platstdlib"])}:
        yield Access(folder, list=True)
        yield from (_read(folder / name) for name in os.listdir(folder) if name not in _OTHERS)
    yield from (_read(Path(folder)) for folder in seedbed_runner.__path__)


def _packages() -> Iterator[Access]:
    for folder in _package_folders():
        yield Access(folder, list=True)
        for name in (*PACKAGES, *_LIBRARIES):
            yield _read(folder / name)
            yield _read(folder / f"{name}.py")


def _package_folders() -> list[Path]:
    known = {*site.getsitepackages(), *(path for path in sys.path if Path(path).name in _OTHERS)}
    return sorted(Path(path) for path in known if Path(path).is_dir())


def _shared_libraries() -> Iterator[Access]:
    """The system's shared libraries: the folder of this architecture where there is one, else one by one."""
    triplet = sysconfig.get_config_var("MULTIARCH")
    for root in ("/lib", "/usr/lib"):
        if triplet and (folder := Path(root, triplet)).is_dir():
            yield _read(folder)
    for pattern in ("/lib64/*.so*", "/usr/lib64/*.so*", f"{sys.base_prefix}/lib/*.so*"):
        yield from (Access(Path(path), read=True) for path in glob(pattern))


def has_gpu() -> bool:
    """Whether there is a device of NVIDIA's driver."""
    return Path("/dev/nvidiactl").exists()


def _gpu() -> Iterator[Access]:
    """The driver's devices; and the names of threads, without which CUDA does not start (error 304)."""
    for path in (*glob("/dev/nvidia*"), *glob("/dev/nvidia-caps/*")):
        yield Access(Path(path), read=True, list=True, write=True, device=True)
    yield from (_read(Path(path)) for path in _GPU_READ)
    yield Access(Path("/proc/self/task"), read=True, list=True, write=True)
