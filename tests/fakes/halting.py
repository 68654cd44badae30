"""`python -m fakes.halting POINT FILE ARGUMENTS...`: research-agent that stands still within a call.

The points are around the first call for experiment 2. Where it is reached, FILE is made and the whole
process does nothing more, until whoever waits for FILE kills it: a death at exactly that instruction.
"""

import functools
import sys
import time
from pathlib import Path

from seedbed.api import ResearchGoal
from seedbed.cli.main import main
from seedbed.local.artifacts import FolderArtifacts
from seedbed.local.store import FolderStore
from seedbed.planning.llm import transport

INDEX = 2


def _status(*states):
    def matches(store, resource, status):
        planning = getattr(status, "planning", None)
        return planning is not None and (planning.index, planning.state) == (INDEX, *states)

    return FolderStore, "patch_status", matches


def _put(end):
    return FolderArtifacts, "put", lambda artifacts, key, data: key.endswith(end)


def _create():
    def matches(store, resource):
        return not isinstance(resource, ResearchGoal) and resource.metadata.name.endswith(f"e{INDEX:03}")

    return FolderStore, "create", matches


def _post():
    def matches(provider, key, arguments, deadline, asked):
        return f"Propose experiment {INDEX}," in arguments["messages"][-1]["content"]

    return transport, "post", matches


STEPS = {
    "the claim": _status("Asking"),
    "the prompt is stored": _put(f"e{INDEX:03}-01-prompt.json"),
    "the call": _post(),
    "the answer is stored": _put(f"e{INDEX:03}-01-reply.json"),
    "the status says so": _status("Proposed"),
    "the proposal is stored": _put(f"proposals/e{INDEX:03}.json"),
    "the Experiment is made": _create(),
}
POINTS = [f"{when} {step}" for step in STEPS for when in ("before", "after")]


def halt_at(point, reached):
    """Have the process stand still there."""
    when, _, step = point.partition(" ")
    part, name, matches = STEPS[step]
    original = getattr(part, name)

    @functools.wraps(original)
    async def watched(*arguments):
        concerned = matches(*arguments)
        if concerned and when == "before":
            _stand_still(reached)
        result = await original(*arguments)
        if concerned:
            _stand_still(reached)
        return result

    setattr(part, name, watched)


def _stand_still(reached):
    Path(reached).touch()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    halt_at(*sys.argv[1:3])
    sys.argv = ["research-agent", *sys.argv[3:]]
    main()
