import asyncio

import pytest

from fakes.memory import goal
from seedbed.cluster.retention import Retention, expires_at
from seedbed.errors import Conflict

FINISH = 1_000_000.0


def over(ttl="1h", phase="NotAchieved", generation=1, finish="1970-01-12T13:46:40Z"):
    made = goal(ttlAfterFinished=ttl)
    status = made.status.model_copy(
        update={"phase": phase, "finish_time": finish, "observed_generation": generation}
    )
    return made.model_copy(update={"status": status})


@pytest.mark.parametrize(
    ("made", "end"),
    [
        (over(), FINISH + 3600),
        (over(phase="Achieved", generation=0), FINISH + 3600),
        (over(ttl=None), None),
        (over(phase="Searching", finish=None), None),
        (over(generation=0), None),  # its budget was raised: it goes on
    ],
)
def test_when_a_goal_expires(made, end):
    assert expires_at(made) == end


class Server:
    """An API server with one goal."""

    def __init__(self, document, changed=False):
        self.document, self.changed = document, changed

    async def get(self, path):
        return self.document

    async def delete(self, path, version):
        assert path.endswith("/namespaces/team/researchgoals/g")
        if self.changed:
            raise Conflict("changed")
        assert version == self.document["metadata"]["resourceVersion"]
        self.document = None


def retire(server, now):
    return asyncio.run(Retention(server, lambda: now)("team", "g"))


@pytest.fixture
def server():
    document = over().document()
    document["metadata"]["resourceVersion"] = "7"
    return Server(document)


def test_a_goal_goes_when_its_time_has_come_and_no_earlier(server):
    assert retire(server, FINISH + 3599) == FINISH + 3600 and server.document
    assert retire(server, FINISH + 3600) is None and server.document is None
    assert retire(server, FINISH + 3601) is None


def test_a_goal_that_changed_in_the_meantime_stays(server):
    server.changed = True
    with pytest.raises(Conflict):
        retire(server, FINISH + 9999)
