"""Two ways to watch: a picture that is drawn again and again, or plain lines.

`run`, `resume` and the one-line form choose by whether they write to a terminal. A view is told of snapshots
(`show`), says sentences of its own (`say`), and ends with what a resource came to (`finish`).
"""

import os
import time
from collections.abc import Callable
from typing import Protocol, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from seedbed.api import Experiment, ResearchGoal
from seedbed.cli.closing import closing_lines, closing_panel, experiment_lines
from seedbed.cli.events import events
from seedbed.cli.panels import picture, rows_that_fit
from seedbed.cli.scene import Scene, scene_of
from seedbed.cli.single import experiment_picture
from seedbed.local.loop import Snapshot
from seedbed.report.text import duration

PICTURES_PER_SECOND = 2  # the runs need the cores more than the picture does


class View(Protocol):
    """What the commands that run something tell of it."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def show(self, snapshot: Snapshot) -> None:
        """Something may have changed."""
        ...

    def say(self, sentence: str) -> None:
        """Tell one thing that is in no snapshot."""
        ...

    def finish(self, resource: ResearchGoal | Experiment, resume: str) -> None:
        """Tell what a resource came to; `resume` is the command to go on with it."""
        ...


def choose_view(plain: bool) -> View:
    """Plain lines when they are asked for, or when nobody looks at a terminal that can be drawn on."""
    console = Console(highlight=False)
    if plain or not console.is_terminal or console.is_dumb_terminal or os.environ.get("CI"):
        return PlainView()
    return LiveView(console)


class PlainView:
    """One line an event, behind the time since the start; every line is flushed."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now, self._start = now, now()
        self._last: Snapshot | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing is left open."""

    def show(self, snapshot: Snapshot) -> None:
        """Print what happened since the last snapshot."""
        for line in events(self._last, snapshot):
            self.say(line)
        self._last = snapshot

    def say(self, sentence: str) -> None:
        """Print one line."""
        print(f"[{duration(self._now() - self._start):>11}] {sentence}", flush=True)

    def finish(self, resource: ResearchGoal | Experiment, resume: str) -> None:
        """Print the end, and forget what was shown: another resource may follow."""
        if isinstance(resource, ResearchGoal):
            experiments = self._last.experiments if self._last else ()
            lines = closing_lines(resource, experiments, self._now(), resume)
        else:
            lines = experiment_lines(resource)
        for line in lines:
            self.say(line)
        self._last = None


class LiveView:
    """A picture on the terminal while it lasts; the whole of it is printed once at the end."""

    def __init__(self, console: Console, now: Callable[[], float] = time.time) -> None:
        self._console, self._now = console, now
        self._scene: Scene | Experiment | None = None
        self._snapshot: Snapshot | None = None
        self._live = Live(
            console=console,
            get_renderable=self._picture,
            refresh_per_second=PICTURES_PER_SECOND,
            transient=True,
            vertical_overflow="ellipsis",
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def show(self, snapshot: Snapshot) -> None:
        """Draw this from now on."""
        self._snapshot = snapshot
        self._scene = scene_of(snapshot.goal, snapshot) if snapshot.goal else snapshot.experiments[0]

    def say(self, sentence: str) -> None:
        """Print above the picture, where it stays."""
        self._console.print(Text(sentence), soft_wrap=True)

    def finish(self, resource: ResearchGoal | Experiment, resume: str) -> None:
        """Print the last picture in full, and the end."""
        scene, self._scene = self._scene, None
        if isinstance(scene, Scene):
            self._console.print(picture(scene, self._now(), self._console.width))
        elif scene is not None:
            self._console.print(experiment_picture(scene, (), self._now()))
        if isinstance(resource, ResearchGoal):
            experiments = self._snapshot.experiments if self._snapshot else ()
            self._console.print(closing_panel(resource, experiments, self._now(), resume))
        else:
            self._console.print(Text("\n".join(experiment_lines(resource))))

    def _picture(self) -> RenderableType:
        scene = self._scene
        if scene is None:
            return Text("")
        if isinstance(scene, Scene):
            rows = rows_that_fit(scene, self._console)
            return picture(scene, self._now(), self._console.width, rows)
        running = self._snapshot.running if self._snapshot else ()
        return experiment_picture(scene, running, self._now())
