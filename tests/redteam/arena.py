"""The process in which attacks run: told a run on stdin, it forks, fetches, trains and scores; JSON lines.

Started by `conftest`, with torch loaded once and with secrets about it. `sealed: false` switches off the seal
and whatever else stands in an attack's way, to show that it works then.
"""

import fcntl
import functools
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch._dynamo  # noqa: F401

from seedbed_runner import fetch, forks, processes, run, train, trainstep
from seedbed_runner.sandbox import Limits, Seal, gate, kernel

NOTHING = Seal(0, False, {"landlock": "switched off", "seccomp": "switched off"}, {})


def switch_off(labels: int) -> None:
    every = forks._open_descriptors
    gate.seal = lambda policy: NOTHING  # type: ignore[attr-defined]
    gate._verify = lambda pid, told: None
    kernel.hide_memory = lambda: None
    fetch.apart = lambda step: step()  # type: ignore[attr-defined]
    forks._open_descriptors = lambda: [one for one in every() if one != labels]


def fight(command: dict[str, Any]) -> dict[str, str]:
    labels = fcntl.fcntl(os.open(command["labels"], os.O_RDONLY), fcntl.F_DUPFD, 50)
    if not command["sealed"]:
        switch_off(labels)
    if not command["sweeps"]:
        processes.sweep = lambda *spared, **more: None
        processes.kill_group = lambda *leader: None
    trainstep.supervise = functools.partial(train.supervise, limits=Limits(**command["limits"]))
    try:
        run.run_once(Path(command["work"]), Path(command["prepared"]), Path(command["destination"]))
    except Exception as error:
        reason, message = run.explain(error)
        return {"class": "Infrastructure", "reason": reason, "message": message}
    return {"class": "Recorded", "reason": "", "message": ""}


def main() -> None:
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            try:
                told = json.dumps(fight(json.loads(line)))
                print(told, flush=True)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


main()
