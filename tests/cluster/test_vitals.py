import asyncio

from fakes.clock import run
from seedbed.cluster.queue import WorkQueue
from seedbed.cluster.vitals import Heard, Vitals
from seedbed.cluster.watches import WATCHED, Key


def told(vitals):
    return {
        (sample.name.removeprefix("seedbed_"), *sample.labels.values()): sample.value
        for family in vitals.collect()
        for sample in family.samples
    }


def test_the_queue_by_kind_and_its_oldest_key():
    async def work(key):
        await asyncio.sleep(10)

    async def main():
        queue = WorkQueue(work, lambda *_: None, workers=1)
        vitals = Vitals(queue, Heard())
        before = told(vitals)
        queue.add(Key("ResearchGoal", "team", "g"))
        queue.add(Key("Experiment", "team", "g-e001"))
        queue.add(Key("Experiment", "team", "g-e002"))
        await asyncio.sleep(4)
        after = told(vitals)
        await queue.close(100)
        return before, after

    before, after = run(main())
    assert before["queue_depth", "ResearchGoal"] == before["queue_depth", "Experiment"] == 0
    assert before["queue_oldest_seconds",] == 0
    assert (after["queue_depth", "ResearchGoal"], after["queue_depth", "Experiment"]) == (1, 2)
    assert after["queue_oldest_seconds",] == 4


def test_a_watch_ages_until_it_is_heard():
    now = [100.0]
    heard = Heard(lambda: now[0])
    now[0] = 130.0
    heard("leases")
    now[0] = 135.0
    assert heard.ages() == dict.fromkeys(WATCHED, 35.0) | {"leases": 5.0}
