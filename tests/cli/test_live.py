import io
import re

import pytest
from rich.console import Console

from fakes.driving import drive
from fakes.keeping import snapshot
from fakes.memory import MemoryPlanner, MemoryWorld, goal
from seedbed.cli.live import LiveView, PlainView, choose_view


def world():
    planner = MemoryPlanner(lambda request, noise: 0.95)
    return MemoryWorld(goal(budget={"experiments": 3}), planner=planner, sd=0.004)


def test_plain_lines_carry_the_time_and_no_control_codes(capsys):
    memory, clock = world(), iter(range(1000))
    with PlainView(lambda: next(clock)) as view:
        drive(memory, 0, step=lambda m, turn, rng: view.show(snapshot(m)))
        view.show(snapshot(memory))
        view.finish(memory.goal, "research-agent resume g")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[      1.0 s] goal: a test"
    assert any(line.endswith("] attempt 1 achieved: t = " + line.partition("t = ")[2]) for line in lines)
    assert any("g: ACHIEVED: accuracy on digits reaches 0.9" in line for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_the_picture_lasts_and_its_end_is_printed_whole():
    memory, file = world(), io.StringIO()
    console = Console(file=file, force_terminal=True, width=120, height=30, record=True)
    with LiveView(console, lambda: memory.now) as view:
        view.say("g: new goal")
        drive(memory, 0, step=lambda m, turn, rng: view.show(snapshot(m)))
        view.show(snapshot(memory))
        view.finish(memory.goal, "research-agent resume g")
    shown = console.export_text()
    assert "g: new goal" in shown and "ACHIEVED" in shown
    erased = len(re.findall(r"(?:\x1b\[1A\x1b\[2K){5,}", file.getvalue()))
    assert shown.count("Target") == erased + 1  # of all pictures, the last one is there
    for line in memory.goal.status.experiments:
        assert f"{line.mean:.4f}" in shown
    assert file.getvalue().endswith("\x1b[?25h") or "\x1b[?25h" in file.getvalue()  # the cursor is back


@pytest.mark.parametrize("variable", ["CI", "TERM"])
def test_without_a_terminal_to_draw_on_lines_are_plain(monkeypatch, variable):
    monkeypatch.setenv(variable, "dumb")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(choose_view(plain=False), PlainView)


def test_pipes_get_plain_lines(monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "CI"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(choose_view(plain=False), PlainView)


def test_a_terminal_gets_the_picture_unless_plain_is_asked_for(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(choose_view(plain=False), LiveView)
    assert isinstance(choose_view(plain=True), PlainView)
