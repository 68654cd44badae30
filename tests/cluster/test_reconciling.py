import asyncio
import logging
import time

import pytest

from fakes.memory import MemoryWorld, goal
from seedbed.api import ResearchGoal
from seedbed.cluster.reconciling import Reconciling, log_failure
from seedbed.cluster.watches import Key
from seedbed.errors import ClusterFailed, Conflict, StorageFailed

KEY = Key("ResearchGoal", "default", "g")


@pytest.fixture
def memory():
    return MemoryWorld(goal())


def raising(memory, error):
    async def observe_preparation(resource):
        raise error

    memory.launcher.observe_preparation = observe_preparation


async def never(namespace, name):
    return None


def reconciling(memory, may_work=True, retire=never):
    world = memory.world
    return Reconciling(lambda namespace: world, lambda namespace: may_work, retire)


def conditions(memory):
    return {each.type: each for each in memory.goal.status.conditions}


def test_nothing_is_done_where_another_operator_works(memory):
    assert asyncio.run(reconciling(memory, may_work=False)(KEY)) is None
    assert memory.store.patches == 0


def test_a_conflict_is_looked_at_again_at_once(memory):
    raising(memory, Conflict("changed"))
    assert asyncio.run(reconciling(memory)(KEY)) == 0.0
    assert not conditions(memory)


def test_an_error_is_on_the_resource_until_it_is_over(memory):
    work, working = reconciling(memory), memory.launcher.observe_preparation
    asyncio.run(work(KEY))
    raising(memory, StorageFailed("the store can't be reached"))
    for _ in range(3):
        with pytest.raises(StorageFailed):
            asyncio.run(work(KEY))
    patches = memory.store.patches
    found = conditions(memory)["Reconciled"]
    assert (found.status, found.reason, found.message) == (
        "False", "StorageFailed", "the store can't be reached",
    )  # fmt: skip
    memory.launcher.observe_preparation = working
    asyncio.run(work(KEY))
    assert "Reconciled" not in conditions(memory)
    assert patches <= 2, "the same sentence is written once"


def test_an_operator_before_may_have_left_the_condition(memory):
    raising(memory, StorageFailed("gone"))
    with pytest.raises(StorageFailed):
        asyncio.run(reconciling(memory)(KEY))
    del memory.launcher.observe_preparation
    asyncio.run(reconciling(memory)(KEY))
    assert "Reconciled" not in conditions(memory)


def test_numbers_alone_are_no_new_sentence(memory):
    work = reconciling(memory)
    for number in (1, 22, 333):
        raising(memory, ClusterFailed(f"request {number} of 0123-4567-89ab failed"))
        with pytest.raises(ClusterFailed):
            asyncio.run(work(KEY))
    assert memory.store.patches == 1
    assert "request 1 of" in conditions(memory)["Reconciled"].message


def test_a_resource_that_is_gone_is_no_trouble(memory):
    memory.store.delete(ResearchGoal, "g")
    assert asyncio.run(reconciling(memory)(KEY)) is None


def test_a_goal_that_waits_for_nothing_may_be_retired(memory):
    asked = []

    async def retire(namespace, name):
        asked.append((namespace, name))
        return time.time() + 60

    work = reconciling(memory, retire=retire)
    asyncio.run(work(KEY))
    asked.clear()
    assert asyncio.run(work(KEY)) > 60 and not asked  # its data are ready now: it waits for its deadline
    memory.store.change_spec(ResearchGoal, "g", suspend=True)
    assert 59 < asyncio.run(work(KEY)) <= 60 and asked == [("default", "g")]


def test_our_errors_are_a_line_and_bugs_a_traceback(caplog):
    log_failure(KEY, StorageFailed("the store can't be reached"), 4.0)
    log_failure(KEY, KeyError("bug"), 4.0)
    expected, bug = caplog.records
    assert expected.message == "the store can't be reached; again in 4 s" and not expected.exc_info
    assert bug.levelno == logging.ERROR and bug.exc_info
