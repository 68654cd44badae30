"""What the one-line form reads from a sentence: the dataset's name and the target, by plain rules.

A dataset is read when its name or an alias stands in the sentence as a word of its own, in any spelling
(`breast cancer`, `Breast-Cancer`). A target is a percentage (`97%`, `97.5 percent`) or a decimal below one
(`0.97`) that follows a word such as "at least", "above" or ">", or "accuracy", or that "accuracy" follows.
Nothing is guessed: what is missing, or said twice in different ways, is asked for.
"""

import re
from collections.abc import Iterable

from seedbed.errors import InvalidInput
from seedbed_runner.contract.datasets import dataset_names

ALIASES = {"digits": ("digit",), "iris": ("irises",), "wine": ("wines",), "breast_cancer": ("wdbc",)}
# Known in the field, with the spellings that people use; not to be had here.
ELSEWHERE = {
    "mnist": (),
    "fashion-mnist": ("fmnist",),
    "cifar100": ("cifar 100",),
    "cifar10": ("cifar 10", "cifar"),
    "svhn": (),
    "imagenet": ("image net", "tiny imagenet"),
    "glue/sst2": ("sst 2", "sst", "glue"),
    "imdb": (),
    "ag_news": (),
    "titanic": (),
    "california_housing": (),
}
# What else a sentence may ask for; a target for one of them must not be taken for an accuracy.
_OTHER_METRICS = re.compile(r"\b(f1|auc|auroc|precision|recall|rmse|mae|mse|r2|perplexity|loss|bleu)\b", re.I)
_BALANCED = re.compile(r"\bbalanced[ _-]accuracy\b", re.I)
_ACCURACY = re.compile(r"\baccura", re.I)

_NUMBER = r"(?<![\w.])(?P<number>\d{1,3}(?:\.\d+)?\s*(?:%|percent\b|per cent\b)|0?\.\d+)(?![\d%])"
_ASKS = (
    r"(?:>=|=>|>|≥|at least|above|over|more than|better than|greater than|exceed\w*|reach\w*|beat\w*|minimum)"
)
_LINK = r"(?:\s*(?:of|to|is|at|be|=|:|,|with|a|an|the|test|validation|target|accuracy|than))*\s*"
_BEFORE = re.compile(rf"(?:{_ASKS}|\baccurac(?:y|ies)\b|\btarget\b){_LINK}{_NUMBER}", re.I)
_BEHIND = re.compile(
    rf"{_NUMBER}\s+(?:(?:test|validation|classification|top-1)\s+)*(?:accuracy|accurate)\b", re.I
)


def dataset_from(sentence: str) -> str:
    """The dataset that a sentence names.

    Raises:
        InvalidInput: it names none, several, or one that is not to be had here.
    """
    choices = dataset_names()
    _refuse_elsewhere(sentence, choices)
    found = [name for name in choices if _says(sentence, (name, *ALIASES.get(name, ())))]
    if not found:
        raise InvalidInput(
            f"the goal names no dataset: give one with `--dataset`; there are: {', '.join(choices)}"
        )
    if len(found) > 1:
        raise InvalidInput(
            f"the goal names several datasets ({', '.join(found)}): say which one with `--dataset`"
        )
    return found[0]


def dataset_called(name: str) -> str:
    """The dataset that `--dataset` names, in any spelling.

    Raises:
        InvalidInput: there is none of that name here.
    """
    choices = dataset_names()
    for choice in choices:
        if _plain(name) in {_plain(spelling) for spelling in (choice, *ALIASES.get(choice, ()))}:
            return choice
    _refuse_elsewhere(name, choices)
    raise InvalidInput(
        f"`--dataset` is {name!r} but there is no such dataset; there are: {', '.join(choices)}"
    )


def target_from(sentence: str) -> float:
    """The target accuracy that a sentence asks for.

    Raises:
        InvalidInput: it asks for none, for several, or for another metric.
    """
    other = _BALANCED.search(sentence) or (
        None if _ACCURACY.search(sentence) else _OTHER_METRICS.search(sentence)
    )
    if other:
        raise InvalidInput(
            f"the goal speaks of {other[0]!r} but a goal in one line is for accuracy: give "
            "`--target-accuracy`, or write a manifest (`research-agent init`) for another metric"
        )
    found = [match["number"] for rule in (_BEFORE, _BEHIND) for match in rule.finditer(sentence)]
    values = sorted({_value(number) for number in found})
    if not values:
        raise InvalidInput(
            "the goal names no target accuracy: give one with `--target-accuracy`, such as 0.97"
        )
    if len(values) > 1:
        listed = ", ".join(f"{value:g}" for value in values)
        raise InvalidInput(
            f"the goal names several targets ({listed}): say which one with `--target-accuracy`"
        )
    return values[0]


def _value(number: str) -> float:
    """`97.5 %` and `.975` as .975; decimal digits are moved, so that 97 % is .97 to the last bit."""
    digits = re.match(r"[\d.]+", number)
    assert digits is not None
    return float(f"{digits[0]}e-2") if digits[0] != number else float(number)


def _refuse_elsewhere(text: str, choices: Iterable[str]) -> None:
    for name, spellings in ELSEWHERE.items():
        if name not in choices and _says(text, (name, *spellings)):
            raise InvalidInput(
                f"the dataset {name} is not available yet: give one with `--dataset`; "
                f"there are: {', '.join(choices)}"
            )


def _says(text: str, spellings: Iterable[str]) -> bool:
    """Whether one of the spellings stands in the text as a word."""
    return any(re.search(_as_word(spelling), text, re.I) for spelling in spellings)


def _as_word(spelling: str) -> str:
    parts = [re.escape(part) for part in re.split(r"[-_/ ]", spelling)]
    return rf"(?<![A-Za-z0-9]){'[-_/ ]?'.join(parts)}(?![A-Za-z0-9])"


def _plain(name: str) -> str:
    return re.sub(r"[-_/ ]", "", name).lower()
