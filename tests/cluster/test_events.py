import asyncio

from fakes.cluster import asked, experiment
from fakes.memory import MemoryStore
from seedbed.api import ExperimentStatus
from seedbed.api.experiment import RunStatus
from seedbed.cluster import events
from seedbed.cluster.events import Events, TellingStore, build_event, regarding_of
from seedbed.cluster.happenings import Happening
from seedbed.errors import AlreadyExists, ClusterFailed, ClusterRefused

LOST = Happening("NodeLost", "seed 0: attempt 1 was lost", "Warning")


class Server:
    """Events by their path."""

    def __init__(self, trouble=None):
        self.there, self.trouble = {}, trouble

    async def create(self, path, document):
        if self.trouble:
            raise self.trouble
        where = f"{path}/{document['metadata']['name']}"
        if where in self.there:
            raise AlreadyExists("there")
        self.there[where] = document
        return document

    async def merge(self, path, patch):
        self.there[path] |= patch
        return self.there[path]


def post(server, *happenings, regarding=None):
    async def main():
        posting = Events(server, "operator")
        task = asyncio.create_task(posting.post())
        for each in happenings:
            posting.tell(regarding or regarding_of(asked()), each)
        await posting.flush(1.0)
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    return list(server.there.values())


def test_the_same_sentence_is_one_event_with_a_count():
    (event,) = post(Server(), LOST, LOST, LOST)
    assert event["series"]["count"] == 3 and event["type"] == "Warning"
    assert event["regarding"]["kind"] == "ResearchGoal" and event["metadata"]["namespace"] == "team"


def test_another_object_another_event():
    server = Server()
    post(server, LOST)
    assert len(post(server, LOST, regarding=regarding_of(experiment()))) == 2


def test_the_event_of_an_operator_before_is_counted_on():
    server = Server()
    post(server, LOST)
    (event,) = post(server, LOST)
    assert event["series"]["count"] == 2


def test_what_can_not_be_posted_stops_nothing(caplog):
    for trouble in (ClusterRefused("no right to"), ClusterFailed("gone")):
        assert post(Server(trouble), LOST, LOST) == []
    assert "an event of digits was not posted: no right to" in caplog.text


def test_a_flood_is_dropped_and_said(monkeypatch, caplog):
    monkeypatch.setattr(events, "MOST_WAITING", 2)

    async def main():
        posting = Events(Server(), "operator")
        for _ in range(5):
            posting.tell(regarding_of(asked()), LOST)

    asyncio.run(main())
    assert caplog.text.count("an event was dropped") == 3


def test_lengths_are_what_the_api_server_takes():
    event = build_event(regarding_of(asked()), Happening("R" * 300, "m" * 3000), 0.0, "i" * 300)
    assert len(event["note"]) <= 1024 and len(event["reason"]) <= 128
    assert len(event["reportingInstance"]) <= 128
    assert event["eventTime"] == "1970-01-01T00:00:00.000000Z"


def test_the_store_tells_what_was_written():
    server = Server()

    async def main():
        posting = Events(server, "operator")
        task = asyncio.create_task(posting.post())
        store = TellingStore(MemoryStore(), posting)
        made = await store.create(experiment(of=asked()))
        run = RunStatus(seed=0, phase="Scored", score=0.5)
        await store.patch_status(made, ExperimentStatus(runs=[run]))
        await posting.flush(1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    told = [(each["regarding"]["kind"], each["reason"], each["note"]) for each in server.there.values()]
    assert told == [
        ("ResearchGoal", "ExperimentMade", "digits-e001: "), ("Experiment", "Scored", "seed 0: 0.5000"),
    ]  # fmt: skip
