import asyncio

import pytest

from seedbed.cluster.resync import EVERYWHERE, Resync, until_served
from seedbed.errors import ClusterRefused, NotFound


class Server:
    def __init__(self, **lists):
        self.lists, self.asked = lists, []

    async def list_all(self, path, **selectors):
        self.asked.append(path)
        found = self.lists[path.rpartition("/")[2]]
        if isinstance(found, Exception):
            raise found
        return found


def document(name, phase=None, namespace="team"):
    return {"metadata": {"name": name, "namespace": namespace}, "status": {"phase": phase} if phase else {}}


def test_everything_at_first_then_what_is_not_over():
    server = Server(
        researchgoals=[document("g", "Achieved")],
        experiments=[document("g-e001", "Dropped"), document("g-e002", "Superseded"), document("g-e003")],
    )
    keys = []
    resync = Resync(server, lambda namespace: True, keys.append, 180.0)
    assert asyncio.run(resync("team")) == 180.0
    assert [key.name for key in keys] == ["g", "g-e001", "g-e002", "g-e003"]
    keys.clear()
    asyncio.run(resync("team"))
    assert [key.name for key in keys] == ["g", "g-e002", "g-e003"]
    assert server.asked[0] == "/apis/seedbed.dev/v1alpha1/namespaces/team/researchgoals"


def test_what_there_is_is_told_by_its_names():
    server = Server(researchgoals=[document("g")], experiments=[document("g-e001", "Dropped")])
    told = []
    resync = Resync(server, lambda namespace: True, lambda key: None, 180.0, lambda *all: told.append(all))
    asyncio.run(resync("team"))
    assert told == [("ResearchGoal", "team", ["g"]), ("Experiment", "team", ["g-e001"])]


def test_a_namespace_of_another_operator_is_left_alone():
    server, keys = Server(researchgoals=[document("g")], experiments=[]), []
    assert asyncio.run(Resync(server, lambda namespace: False, keys.append, 180.0)("team")) is None
    assert keys == [] and server.asked == []


def test_a_whole_cluster_is_asked_at_once():
    server = Server(researchgoals=[], experiments=[])
    asyncio.run(until_served(server, [EVERYWHERE]))
    assert server.asked == [
        "/apis/seedbed.dev/v1alpha1/researchgoals", "/apis/seedbed.dev/v1alpha1/experiments",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (NotFound("the server could not find the requested resource (404)"), "install the chart"),
        (ClusterRefused("researchgoals is forbidden (403)"), "researchgoals is forbidden"),
    ],
)
def test_what_keeps_it_from_beginning_is_said_once(trouble, said, caplog):
    server = Server(researchgoals=trouble, experiments=[])

    async def main():
        waiting = asyncio.create_task(until_served(server, ["team"], pause=0.01))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        server.lists["researchgoals"] = []
        await asyncio.wait_for(waiting, 1.0)

    asyncio.run(main())
    assert caplog.text.count(said) == 1 and "team: " in caplog.text
