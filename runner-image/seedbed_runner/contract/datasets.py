"""Which datasets there are, by name: some have names of their own, others a form such as `table:NAME`.

Both sides read this table, which imports no loader: the control side to refuse an unknown name in one
sentence, the runner to find the module of `seedbed_runner.data` that loads it. A new dataset is a line more.
"""

import re
from dataclasses import dataclass

from seedbed_runner.contract.layers.check import near

# A part of a name that becomes part of a path below the data root: never `..`, never a hidden file.
_PART = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_PATH = rf"{_PART}(/{_PART})*"


@dataclass(frozen=True)
class Loader:
    """Who loads some names.

    Attributes:
        module: below `seedbed_runner.data`, with `load(dataset) -> Source`.
        names: those that it loads.
        prefix: or every name that begins with it, such as `hf:`.
        form: how such a name is written.
        rest: what may follow the prefix (a regular expression).
    """

    module: str
    names: tuple[str, ...] = ()
    prefix: str = ""
    form: str = ""
    rest: str = _PATH

    def takes(self, name: str) -> bool:
        """Whether it loads the dataset of this name."""
        if name in self.names:
            return True
        after = name.removeprefix(self.prefix)
        return bool(self.prefix) and name.startswith(self.prefix) and bool(re.fullmatch(self.rest, after))


_TASKS = ("sst2", "cola", "qnli", "mnli", "mrpc", "qqp", "rte", "stsb", "wnli")
GLUE = tuple(f"glue/{task}" for task in _TASKS)
SUPER_GLUE = tuple(f"super_glue/{task}" for task in ("boolq", "cb", "copa", "rte", "wic", "wsc"))

LOADERS: tuple[Loader, ...] = (
    # Bundled with scikit-learn, and drawn: no network, no files.
    Loader("breast_cancer", ("breast_cancer",)),
    Loader("digits", ("digits",)),
    Loader("iris", ("iris",)),
    Loader("synthetic", ("synthetic",)),
    Loader("wine", ("wine",)),
    # Images.
    Loader("vision", ("cifar10", "cifar100", "fashion_mnist", "mnist", "svhn")),
    Loader("own_images", prefix="images:", form="images:NAME", rest=_PART),
    # Tables.
    Loader("openml", ("adult", "creditcard", "titanic")),
    Loader("openml", prefix="openml:", form="openml:ID", rest=r"[1-9][0-9]{0,8}"),
    Loader("own_table", prefix="table:", form="table:NAME", rest=_PART),
    # Text, and anything else on Hugging Face's hub.
    Loader("hub", ("sst2", "cola", "qnli", "imdb", *GLUE, *SUPER_GLUE)),
    Loader("hub", prefix="hf:", form="hf:OWNER/NAME[/CONFIG]", rest=rf"{_PART}/{_PART}(/{_PART})?"),
)


def loader_of(name: str) -> Loader | None:
    """Who loads the dataset of this name; None if nobody does."""
    return next((loader for loader in LOADERS if loader.takes(name)), None)


def dataset_names() -> list[str]:
    """The fixed names that `spec.dataset.name` takes, sorted."""
    return sorted(name for loader in LOADERS for name in loader.names)


def dataset_forms() -> list[str]:
    """The forms that it takes besides, as people write them."""
    return [loader.form for loader in LOADERS if loader.prefix]


def unknown_dataset(name: str) -> str:
    """The sentence for a name that no dataset has, wherever it was typed: near matches, then the choices."""
    formed = next((each for each in LOADERS if each.prefix and name.startswith(each.prefix)), None)
    if formed:
        return f"{name[:80]!r} names no dataset: write {formed.form}"
    names = dataset_names()
    hint = near(name, names)
    there_are = f"{hint} There are" if hint else "; there are"
    return f"there is no dataset {name[:40]!r}{there_are}: {', '.join([*names, *dataset_forms()])}"
