"""Runs tests on a mutated copy of the packages, in a process forked for them alone.

The process is forked from one that has the libraries imported and nothing of ours: that makes a mutation cost
as much as its tests do. The copy is first on its path.
"""

import contextlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("operator/seedbed", "runner-image/seedbed_runner")
LIBRARIES = ["pytest", "hypothesis", "numpy", "pydantic", "scipy.stats", "yaml", "fakes.mutating"]


def processes() -> ProcessPoolExecutor:
    """As many at once as there are cores, each for one task."""
    context = get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return ProcessPoolExecutor(len(os.sched_getaffinity(0)), context, max_tasks_per_child=1)


def run_tests(copy: Path, tests: str, words: str) -> tuple[int, str]:
    """Run tests/`tests`, chosen by `words`, until one fails: pytest's exit code, and what it printed."""
    os.chdir(ROOT)
    sys.dont_write_bytecode = True
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(copy / "hypothesis")
    sys.path[:0] = [str((copy / package).parent) for package in PACKAGES]
    quiet = ["-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0"]
    chosen = ["-m", "not slow", "-k", words, f"tests/{tests}"]
    said = copy / f"said-{os.getpid()}"
    with said.open("w") as out, contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = pytest.main([*quiet, *chosen])
    loaded = Path(sys.modules["seedbed"].__file__)
    assert loaded.is_relative_to(copy), f"the tests ran on {loaded}"
    return int(code), said.read_text()
