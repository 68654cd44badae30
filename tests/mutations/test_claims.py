"""Every promise of the claims is held by a fast test: break the promise in a copy, and such a test fails.

A mutation of claims.toml replaces one passage of a module by another. The passage must stand there exactly
once: the list fails when the source moves on, and is brought along. Only the tests that ought to notice are
run; on a copy as it is, they pass.
"""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from fakes.mutating import PACKAGES, ROOT, processes, run_tests

pytestmark = pytest.mark.slow

MUTATIONS = tomllib.loads(Path(__file__).with_name("claims.toml").read_text())["mutation"]
PASSED, FAILED = 0, 1  # pytest's exit codes; any other says that the tests could not be run


def copy(into: Path) -> Path:
    """The packages, and nothing else, below `into`."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, into / package, ignore=shutil.ignore_patterns("__pycache__"))
    return into


def mutate(root: Path, mutation: dict[str, str]) -> Path:
    """Replace the passage, which must be there exactly once."""
    path = root / mutation["module"]
    text = path.read_text()
    found = text.count(mutation["old"])
    assert found == 1, f"{mutation['module']} has {found} times: {mutation['old']}"
    path.write_text(text.replace(mutation["old"], mutation["new"]))
    return root


@pytest.fixture(scope="module")
def pool():
    with processes() as pool:
        yield pool
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def runs(pool, request, tmp_path_factory):
    """The tests' runs under each mutation asked for, all under way at once; a string where none can."""
    asked = {item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")}
    found = {}
    for mutation in [each for each in MUTATIONS if each["name"] in asked]:
        try:
            root = mutate(copy(tmp_path_factory.mktemp("mutated")), mutation)
        except AssertionError as error:
            found[mutation["name"]] = str(error)
        else:
            tests, words = mutation["tests"], mutation.get("words", "")
            found[mutation["name"]] = pool.submit(run_tests, root, tests, words)
    return found


@pytest.mark.parametrize("name", [mutation["name"] for mutation in MUTATIONS])
def test_a_test_notices(name, runs):
    assert not isinstance(runs[name], str), runs[name]
    code, said = runs[name].result()
    assert code == FAILED, f"no test noticed: {name}\n{said}"
    print(name, "is noticed by", re.search(r"^FAILED (\S+)", said, re.MULTILINE)[1])


@pytest.mark.parametrize("tests", sorted({mutation["tests"] for mutation in MUTATIONS}))
def test_they_pass_on_a_copy_as_it_is(tests, pool, tmp_path):
    words = " or ".join(m["words"] for m in MUTATIONS if m["tests"] == tests and "words" in m)
    code, said = pool.submit(run_tests, copy(tmp_path), tests, words).result()
    assert code == PASSED, said
