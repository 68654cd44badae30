"""Two processes that want the same entry of the cache at once."""

import json
import subprocess
import sys
from pathlib import Path

FETCH = """
import json, os, sys, time
from pathlib import Path
from seedbed_runner.sources.cache import Origin, cached
from seedbed_runner.sources.settings import SourceSettings

root = Path(sys.argv[1])
(root / f"started-{os.getpid()}").touch()

def fill(part):
    with (root / "downloads").open("a") as file:
        file.write("one\\n")
    (part / "rows").write_text("begun")
    while len(list(root.glob("started-*"))) < 2:
        time.sleep(0.01)
    time.sleep(0.2)  # the other is at the lock by now
    (part / "rows").write_text("whole")
    return Origin("somewhere", "1", verified=True)

folder, origin = cached(SourceSettings(data=None, cache=root / "cache"), "rows-0123", fill)
print(json.dumps([(folder / "rows").read_text(), origin.source, sorted(origin.files)]))
"""


def test_of_two_processes_at_once_one_downloads_and_both_have_the_whole(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FETCH, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [json.loads(each) for each in said] == [["whole", "somewhere", ["rows"]]] * 2
    assert (tmp_path / "downloads").read_text() == "one\n"
    assert sorted(path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()) == ["rows-0123"]
