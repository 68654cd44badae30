"""The one further turn: the answer that can't be used goes back with the sentences that say why.

A second answer that can't be used either is not argued with: the search planner proposes instead.
"""

from collections.abc import Sequence

from seedbed.planning.llm import tokens
from seedbed.planning.llm.prompt import Prompt, render
from seedbed.planning.llm.quoting import quoted
from seedbed.planning.llm.reading import LONGEST_PROBLEM, MAX_PROBLEMS

ECHO = 2000  # the most tokens of the unusable answer; of a longer one a part would not help
LEFT_OUT = "(an answer that is too long to be repeated)"

_BULLET = len('- ""\n')


def repair(prompt: Prompt, answered: str, problems: Sequence[str]) -> Prompt:
    """The prompt of the second turn.

    Args:
        prompt: of the first turn.
        answered: the text of its reply.
        problems: `reading.Reading.problems` of it.
    """
    sentences = [quoted(problem, LONGEST_PROBLEM) for problem in problems[: MAX_PROBLEMS + 1]]
    messages = (
        *prompt.messages,
        {"role": "assistant", "content": _echo(answered)},
        {"role": "user", "content": render("repair.md.j2", problems=sentences)},
    )
    return Prompt(messages, tokens.of_messages(messages), prompt.cut)


def most_tokens(first: int) -> int:
    """The most that the second prompt can cost where the first costs `first`: what to reserve for it."""
    frame = tokens.at_most(render("repair.md.j2", problems=[]))
    sentences = (MAX_PROBLEMS + 1) * (LONGEST_PROBLEM + _BULLET)
    return first + 2 * tokens.MESSAGE + ECHO + frame + sentences


def _echo(answered: str) -> str:
    """The answer as it was, but for what can't be printed and what could be read as a template's token."""
    kept = "".join(letter for letter in answered if letter.isprintable() or letter in "\n\t")
    text = kept.replace("<|", "‹|").replace("|>", "|›")
    return text if tokens.at_most(text) <= ECHO else LEFT_OUT
