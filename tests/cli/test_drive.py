import asyncio
import os
import signal

import pytest

from fakes.keeping import put
from fakes.memory import goal
from fakes.mistakes import EXPERIMENT, changed
from seedbed.api import Experiment
from seedbed.cli import drive as module
from seedbed.cli.drive import Manner, drive, interruptible
from seedbed.cli.live import PlainView
from seedbed.errors import InvalidInput
from seedbed.local import permission
from seedbed.local.settings import Settings


def test_the_first_signal_stops_and_the_second_ends(monkeypatch, capsys):
    heard = []
    monkeypatch.setattr(module.os, "_exit", lambda code: heard.append(code))

    async def work():
        with PlainView() as view, interruptible(view) as interruption:
            interruption.stop = lambda: heard.append("stop")
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.05)
            assert interruption.happened and heard == ["stop"]
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.05)

    asyncio.run(work())
    assert heard[:2] == ["stop", 130]
    assert "stopping: the runs under way are ended" in capsys.readouterr().out


def test_code_that_is_not_allowed_is_refused_before_anything_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(permission, "missing_seal", lambda: "no Landlock")
    wanted = goal(planner={"type": "LLM", "code": True})
    with pytest.raises(InvalidInput, match="`spec.planner.code` has code run"):
        drive(Settings(folder=tmp_path / "runs"), [goal(name="other"), wanted], Manner(plain=True))
    assert not any(tmp_path.iterdir())


def test_a_baseline_that_is_code_is_not_run_either(tmp_path, monkeypatch):
    monkeypatch.setattr(permission, "missing_seal", lambda: "no Landlock")
    document = changed(EXPERIMENT, "metadata.name", "base") | {"status": {}}
    coded = Experiment.model_validate(changed(document, "spec.model", {"source": "# a module"}))
    put(tmp_path, coded)
    wanted = goal(objective={"improvement": {"over": "base", "by": 0.01}})
    with pytest.raises(InvalidInput, match="^base: `spec.model.source` has code run"):
        drive(Settings(folder=tmp_path), [wanted], Manner(plain=True))


def test_nothing_to_do_is_done(tmp_path):
    assert drive(Settings(folder=tmp_path), [], Manner(plain=True)) == 0
