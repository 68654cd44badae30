"""The journal on a terminal: by proposal what was asked, answered, and what came of it; or one call whole.

Everything that a model or a server wrote goes through `rich.text.Text`, never markup, and loses its control
characters before.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from seedbed.api import ResearchGoal
from seedbed.cli.candidates import OUTCOME_STYLES
from seedbed.cli.documents import Documents
from seedbed.cli.find import experiments_of
from seedbed.cli.read_journal import read_proposals
from seedbed.engine.instants import to_text
from seedbed.planning.llm.entries import Journal, label
from seedbed.planning.llm.journal import Call, Prompted, Replied
from seedbed.planning.llm.origin import Origin, in_words, origins
from seedbed.report.content import Thought
from seedbed.report.tables import experiment_rows
from seedbed.report.text import clean, count, duration
from seedbed.report.thought import thoughts

Row = tuple[str, Text]  # a label, and what it is about
TURNS = {"First": "first turn", "Repair": "repair turn"}


def print_journal(documents: Documents, goal: ResearchGoal, journal: Journal, prompts: bool) -> None:
    """Every proposal with its calls; with `prompts` each of these whole."""
    console = Console(highlight=False)
    if goal.spec.planner.type != "LLM":
        line = documents.line("report", goal.metadata.name)
        console.print(
            Text(f"the search planner plans {goal.metadata.name}, and asks no model; its reasons: {line}"),
            soft_wrap=True,
        )
        return
    proposals = read_proposals(documents, goal)
    rows = experiment_rows(goal, experiments_of(documents, goal), proposals)
    told = {each.index: each for each in thoughts(rows, proposals, journal)}
    console.print(Text(_totals(goal, journal.calls), style="bold"), soft_wrap=True)
    for index, origin in origins(journal, proposals).items():
        console.print()
        console.print(_heading(index, told[index]))
        console.print(_grid([*_idea(told[index]), *_calls(goal, origin)]))
        if prompts:
            for call in origin.calls:
                print_call(goal, call, console)
    if now := _now(goal):
        console.print(Text(f"\n{now}"), soft_wrap=True)


def _grid(rows: Sequence[Row]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(f"  {name}"), text)
    return table


def _totals(goal: ResearchGoal, calls: Sequence[Call]) -> str:
    """`digits: 7 calls for 5 proposals to provider default (m at host): 23,411 tokens, 41 s`."""
    name = goal.metadata.name
    if not calls:
        return f"{name}: no call to a planning LLM is kept"
    replies = [call.replied for call in calls if call.replied is not None]
    asked = count(len({call.prompted.index for call in calls}), "proposal")
    providers = ", ".join(dict.fromkeys(clean(call.prompted.provider, 120) for call in calls))
    spent = f"{sum(reply.tokens for reply in replies):,} tokens"
    took = duration(sum(reply.latency for reply in replies))
    text = f"{name}: {count(len(calls), 'call')} for {asked} to {providers}: {spent}, {took}"
    lost = [call for call in calls if call.replied is None]
    if lost:
        charged = len(lost) * goal.spec.planner.tokens_per_call
        text += f"; {len(lost)} without an answer, counted as {charged:,} tokens"
    return text


def _heading(index: int, thought: Thought) -> Text:
    text = Text(f"{index}  {thought.name}", style="bold")
    text.append("  " if thought.name else "")
    text.append(thought.outcome, style=OUTCOME_STYLES.get(thought.outcome, "default"))
    return text.append(f"  {thought.came_out}" if thought.came_out else "", style="not bold")


def _idea(thought: Thought) -> Iterator[Row]:
    against = f"from {thought.parent}: " if thought.parent else ""
    for name, said in (
        ("believed", thought.believed),
        ("changed", f"{against}{thought.changed}" if thought.changed else ""),
        ("expected", thought.expected),
    ):
        if said:
            yield name, Text(said)


def _calls(goal: ResearchGoal, origin: Origin) -> Iterator[Row]:
    for number in origin.never_sent:
        yield (
            label(origin.index, number),
            Text("claimed, and never sent: its process was gone", style="yellow"),
        )
    for failed in origin.unsent:
        yield label(failed.index, failed.call), Text(f"not sent: {clean(failed.reason, 64)}", style="red")
        for sentence in _sentences(failed):
            yield "", Text(f"– {clean(sentence)}")
    for call in origin.calls:
        yield label(call.prompted.index, call.prompted.call), _line(goal, call)
        for sentence in _sentences(call.replied):
            yield "", Text(f"– {clean(sentence)}")
    if origin.searched and (origin.calls or origin.unsent):
        yield "proposed", Text("by the search planner, in the model's place", style="yellow")
    elif origin.searched or not (origin.calls or origin.unsent):
        yield "proposed", Text(clean(in_words(origin)), style="yellow" if origin.searched else "")


def _line(goal: ResearchGoal, call: Call) -> Text:
    """`first turn · proposed 2 · 1,204 + 310 tokens · 2.1 s · gpt-x`."""
    text, replied = Text(f"{TURNS[call.prompted.turn]} · "), call.replied
    text.append(*became(goal, call))
    if replied is None:
        return text
    about = "≤ " if replied.estimated else ""
    parts = [duration(replied.latency), clean(replied.answered_by or call.prompted.model, 60)]
    if replied.tokens:
        parts.insert(0, f"{about}{replied.prompt_tokens:,} + {replied.completion_tokens:,} tokens")
    return text.append(" · " + " · ".join(parts))


def became(goal: ResearchGoal, call: Call) -> tuple[str, str]:
    """What became of a call, in words, and their style."""
    prompted, replied = call.prompted, call.replied
    if replied is None:
        claimed = goal.status.planning
        asking = claimed is not None and claimed.state == "Asking" and not goal.status.finished
        if asking and claimed and (claimed.index, claimed.call) == (prompted.index, prompted.call):
            return "asked, no answer yet", "cyan"
        return "lost: the answer never came", "red"
    if replied.outcome == "Failed":
        return f"failed: {clean(replied.reason, 64)}", "red"
    if replied.outcome == "Proposed":
        return f"proposed {count(len(replied.proposals), 'experiment')}", "green"
    return ("could not be used", "yellow") if replied.outcome == "Invalid" else ("stopped the search", "bold")


def _sentences(replied: Replied | None) -> list[str]:
    if replied is None:
        return []
    what_to_do = f"what to do: {replied.advice}" if replied.advice else None
    said = (replied.stop, *replied.problems, replied.message, what_to_do)
    return [sentence for sentence in said if sentence]


def _now(goal: ResearchGoal) -> str | None:
    """How the work on the latest proposal stands, where more than the calls is to be said."""
    planning = goal.status.planning
    if planning is None or planning.state in ("Asking", "Proposed", "Stopped"):
        return None
    states = {
        "Waiting": f"another call follows at {planning.retry_at}",
        "Fallback": f"the search planner proposes experiment {planning.index}",
        "Ended": f"nobody proposes experiment {planning.index}",
    }
    why = clean(": ".join(part for part in (planning.reason, planning.message) if part), 480)
    return f"{states[planning.state]} ({why})" if why else states[planning.state]


def print_call(goal: ResearchGoal, call: Call, console: Console | None = None) -> None:
    """One call whole: what is known of it, every message of its prompt, and the answer's text."""
    console = console or Console(highlight=False)
    prompted, replied = call.prompted, call.replied
    console.rule(Text(label(prompted.index, prompted.call), style="bold"), align="left")
    console.print(_grid([*_facts(prompted), ("became", _line(goal, call)), *_ending(replied)]))
    for message in prompted.messages:
        _print_text(console, clean(message.get("role"), 20), message.get("content", ""))
    if replied is not None and replied.text is not None:
        _print_text(console, "the answer", replied.text)


