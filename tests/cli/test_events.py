import pytest

from fakes.driving import drive
from fakes.keeping import snapshot
from fakes.memory import MemoryPlanner, MemoryWorld, goal
from seedbed.cli.events import events


def story(memory, seed=0):
    """Every line of a whole search, in order."""
    lines, last = [], None

    def step(memory, turn, rng):
        nonlocal last
        now = snapshot(memory)
        lines.extend(events(last, now))
        last = now

    drive(memory, seed, step=step)
    return [*lines, *events(last, snapshot(memory))]


@pytest.fixture(scope="module")
def achieved():
    planner = MemoryPlanner(lambda request, noise: 0.80 + 0.06 * request.index)
    return story(MemoryWorld(goal(budget={"experiments": 6}), planner=planner))


def test_it_begins_with_what_is_asked(achieved):
    assert achieved[:2] == [
        "goal: a test",
        "target: accuracy of at least 0.9, with 95 % confidence over the search",
    ]


def test_the_data_are_told_once(achieved):
    assert achieved.count("data: digits: 1000 to train, 1000 to explore, 1000 sealed to confirm") == 1
    assert achieved.count("baselines on validation: majority 0.5000, linear 0.8000") == 1


def test_every_step_is_a_line_in_its_order(achieved):
    steps = (
        "g-e001 started: quality 0.860000",
        "g-e001 seed 0: 0.8512 (1.0 s)",
        "g-e001 dropped, validation mean 0.8512 over 1",
        "g-e003 started: quality 0.980000",
        "experiment 2 nominated on its validation scores: attempt 1",
        "g-c1 started: experiment 2 again, on fresh seeds and the test split (attempt 1)",
        "g-c1 seed 1000: 0.9221 (1.0 s)",
        "attempt 1, look at 4 seeds: mean 0.9267, bound 0.9099, t = 7.992, needed 5.023: shown",
        "attempt 1 achieved: t = 7.992 at look 4, needed 5.023",
    )
    places = [next(i for i, line in enumerate(achieved) if line.startswith(step)) for step in steps]
    assert places == sorted(places)
    assert len(achieved) == len(set(achieved))


def test_a_goal_that_goes_on_does_not_tell_its_past():
    memory = MemoryWorld(goal(budget={"experiments": 3}))
    drive(memory, 0)
    lines = events(None, snapshot(memory))
    assert len(lines) == 5 and lines[-1].startswith("3 experiments settled before; best so far g-e00")


def test_nothing_happens_between_equal_snapshots():
    memory = MemoryWorld(goal(budget={"experiments": 2}))
    drive(memory, 0)
    assert events(snapshot(memory), snapshot(memory)) == []


def test_failures_and_lost_attempts_are_told():
    fates = {1: "Infrastructure", 2: "Crash"}
    memory = MemoryWorld(
        goal(budget={"experiments": 1, "parallel": 1}),
        fate=lambda experiment, seed, attempt: fates.get(attempt),
    )
    lines = story(memory)
    assert "g-e001 seed 0: attempt 1 was lost, to be tried again: the run ended without a record" in lines
    assert "g-e001 seed 0 failed: Crash: it broke" in lines


def test_a_diverged_seed_is_told():
    memory = MemoryWorld(goal(budget={"experiments": 1}), fate=lambda *run: "Diverged")
    assert "g-e001 seed 0: 0.5000, diverged (1.0 s)" in story(memory)


def test_text_of_others_stays_on_its_line():
    planner = MemoryPlanner()
    memory = MemoryWorld(goal(goal="two\nlines \x1b[31mred", budget={"experiments": 1}), planner=planner)
    assert story(memory)[0] == "goal: two lines [31mred"
