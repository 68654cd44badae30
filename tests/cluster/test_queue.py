import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.clock import run
from seedbed.cluster.queue import WorkQueue


class Work:
    """Takes `seconds` a key, and does what `fate(key, count)` says: a look-again time, or an exception."""

    def __init__(self, seconds=1.0, fate=lambda key, count: None):
        self.seconds, self.fate = seconds, fate
        self.starts, self.ends, self.under_way, self.most = [], [], set(), 0

    async def __call__(self, key):
        now = asyncio.get_running_loop().time
        assert key not in self.under_way, "two workers at one key"
        self.under_way.add(key)
        self.most = max(self.most, len(self.under_way))
        self.starts.append((key, now()))
        await asyncio.sleep(self.seconds)
        self.under_way.discard(key)
        self.ends.append((key, now()))
        result = self.fate(key, len([each for each, _ in self.starts if each == key]))
        if isinstance(result, Exception):
            raise result
        return result


def drive(work, scenario, **options):
    failures = []

    async def main():
        queue = WorkQueue(work, lambda *failure: failures.append(failure), **options)
        await scenario(queue)
        await queue.close(1000)

    run(main())
    return failures


def test_what_is_due_already_is_not_due_twice():
    work = Work()

    async def scenario(queue):
        for _ in range(5):
            queue.add("a")
        await asyncio.sleep(10)

    drive(work, scenario)
    assert work.starts == [("a", 0.0), ("a", 1.0)]  # the first add began at once, the others are one


def test_what_is_added_while_worked_on_is_worked_on_again():
    work = Work()

    async def scenario(queue):
        queue.add("a")
        await asyncio.sleep(0.5)
        queue.add("a")
        queue.add("a")
        await asyncio.sleep(10)

    drive(work, scenario)
    assert work.starts == [("a", 0.0), ("a", 1.0)]


def test_pauses_double_up_to_the_longest_and_success_resets_them():
    work = Work(0.0, lambda key, count: ValueError("no") if count != 6 else 100.0)

    async def scenario(queue):
        queue.add("a")
        await asyncio.sleep(140)

    failures = drive(work, scenario, first=1.0, longest=6.0)
    times = [when for _, when in work.starts]
    assert times[:6] == [0.0, 1.0, 3.0, 7.0, 13.0, 19.0]
    assert times[6:8] == [119.0, 120.0]  # after a success: the look-again time, then the first pause
    assert [pause for _, _, pause in failures][:6] == [1.0, 2.0, 4.0, 6.0, 6.0, 1.0]


def test_a_failing_key_keeps_no_other_from_its_turn():
    work = Work(0.0, lambda key, count: ValueError("no") if key == "bad" else None)

    async def scenario(queue):
        queue.add("bad")
        queue.add("good")
        await asyncio.sleep(1.5)

    drive(work, scenario, workers=1)
    assert [key for key, _ in work.starts] == ["bad", "good", "bad"]


def test_the_earliest_of_several_times_counts():
    work = Work(0.0)

    async def scenario(queue):
        queue.add_after("a", 50)
        queue.add_after("a", 20)
        queue.add_after("a", 90)
        await asyncio.sleep(200)

    drive(work, scenario)
    assert work.starts == [("a", 20.0)]


def test_an_event_comes_before_a_planned_look_and_replaces_it():
    work = Work(0.0)

    async def scenario(queue):
        queue.add_after("a", 50)
        await asyncio.sleep(5)
        queue.add("a")
        await asyncio.sleep(200)

    drive(work, scenario)
    assert work.starts == [("a", 5.0)]


def test_urgent_keys_overtake_every_other_turn():
    work = Work()

    async def scenario(queue):
        for key in "abcd":
            queue.add(key)
        for key in "uvwxy":
            queue.add(key, True)
        await asyncio.sleep(20)

    drive(work, scenario, workers=1)
    assert "".join(key for key, _ in work.starts) == "aubvcwdxy"


def test_what_becomes_urgent_stays_so_whenever_it_is_due():
    work = Work()

    async def scenario(queue):
        for key in "abcd":
            queue.add(key)
        queue.add_after("c", 50, True)  # due already
        queue.add_after("a", 50, True)  # worked on: planned
        queue.add("a")  # again, as urgent as it was planned
        queue.add_after("x", 0.5)
        queue.add_after("x", 9, True)  # comes with what was planned earlier
        await asyncio.sleep(20)

    drive(work, scenario, workers=1)
    assert "".join(key for key, _ in work.starts) == "acbadx"


def test_the_oldest_key_ages_while_it_waits_and_while_it_is_worked_on():
    work, ages = Work(10.0), []

    async def scenario(queue):
        ages.append(queue.oldest())
        queue.add("a")
        queue.add("b")
        for _ in range(3):
            await asyncio.sleep(6)
            ages.append(queue.oldest())
        queue.add_after("later", 5)
        await asyncio.sleep(4)
        ages.append(queue.oldest())

    drive(work, scenario, workers=1)
    assert ages == [0.0, 6.0, 12.0, 18.0, 0.0]


def test_the_end_waits_for_what_is_under_way_and_begins_nothing():
    work = Work(10.0)

    async def scenario(queue):
        queue.add("a")
        queue.add("b")
        queue.add_after("c", 2)
        await asyncio.sleep(1)

    drive(work, scenario, workers=1)
    assert work.ends == [("a", 10.0)]


def test_the_end_cancels_what_takes_too_long():
    work = Work(1000.0)

    async def main():
        queue = WorkQueue(work, lambda *_: None)
        queue.add("a")
        await asyncio.sleep(1)
        await queue.close(5.0)
        queue.add("b")
        return asyncio.get_running_loop().time(), len(asyncio.all_tasks())

    assert run(main()) == (6.0, 1)
    assert work.starts == [("a", 0.0)]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 5), st.booleans(), st.booleans()), max_size=40),
    st.integers(1, 4),
    st.floats(0, 3),
    st.integers(0, 2**16),
)
def test_after_every_add_there_is_a_later_reconcile(adds, workers, seconds, failing):
    """Whatever is added when: never two at once, never more than the workers, no add is lost."""
    work = Work(seconds, lambda key, count: ValueError("no") if failing >> (count % 16) & 1 else None)
    added = {}

    async def scenario(queue):
        for key, pause, at_once, urgent in adds:
            now = asyncio.get_running_loop().time()
            if at_once:
                queue.add(key, urgent)
                added[key] = now
            else:
                queue.add_after(key, pause, urgent)
                added[key] = max(added.get(key, 0.0), now)
            await asyncio.sleep(pause)
        await asyncio.sleep(1000)

    drive(work, scenario, workers=workers, longest=10.0)
    assert work.most <= workers
    for key, when in added.items():
        assert any(each == key and start >= when for each, start in work.starts)


def test_a_bug_is_told_with_its_exception():
    error = KeyError("bug")
    work = Work(0.0, lambda key, count: error if count == 1 else None)

    async def scenario(queue):
        queue.add("a")
        await asyncio.sleep(3)

    assert drive(work, scenario) == [("a", error, 1.0)]
    assert work.starts == [("a", 0.0), ("a", pytest.approx(1.0))]
