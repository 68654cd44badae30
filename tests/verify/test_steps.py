import asyncio
from pathlib import Path

import pytest

from seedbed.errors import LauncherFailed
from seedbed.verify import steps as module
from seedbed.verify.steps import Steps

HERE = Path("/here")


class PlayedParent:
    """A warm parent that says what a test has it say."""

    def __init__(self, on_event, on_error):
        self.say, self.sent = on_event, []
        PlayedParent.last = self

    async def start(self):
        asyncio.get_running_loop().call_soon(self.say, {"event": "ready"})

    def send(self, message):
        self.sent.append(message)

    async def close(self):
        """As the real one: what it still has to say is heard while it ends."""
        self.say({"event": "ready"})
        for message in self.sent:
            self.say({"event": "ended", "id": message["id"], "class": "Infrastructure", "message": "stopped"})
        self.say({"event": "died", "code": 0, "message": ""})

    def ends(self, position, **outcome):
        self.say({"event": "ended", "id": self.sent[position]["id"], **outcome})


@pytest.fixture
def played(monkeypatch):
    monkeypatch.setattr(module, "WarmParent", PlayedParent)

    def play(scene, at_once=2):
        async def whole():
            steps = Steps(at_once)
            try:
                await steps.open()
                return await scene(steps, PlayedParent.last)
            finally:
                await steps.close()

        return asyncio.run(whole())

    return play


def begin(steps, *names):
    return [asyncio.create_task(steps.carry_out("run", Path(name), HERE, HERE)) for name in names]


def test_each_hears_of_its_own_end_and_no_more_run_than_may(played):
    async def scene(steps, parent):
        tasks = begin(steps, "a", "b", "c")
        await asyncio.sleep(0)
        assert [message["id"] for message in parent.sent] == ["run:a", "run:b"]
        parent.ends(1, **{"class": "Infrastructure"}, message="the disk is full")
        await asyncio.sleep(0.01)
        assert len(parent.sent) == 3
        parent.ends(0, **{"class": "Recorded"}, message="")
        parent.ends(2, **{"class": "Recorded"}, message="")
        return await asyncio.gather(*tasks)

    assert played(scene) == [None, "the disk is full", None]


def test_a_dead_parent_is_told_to_everybody_who_waits(played):
    async def scene(steps, parent):
        tasks = begin(steps, "a", "b")
        await asyncio.sleep(0)
        parent.say({"event": "died", "code": 1, "message": "out of memory"})
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = played(scene)
    assert [(type(error), str(error)) for error in found] == [(LauncherFailed, "out of memory")] * 2


def test_an_interruption_ends_it_in_peace(played):
    async def scene(steps, parent):
        tasks = begin(steps, "a", "b")
        await asyncio.sleep(0)
        tasks[0].cancel()
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        played(scene)


def test_an_interruption_before_it_is_ready(monkeypatch):
    monkeypatch.setattr(module, "WarmParent", PlayedParent)

    async def nothing(self):
        return None

    monkeypatch.setattr(PlayedParent, "start", nothing)

    async def whole():
        steps = Steps(1)
        opening = asyncio.create_task(steps.open())
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await steps.close()
        return opening.cancelled()

    assert asyncio.run(whole())
