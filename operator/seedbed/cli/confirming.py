"""The confirmations of a goal as a rich panel: every look's statistic against its critical value."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from seedbed.api.progress import Attempt, Look, OtherLook, Reliability
from seedbed.cli.marks import cells
from seedbed.cli.scene import Confirmation, Scene
from seedbed.engine.claims import critical_value, looks
from seedbed.report.text import clean, decision, score

TABLE_FITS = 76  # columns
STYLES = {"Achieved": "bold green", "Futile": "yellow", "NotReached": "yellow"}


def confirmation_panel(scene: Scene, now: float, width: int) -> Panel:
    """Earlier attempts in a line each, and the last one with its path (a table if it fits) and its seeds."""
    *earlier, last = scene.confirmations
    planned = looks(scene.goal.spec.seeds.confirm) if scene.goal.objective.test == "Mean" else ()
    parts: list[RenderableType] = [Text(_in_a_line(each.attempt), style="dim") for each in earlier]
    parts.append(_open_line(last.attempt, scene.goal.spec.budget.confirmations))
    path: RenderableType
    if last.attempt.reliability is not None:
        path = _row_line(last.attempt.reliability)
    else:
        path = _path(last, planned) if width >= TABLE_FITS else Group(*_path_in_lines(last.attempt, planned))
    parts += [path, Text("seeds  ").append_text(cells(last.seeds, now))]
    if last.attempt.message:
        parts.append(Text(clean(last.attempt.message, 240)))
    return Panel(Group(*parts), title="confirmation", title_align="left")


def _row_line(found: Reliability) -> Text:
    worst = "" if found.worst is None else f", the worst so far {score(found.worst)}"
    return Text(f"{found.passed} of {found.needed} seeds in a row reach the target{worst}")


def _open_line(attempt: Attempt, most: int) -> Text:
    why = ", a last chance" if attempt.last_chance else ""
    return Text(
        f"attempt {attempt.attempt} of at most {most}{why}: experiment {attempt.index} on fresh seeds and "
        f"the sealed test split, α = {attempt.alpha:.4f}",
        style="bold",
    )


def _in_a_line(attempt: Attempt) -> str:
    what = f"attempt {attempt.attempt}, experiment {attempt.index}"
    return f"{what}: {attempt.outcome.lower()}, {attempt.message or 'no reason'}"


def _path(confirmation: Confirmation, planned: tuple[int, ...]) -> Table:
    """A line a look: those that were made, and while it is open those to come."""
    attempt = confirmation.attempt
    made = {look.n: look for look in attempt.looks}
    done = sum(cell.state == "Scored" for cell in confirmation.seeds)
    table = Table(box=None, pad_edge=False)
    for column in (
        "look at",
        "seeds done",
        "mean",
        "t",
        "needed",
        "bound",
        f"target {attempt.target:.6g}",
    ):
        table.add_column(column, justify="left" if column.startswith("target") else "right")
    for n in planned:
        if look := made.get(n):
            table.add_row(*_made(look))
            for each in look.also:
                table.add_row(*_made_also(each), style="dim")
        elif attempt.outcome == "Open":
            needed = f"{critical_value(attempt.alpha, n):.3f}"
            table.add_row(str(n), f"{min(done, n)} of {n}", "", "", needed, "", "", style="dim")
    return table


def _path_in_lines(attempt: Attempt, planned: tuple[int, ...]) -> list[Text]:
    lines = [Text(f"look at {look.n}: {look_in_words(look)}") for look in attempt.looks]
    if attempt.outcome == "Open":
        for n in planned[len(lines) :]:
            lines.append(Text(f"look at {n}: needs t = {critical_value(attempt.alpha, n):.3f}", style="dim"))
    return lines


def look_in_words(look: Look) -> str:
    """One look in a sentence."""
    means = f"mean {score(look.mean)}, bound {score(look.bound)}"
    also = "".join(
        f"; {each.metric} {score(each.mean)}, t = {each.statistic:.3f} of {each.critical:.3f}"
        for each in look.also
    )
    statistic = f"t = {look.statistic:.3f}, needed {look.critical:.3f}"
    return f"{means}, {statistic}{also}: {decision(look.decision)}"


def _made_also(look: OtherLook) -> tuple[str, ...]:
    passed = "passed" if look.passed else "not passed"
    statistic, needed = f"{look.statistic:.3f}", f"{look.critical:.3f}"
    return "", look.metric, score(look.mean), statistic, needed, score(look.bound), passed


def _made(look: Look) -> tuple[RenderableType, ...]:
    return (
        str(look.n),
        f"{look.n} of {look.n}",
        score(look.mean),
        f"{look.statistic:.3f}",
        f"{look.critical:.3f}",
        score(look.bound),
        Text(decision(look.decision), style=STYLES.get(look.decision, "default")),
    )
