import asyncio
import copy

import pytest

from seedbed.cluster.lease import DURATION, NAME, Lease
from seedbed.errors import AlreadyExists, ClusterFailed, Conflict, NotFound


class Server:
    """Leases as the API server keeps them; `down` has it not answer, `race` lets another one in between."""

    def __init__(self):
        self.there, self.version, self.down, self.race = None, 0, False, None

    def _answer(self):
        if self.down:
            raise ClusterFailed("the API server can't be reached")

    def _stored(self, document):
        self.version += 1
        metadata = document["metadata"] | {"resourceVersion": str(self.version)}
        self.there = document | {"metadata": metadata}
        return copy.deepcopy(self.there)

    async def get(self, path):
        self._answer()
        assert path.endswith(f"/namespaces/research/leases/{NAME}")
        found = copy.deepcopy(self.there)
        faster, self.race = self.race, None
        if faster:
            await faster.step()
        return found

    async def create(self, path, document):
        self._answer()
        if self.there:
            raise AlreadyExists("there")
        return self._stored(document)

    async def replace(self, path, document):
        self._answer()
        if self.there is None:
            raise NotFound("gone")
        if document["metadata"]["resourceVersion"] != self.there["metadata"]["resourceVersion"]:
            raise Conflict("changed")
        return self._stored(document)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def lease(server, name, clock, **options):
    return Lease(server, "research", name, clock=clock, **options)


def step(each):
    return asyncio.run(each.step())


def test_the_second_operator_waits_and_says_for_whom(clock, caplog):
    server, gained = Server(), []
    first = lease(server, "first", clock, gained=lambda: gained.append("first"))
    second = lease(server, "second", clock, gained=lambda: gained.append("second"))
    assert step(first) and first.held
    for _ in range(20):
        clock.now += DURATION / 3
        assert step(first)
        assert not step(second) and not second.held
    assert gained == ["first"]
    said = [r.message for r in caplog.records if "another operator" in r.message]
    assert said == [
        "namespace research: another operator, first, works there: this one waits until it is gone"
    ]


def test_a_holder_without_a_sign_of_life_is_replaced_after_its_duration(clock):
    server = Server()
    first, second = lease(server, "first", clock), lease(server, "second", clock)
    step(first)
    clock.now += 10_000  # its clock says nothing: what counts is since when the second one looks
    assert not step(second)
    clock.now += DURATION - 1
    assert not step(second)
    clock.now += 1
    assert step(second) and second.held
    assert server.there["spec"]["leaseTransitions"] == 1
    assert not step(first) and not first.held


def test_what_can_not_be_renewed_is_not_held_for_longer_than_its_duration(clock):
    server = Server()
    each = lease(server, "first", clock)
    step(each)
    server.down = True
    clock.now += DURATION - 1
    with pytest.raises(ClusterFailed):
        step(each)
    assert each.held
    clock.now += 1
    assert not each.held


def test_it_is_gained_again_after_the_api_server_came_back(clock):
    server, gained = Server(), []
    each = lease(server, "first", clock, gained=lambda: gained.append(clock.now))
    step(each)
    clock.now += 100
    assert not each.held and step(each)
    assert gained == [1000.0, 1100.0]


def test_a_released_lease_is_free_at_once(clock):
    server = Server()
    first, second = lease(server, "first", clock), lease(server, "second", clock)
    step(first)
    asyncio.run(first.release())
    assert not first.held
    assert step(second) and second.held
    asyncio.run(first.release())  # it is no longer its to release
    assert server.there["spec"]["holderIdentity"] == "second"


def test_a_restart_under_the_same_name_goes_on_at_once(clock):
    server = Server()
    step(lease(server, "pod-1", clock))
    again = lease(server, "pod-1", clock)
    assert step(again) and again.held
    assert server.there["spec"]["leaseTransitions"] == 0


@pytest.mark.parametrize("there_before", [False, True])
def test_of_two_at_the_same_moment_one_gets_it(clock, there_before):
    server = Server()
    if there_before:
        old = lease(server, "old", clock)
        step(old)
        asyncio.run(old.release())
    first, second = lease(server, "first", clock), lease(server, "second", clock)
    server.race = second
    assert not step(first)
    assert second.held and not first.held


def test_one_that_was_deleted_or_changed_by_hand_is_taken_again(clock):
    server = Server()
    each = lease(server, "first", clock)
    step(each)
    server.there = None
    assert not step(each) and step(each)
    server.version += 1
    server.there["metadata"]["resourceVersion"] = str(server.version)
    assert not step(each) and step(each) and each.held


def test_a_namespace_that_is_gone_ends_it(clock, caplog):
    class Gone(Server):
        async def create(self, path, document):
            raise NotFound('namespaces "research" not found (404)')

    with pytest.raises(NotFound):
        asyncio.run(lease(Gone(), "first", clock).keep())
    assert 'namespaces "research" not found' in caplog.text


def test_an_api_server_that_never_answers_is_no_reason_to_wait_for_ever(clock):
    class Mute(Server):
        async def get(self, path):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        step(lease(Mute(), "first", clock, duration=0.02))


def test_trouble_is_said_once(clock, caplog):
    server = Server()
    server.down = True

    async def main():
        keeping = asyncio.create_task(lease(server, "first", clock, duration=0.01).keep())
        await asyncio.sleep(0.1)
        server.down = False
        await asyncio.sleep(0.05)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(main())
    said = [r.message for r in caplog.records if "can't be kept" in r.message]
    assert len(said) == 1 and "can't be reached" in said[0]
    assert server.there["spec"]["holderIdentity"] == "first"
