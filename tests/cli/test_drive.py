import asyncio
import os
import signal

from seedbed.cli import drive as module
from seedbed.cli.drive import Manner, drive, interruptible
from seedbed.cli.live import PlainView
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


def test_nothing_to_do_is_done(tmp_path):
    assert drive(Settings(folder=tmp_path), [], Manner(plain=True)) == 0
