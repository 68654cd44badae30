"""The journal of a goal by hand: each thing that can become of a call, and what the goal made of it."""

import json

from fakes.keeping import put
from report.goals import ACHIEVED, LAYERS, build_goal, line
from seedbed.engine.naming import call_key, proposal_key
from seedbed.planning.contract import Proposal
from seedbed.planning.history import MEMO
from seedbed.planning.llm.journal import Call, Prompted, Replied

EVIL = 'wider \x1b[31m[bold]helps[/bold]\x1b[0m <b>"a lot"</b> | or *not* \u202e'
MESSAGES = [
    {"role": "system", "content": "You plan.\n\tJSON only."},
    {"role": "user", "content": "What next?\x1b[2J\u202e"},
]


def proposal(hypothesis="wider layers help", **update):
    values = dict(
        hypothesis=hypothesis, change="width 32 → 64", expected_effect="a little more than 0.93",
        model={"layers": LAYERS}, training={},
    )  # fmt: skip
    return Proposal(**(values | update))


def prompted(index, call=1, **update):
    values = dict(
        index=index, call=call, turn="First", batch=1, visible=max(0, index - 2),
        provider="provider default (m at host:8000)", model="m", capability={}, version="1",
        messages=MESSAGES, prompt_tokens=4000, max_tokens=2000, asked_at=1769860800.0, holder="laptop",
    )  # fmt: skip
    return Prompted(**(values | update))


def replied(index, call=1, outcome="Proposed", **update):
    values = dict(
        index=index, call=call, outcome=outcome, text='{"proposals": []}', answered_by="m-2026",
        finish_reason="stop", prompt_tokens=1200, completion_tokens=300, latency=2.5, replied_at=1769860802.5,
    )  # fmt: skip
    return Replied(**(values | update))


def failed(index, call, reason, message, wait=None, **update):
    none = dict(text=None, answered_by=None, finish_reason=None, prompt_tokens=0, completion_tokens=0)
    told = dict(reason=reason, message=message, advice="wait a little", wait=wait)
    return replied(index, call, "Failed", **(none | told | update))


PROPOSALS = {
    1: proposal("a start", change="a small network"),
    2: proposal(EVIL, parent=1),
    3: proposal("deeper too", parent=2, change="one more layer"),
    4: proposal("drawn at random", parent=3, memo={MEMO: {"width": 3}}),
    5: proposal("less dropout", parent=3),
}
CALLS = [
    # two at once, after a server that was too busy
    Call(prompted=prompted(1), replied=failed(1, 1, "RateLimited", "too many requests", 2.0)),
    Call(prompted=prompted(1, 2), replied=replied(1, 2, proposals=[PROPOSALS[1]])),
    # repaired, and for the next one too
    Call(
        prompted=prompted(2, batch=2),
        replied=replied(2, 1, "Invalid", text="{", problems=["training.epochs: write 1 to 10000, not 0"]),
    ),
    Call(
        prompted=prompted(2, 2, turn="Repair", batch=2),
        replied=replied(2, 2, proposals=[PROPOSALS[2], PROPOSALS[3]]),
    ),
    # nobody knows what became of the first, the second failed for good: the search planner
    Call(prompted=prompted(4)),
    Call(prompted=prompted(4, 2), replied=failed(4, 2, "BadKey", "provider default: the key is refused")),
    # the first was claimed, and its process died before it was sent
    Call(prompted=prompted(5, 2), replied=replied(5, 2, proposals=[PROPOSALS[5]])),
    Call(prompted=prompted(6), replied=replied(6, 1, "Stopped", stop="nothing more is worth trying")),
]  # fmt: skip
STATUS = ACHIEVED | {
    "experiments": [
        line(1, [0.9312]), line(2, [], "Failed", reason="Crash", message="IndexError: a|b"),
        line(3, [0.9799, 0.9823], "Confirmed"), line(4, [0.91, 0.93]), line(5, [0.95, 0.96]),
    ],
    "planning": {"index": 6, "state": "Stopped", "message": "nothing more is worth trying"},
}  # fmt: skip


def planned_goal(**status):
    return build_goal(STATUS | status, planner={"type": "LLM"})


def keep_journal(root, goal=None, calls=CALLS):
    """The goal with its journal and its proposals in a folder; its documents."""
    goal = goal or planned_goal()
    documents = put(root, goal)
    goal = documents.read(type(goal), goal.metadata.name)
    for call in calls:
        if isinstance(call, Replied):
            _write(documents, call_key(goal, call.index, call.call, "reply"), call)
            continue
        place = call.prompted.index, call.prompted.call
        _write(documents, call_key(goal, *place, "prompt"), call.prompted)
        if call.replied is not None:
            _write(documents, call_key(goal, *place, "reply"), call.replied)
    for index, each in PROPOSALS.items():
        _write(documents, proposal_key(goal, index), each)
    return documents


def _write(documents, key, model):
    path = documents.artifacts.path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(model.document()))
