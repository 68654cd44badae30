import io

import pytest
from rich.console import Console

from fakes.driving import drive
from fakes.keeping import snapshot
from fakes.memory import MemoryPlanner, MemoryWorld, card, goal
from seedbed.cli.marks import cells
from seedbed.cli.panels import picture, rows_that_fit
from seedbed.cli.scene import SeedCell, scene_of, working_seconds


def drawn(memory, width=160, now=1_000_012.0, most_rows=None):
    shown = snapshot(memory)
    console = Console(file=io.StringIO(), width=width, record=True, force_terminal=True)
    console.print(picture(scene_of(shown.goal, shown), now, width, most_rows))
    return console.export_text()


def climbing(**spec):
    """Candidates of quality .86, .92, .98: the third is nominated."""
    planner = MemoryPlanner(lambda request, noise: 0.80 + 0.06 * request.index)
    return MemoryWorld(goal(**{"budget": {"experiments": 6}} | spec), planner=planner, sd=0.004)


def confirming(memory):
    return memory.goal.status.phase == "Confirming" and len(memory.launcher.live) > 1


def test_the_header_says_what_is_asked_and_what_needs_no_search():
    text = drawn(drive(climbing(constraints=[{"metric": "parameters", "max": 5000}]), 0))
    assert "g · Achieved" in text and "a test" in text
    assert "accuracy of at least 0.9, with 95 % confidence over the search, parameters at most 5000" in text
    assert "digits: 1000 to train, 1000 to explore, 1000 sealed to confirm" in text
    assert "majority 0.5000, linear 0.8000" in text
    assert "already met" not in text


def test_a_target_that_a_baseline_meets_is_said():
    baselines = {"majority": {"accuracy": 0.5}, "linear": {"accuracy": 0.95}}
    text = drawn(drive(MemoryWorld(goal(budget={"experiments": 1}), card=card(baselines=baselines)), 0))
    assert "target already met on validation by the baseline: linear (0.9500)" in text


@pytest.mark.parametrize("width", [80, 160])
def test_every_candidate_is_there_with_its_mean_interval_and_difference(width):
    memory = drive(climbing(), 0)
    text = drawn(memory, width)
    lines = memory.goal.status.experiments
    assert len(lines) >= 2
    for line in lines:
        assert f"{line.mean:.4f}" in text
        assert all(f"✓ {score:.4f}" in text for score in line.scores)
    assert "n < 2" in text  # dropped after its first seed
    assert "]†" in text  # two seeds
    assert "not corrected for selection; † two" in text
    assert "confirmed" in text


def test_the_difference_from_the_parent():
    memory = drive(climbing(), 0)
    shown = snapshot(memory)
    child = next(e for e in shown.experiments if e.metadata.name == "g-e002")
    spec = child.spec.model_copy(update={"parent": 1, "change": "wider [red]"})
    memory.store._put(child.model_copy(update={"spec": spec}))
    first, second = memory.goal.status.experiments[:2]
    text = drawn(memory)
    assert "from 1: wider [red]" in text
    assert f"{second.mean - first.mean:+.4f}" in text


def test_a_run_under_way_shows_its_seconds():
    memory = drive(climbing(), 0, until=lambda m: len(m.launcher.live) == 2)
    assert drawn(memory).count("▸ 12 s") == 2
    assert "running" in drawn(memory)


def test_the_confirmation_with_its_looks_to_come():
    text = drawn(drive(climbing(), 0, until=confirming))
    assert "attempt 1 of at most 5: experiment" in text and "α = 0.0304" in text
    for critical in ("5.023", "3.621", "3.076", "2.872"):  # STATISTICS section 2.4
        assert critical in text
    assert "of 4" in text and "of 12" in text


def test_a_finished_confirmation_shows_the_path_only():
    memory = drive(climbing(), 0)
    attempt = memory.goal.status.attempts[-1]
    text = drawn(memory)
    for look in attempt.looks:
        assert (
            f"{look.statistic:.3f}" in text and f"{look.critical:.3f}" in text and f"{look.bound:.4f}" in text
        )
    assert "shown" in text
    assert (f"{12:>7}" in text) == (attempt.looks[-1].n == 12)