def _facts(prompted: Prompted) -> Iterator[Row]:
    yield "asked", Text(f"{to_text(prompted.asked_at)} by {clean(prompted.holder, 253)}")
    how = f"{prompted.capability.format}, templates {clean(prompted.version, 60)}"
    yield "provider", Text(f"{clean(prompted.provider, 300)}, model {clean(prompted.model, 200)} ({how})")
    wanted = f"{count(prompted.batch, 'experiment')} from {prompted.index} on"
    seen = f"outcomes of 1 to {prompted.visible} shown" if prompted.visible else "no outcome known yet"
    yield "wanted", Text(f"{wanted}; {seen}")
    most = f"{prompted.prompt_tokens:,} of the prompt, {prompted.max_tokens:,} of the answer"
    yield "tokens", Text(f"at most {most}")
    for each in prompted.cut:
        yield "left out", Text(clean(each, 300))


def _ending(replied: Replied | None) -> Iterator[Row]:
    if replied is None:
        return
    for sentence in _sentences(replied):
        yield "", Text(f"– {clean(sentence)}")
    yield "answered", Text(f"{to_text(replied.replied_at)}, ended with {clean(replied.finish_reason) or '–'}")


def _print_text(console: Console, title: str, content: str) -> None:
    """Others' text as it stands, line by line."""
    console.rule(Text(title, style="dim"), align="left", style="dim")
    console.print(Text(printable(content)), soft_wrap=True)


def printable(text: str) -> str:
    """`text` with its lines, without what a terminal could obey: control and direction characters."""
    spaced = text.replace("\t", "    ")
    return "".join(letter for letter in spaced if letter.isprintable() or letter == "\n")
