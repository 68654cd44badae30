"""The dataset that a sentence names, by plain rules: what the one-line form reads, beside `cli.target`.

A dataset is read when its name or an alias stands in the sentence as a word of its own, in any spelling
(`breast cancer`, `Breast-Cancer`); the longest one first, so that Fashion-MNIST is no MNIST. Nothing is
guessed: what is missing, or several, is asked for.
"""

import re
from collections.abc import Iterable

from seedbed.errors import InvalidInput
from seedbed_runner.contract.datasets import dataset_forms, dataset_names, loader_of, unknown_dataset

ALIASES = {
    "digits": ("digit",),
    "iris": ("irises",),
    "wine": ("wines",),
    "breast_cancer": ("wdbc",),
    "cifar10": ("cifar 10",),
    "cifar100": ("cifar 100",),
    "fashion_mnist": ("fmnist",),
    "sst2": ("sst 2",),
    "creditcard": ("credit card", "credit card fraud"),
}
# Known in the field, with the spellings that people use; not to be had here.
ELSEWHERE = {
    "imagenet": ("image net", "tiny imagenet"),
    "ag_news": (),
    "california_housing": (),
}


def dataset_from(sentence: str) -> str:
    """The dataset that a sentence names.

    Raises:
        InvalidInput: it names none, several, or one that is not to be had here.
    """
    choices = dataset_names()
    _refuse_elsewhere(sentence, choices)
    found = _named(sentence, choices)
    if not found:
        raise InvalidInput(
            f"the goal names no dataset: give one with `--dataset`; there are: {_listed(choices)}"
        )
    if len(found) > 1:
        raise InvalidInput(
            f"the goal names several datasets ({', '.join(found)}): say which one with `--dataset`"
        )
    return found[0]


def _named(sentence: str, choices: Iterable[str]) -> list[str]:
    """The datasets that a sentence names, each spelling's words taken out before shorter ones are tried."""
    spelled = [(spelling, name) for name in choices for spelling in (name, *ALIASES.get(name, ()))]
    found = []
    for spelling, name in sorted(spelled, key=lambda each: (-len(each[0]), each)):
        sentence, times = re.subn(_as_word(spelling), " | ", sentence, flags=re.I)
        if times:
            found.append(name)
    return sorted(set(found))


def _listed(choices: Iterable[str]) -> str:
    return ", ".join([*choices, *dataset_forms()])


def dataset_called(name: str, typed: str = "`--dataset`: ") -> str:
    """The dataset of a name in any spelling; `typed` begins the sentence about one that is not there.

    Raises:
        InvalidInput: there is none of that name here.
    """
    choices = dataset_names()
    for choice in choices:
        if _plain(name) in {_plain(spelling) for spelling in (choice, *ALIASES.get(choice, ()))}:
            return choice
    if loader_of(name):
        return name
    _refuse_elsewhere(name, choices)
    raise InvalidInput(f"{typed}{unknown_dataset(name)}")


def _refuse_elsewhere(text: str, choices: Iterable[str]) -> None:
    for name, spellings in ELSEWHERE.items():
        if name not in choices and _says(text, (name, *spellings)):
            raise InvalidInput(
                f"the dataset {name} is not available yet: give one with `--dataset`; "
                f"there are: {_listed(choices)}"
            )


def _says(text: str, spellings: Iterable[str]) -> bool:
    """Whether one of the spellings stands in the text as a word."""
    return any(re.search(_as_word(spelling), text, re.I) for spelling in spellings)


def _as_word(spelling: str) -> str:
    parts = [re.escape(part) for part in re.split(r"[-_/ ]", spelling)]
    return rf"(?<![A-Za-z0-9]){'[-_/ ]?'.join(parts)}(?![A-Za-z0-9])"


def _plain(name: str) -> str:
    return re.sub(r"[-_/ ]", "", name).lower()