@pytest.mark.parametrize("width", [40, 60])
def test_a_narrow_terminal_gets_no_column_of_words(width):
    memory = drive(climbing(), 0)
    text = drawn(memory, width)
    assert "what is tried" not in text and "seeds done" not in text
    look = memory.goal.status.attempts[-1].looks[-1]
    assert f"look at {look.n}: mean {look.mean:.4f}, bound " in " ".join(text.split())
    assert all(f"✓ {score:.4f}" in text for score in memory.goal.status.experiments[0].scores)
    waiting = " ".join(drawn(drive(climbing(), 0, until=confirming), width).split())
    assert "look at 6: needs t = 3.621" in waiting  # STATISTICS section 2.4


def test_earlier_attempts_take_a_line_each():
    planner = MemoryPlanner(lambda request, noise: 0.915)
    memory = MemoryWorld(goal(budget={"experiments": 8, "confirmations": 3}), planner=planner, sd=0.03)
    drive(memory, 3)
    attempts = memory.goal.status.attempts
    assert len(attempts) > 1
    text = drawn(memory)
    for attempt in attempts[:-1]:
        assert f"attempt {attempt.attempt}, experiment {attempt.index}: {attempt.outcome.lower()}" in text


def test_a_manual_goal_says_what_it_waits_for():
    memory = MemoryWorld(goal(approval="Manual"))
    drive(memory, 0, until=lambda m: len(m.experiments()) == 2)
    assert drawn(memory).count("waits for approval") == 2


def test_budget_and_decisions():
    memory = drive(climbing(), 0)
    text = drawn(memory)
    used = memory.goal.status.budget.used
    assert f"{used.experiments} of 6" in text and "confirmations 1 of 5" in text and "failures 0 of 5" in text
    assert "of 6h" in text
    assert memory.goal.status.decisions[-1].message in text


def test_too_many_candidates_leave_out_the_earlier_ones():
    memory = drive(
        MemoryWorld(goal(budget={"experiments": 9, "confirmations": 1}, objective={"target": 0.99})), 0
    )
    text = drawn(memory, most_rows=3)
    assert "6 earlier candidates not shown: research-agent show g" in text
    assert "quality" in text
    assert sum("quality" in line for line in text.splitlines()) == 3


def test_a_long_change_keeps_both_its_ends_in_a_live_picture():
    memory = drive(climbing(), 0)
    shown = snapshot(memory)
    child = next(e for e in shown.experiments if e.metadata.name == "g-e002")
    change = f"first {'middle ' * 60}last"
    spec = child.spec.model_copy(update={"parent": 1, "change": change})
    memory.store._put(child.model_copy(update={"spec": spec}))
    live = drawn(memory, width=100, most_rows=5)
    assert "from 1: first" in live and "last" in live and live.count("middle") < 20
    assert drawn(memory, width=100).count("middle") == 60


@pytest.mark.parametrize(("height", "rows"), [(24, 2), (40, 10), (60, 20)])
def test_rows_that_fit_a_narrow_terminal(height, rows):
    memory = MemoryWorld(goal())
    scene = scene_of(memory.goal, snapshot(memory))
    assert rows_that_fit(scene, Console(width=80, height=height)) == rows


def test_marks_say_each_state_in_words_or_signs():
    seeds = [
        SeedCell("Scored", "0.9722"), SeedCell("Running", "", 100.0), SeedCell("Waiting", ""),
        SeedCell("Failed", "Deadline"), SeedCell("Missing", "NodeLost"),
    ]  # fmt: skip
    assert cells(seeds, 112.4).plain == "✓ 0.9722  ▸ 12 s  ·  ✗ Deadline  ? NodeLost"


def test_working_time_leaves_pauses_out():
    status = goal().status.model_copy(
        update={
            "start_time": "2026-01-01T00:00:00Z",
            "paused_seconds": 30.0,
            "finish_time": "2026-01-01T00:02:00Z",
        }
    )
    assert working_seconds(goal().model_copy(update={"status": status}), 9e9) == 90.0
