"""The table of a goal's candidates: what was tried, each seed, the mean with its interval, the outcome."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from seedbed.cli.marks import cells
from seedbed.cli.scene import Candidate, Scene
from seedbed.report.text import clean, count, interval, score, signed

LINES_PER_ROW = 2  # at most, in a live picture
WIDE = 120  # columns; below, a candidate takes two lines
NARROW = 66  # columns; below, there is no room for words about a candidate
OUTCOME_STYLES = {
    "confirmed": "bold green", "in confirmation": "bold cyan", "running": "cyan", "failed": "red",
    "seed missing": "red", "confirmation failed": "yellow", "breaks a constraint": "yellow",
    "waits for approval": "bold yellow", "dropped": "dim",
}  # fmt: skip
CAPTION = (
    "validation scores; intervals over seeds, not corrected for selection; † two seeds: too few to decide"
)


def candidates_table(scene: Scene, now: float, width: int, most_rows: int | None = None) -> Table:
    """The explorations. With `most_rows` only the latest, each on two lines at most; else all in full."""
    table = Table(expand=True, caption=CAPTION, caption_justify="left", pad_edge=False, box=None)
    shown = _latest(scene.candidates, most_rows)
    left_out = len(scene.candidates) - len(shown)
    if left_out:
        name = scene.goal.metadata.name
        table.title = Text(f"{count(left_out, 'earlier candidate')} not shown: research-agent show {name}")
        table.title_style = "dim"
    wide = width >= WIDE
    table.add_column("#", justify="right", style="dim")
    if width >= NARROW:
        table.add_column("what is tried", ratio=1)
    table.add_column("seeds")
    if wide:
        table.add_column("mean", justify="right")
        table.add_column("interval")
        table.add_column("vs parent", justify="right")
        table.add_column("outcome")
    else:
        table.add_column("mean, interval")
        table.add_column("outcome, vs parent")
    room = LINES_PER_ROW * (width - (80 if wide else 50)) if most_rows else 1000
    for candidate in shown:
        idea = [Text(_shortened(clean(candidate.idea), room))] if width >= NARROW else []
        row = (_wide_row if wide else _narrow_row)(candidate, now)
        table.add_row(str(candidate.row.index), *idea, *row)
    return table


def _latest(candidates: Sequence[Candidate], most: int | None) -> Sequence[Candidate]:
    return candidates if most is None or len(candidates) <= most else candidates[-most:]


def _wide_row(candidate: Candidate, now: float) -> tuple[RenderableType, ...]:
    row = candidate.row
    return (
        cells(candidate.seeds, now),
        score(row.mean),
        _interval(candidate),
        signed(row.difference),
        _outcome(candidate),
    )


def _narrow_row(candidate: Candidate, now: float) -> tuple[RenderableType, ...]:
    row = candidate.row
    outcome = _outcome(candidate)
    if row.difference is not None:
        outcome.append(f"\n{signed(row.difference)}", style="default")
    return (
        cells(candidate.seeds, now, "\n"),
        f"{score(row.mean)}\n{_interval(candidate)}",
        outcome,
    )


def _shortened(text: str, most: int) -> str:
    """Both ends of a long text: what is changed stands first, what it is changed to last."""
    if len(text) <= most:
        return text
    head = most // 3
    return f"{text[:head].rstrip()} … {text[len(text) - (most - head - 3) :].lstrip()}"


def _interval(candidate: Candidate) -> str:
    row = candidate.row
    if row.low is None:
        return "n < 2" if row.n else "–"
    diverged = f" ({row.diverged} of {row.n} diverged)" if row.diverged else ""
    return f"{interval(row.low, row.high)}{'†' if row.note else ''}{diverged}"


def _outcome(candidate: Candidate) -> Text:
    text = Text(candidate.outcome, style=OUTCOME_STYLES.get(candidate.outcome, "default"))
    if candidate.outcome == "failed" and candidate.row.why:
        text.append(f": {clean(candidate.row.why, 60)}")
    return text
