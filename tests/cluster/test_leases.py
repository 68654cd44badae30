import asyncio

import pytest

from seedbed.cluster.leases import Leases
from seedbed.errors import NotFound


class Lease:
    """Held from its first step on; `error` ends its keeping."""

    def __init__(self, namespace, error=None):
        self.namespace, self.error, self.held, self.released = namespace, error, False, False

    async def keep(self):
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        self.held = True
        await asyncio.Event().wait()

    async def release(self):
        self.released, self.held = True, False


def scenario(body, errors=()):
    made, gone = [], []

    async def main():
        def make(namespace):
            made.append(Lease(namespace, dict(errors).get(namespace)))
            return made[-1]

        leases = Leases(make, gone.append)
        await body(leases, made)
        await leases.close()

    asyncio.run(main())
    return made, gone


def test_the_first_question_about_a_namespace_begins_to_get_it():
    async def body(leases, made):
        assert not leases.held("a")
        await asyncio.sleep(0.01)
        assert leases.held("a")
        assert [each.namespace for each in made] == ["a"]

    made, _ = scenario(body)
    assert all(each.released for each in made)


def test_those_that_are_wanted_are_each_got_once():
    async def body(leases, made):
        leases.want(["a", "b"])
        leases.want(["b"])
        assert leases.holdings() == {"a": False, "b": False}
        await asyncio.sleep(0.01)
        assert leases.held("a") and leases.held("b")
        assert leases.holdings() == {"a": True, "b": True}

    made, _ = scenario(body)
    assert [each.namespace for each in made] == ["a", "b"]


def test_a_namespace_that_is_gone_is_forgotten_until_it_is_asked_for_again():
    async def body(leases, made):
        leases.want(["a"])
        await asyncio.sleep(0.01)
        assert len(made) == 1 and not leases.broken.is_set()
        leases.held("a")
        assert len(made) == 2
        await asyncio.sleep(0.01)

    _, gone = scenario(body, {"a": NotFound("gone")}.items())
    assert gone == ["a", "a"]


def test_a_bug_is_the_end_and_not_hidden():
    async def body(leases, made):
        leases.want(["a", "b"])
        await asyncio.wait_for(leases.broken.wait(), 1.0)

    with pytest.raises(KeyError, match="bug"):
        scenario(body, {"a": KeyError("bug")}.items())
