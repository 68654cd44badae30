import shutil
from pathlib import Path

import seedbed_runner
from seedbed_runner.codehash import CODE_HASH, code_hash


def test_a_byte_of_any_module_changes_it_and_nothing_else_does(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(Path(seedbed_runner.__file__).parent, copy)
    shutil.rmtree(copy / "__pycache__", ignore_errors=True)
    assert code_hash(copy) == CODE_HASH
    with (copy / "models" / "build.py").open("a") as module:
        module.write("#")
    assert code_hash(copy) != CODE_HASH
