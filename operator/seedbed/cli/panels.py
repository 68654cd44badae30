"""What a terminal shows of a goal, as rich renderables: pure functions of a `Scene` and an instant.

Colours repeat what the words say. What people or planners wrote goes through `Text`, never through markup.
"""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from seedbed.api import ResearchGoal
from seedbed.api.asked import asked
from seedbed.cli.candidates import LINES_PER_ROW, candidates_table
from seedbed.cli.confirming import confirmation_panel
from seedbed.cli.scene import Scene, working_seconds
from seedbed.report.tables import budget_rows
from seedbed.report.text import clean, duration, percent


def picture(scene: Scene, now: float, width: int, most_rows: int | None = None) -> Group:
    """Everything of a goal but its end: header, candidates, confirmation, budget, last decisions."""
    parts: list[RenderableType] = [header(scene.goal)]
    if scene.candidates:
        parts.append(candidates_table(scene, now, width, most_rows))
    if scene.confirmations:
        parts.append(confirmation_panel(scene, now, width))
    parts += [budget_line(scene.goal, now), decisions(scene.goal)]
    return Group(*parts)


def rows_that_fit(scene: Scene, console: Console) -> int:
    """How many candidates a live view has room for."""
    confirming = 11 + len(scene.confirmations) if scene.confirmations else 0
    room = console.height - 19 - confirming
    return max(2, room // LINES_PER_ROW)


def header(goal: ResearchGoal) -> Panel:
    """The goal in words, its target, its data and their baselines."""
    spec, data = goal.spec, goal.status.dataset
    facts = Table.grid(padding=(0, 2))
    facts.add_row("Target", Text(target_in_words(goal)))
    facts.add_row("Data", Text(data_in_words(goal)))
    if data is not None:
        facts.add_row("Baselines", Text(baselines_in_words(goal)))
        if met := met_by(goal):
            facts.add_row("", Text(met, style="yellow"))
    title = f"{goal.metadata.name} · {goal.status.phase}"
    return Panel(Group(Text(clean(spec.goal, 400), style="bold"), facts), title=title, title_align="left")


def target_in_words(goal: ResearchGoal) -> str:
    """What must be shown."""
    objective = goal.objective
    bounds = "".join(
        f", {each.metric} at most {each.max:g}"
        for each in goal.spec.constraints
        if each.metric == "parameters"
    )
    confidence = f"{percent(objective.confidence)} confidence over the search"
    return f"{asked(goal)}, with {confidence}{bounds}"


def data_in_words(goal: ResearchGoal) -> str:
    """Name and sizes."""
    name, data = goal.spec.dataset.name, goal.status.dataset
    if data is None:
        return name
    train, explore, confirm = (data.sizes[split] for split in ("train", "validation", "test"))
    return f"{name}: {train} to train, {explore} to explore, {confirm} sealed to confirm"


def baselines_in_words(goal: ResearchGoal) -> str:
    """What needs no search, on the validation split."""
    baselines = goal.status.dataset.baselines if goal.status.dataset else {}
    return ", ".join(f"{name} {value:.4f}" for name, value in baselines.items())


def met_by(goal: ResearchGoal) -> str:
    """A remark when a baseline is good enough already."""
    return next(
        (c.message for c in goal.status.conditions if c.type == "DatasetReady" and c.status == "True"), ""
    )


def budget_line(goal: ResearchGoal, now: float) -> RenderableType:
    """A bar for the experiments, and the other parts of the budget in words."""
    first, *others = budget_rows(goal)
    words = [f"{each.what} {each.used} of {each.limit}" for each in others]
    words.append(f"time {duration(working_seconds(goal, now))} of {goal.spec.budget.deadline}")
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=1.0, completed=first.used_share, width=20)
    grid.add_row(first.what, bar, f"{first.used} of {first.limit}")
    return Group(grid, Text(" · ".join(words)))


def decisions(goal: ResearchGoal, most: int = 4) -> RenderableType:
    """The last decisions, oldest first."""
    return Group(
        *(Text(f"• {clean(each.message, 240)}", style="dim") for each in goal.status.decisions[-most:])
    )
