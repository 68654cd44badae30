"""Which columns of a hub's dataset are learnt from and which is predicted: named in the manifest, or guessed.

The rules, in order:

1. The target is the first of the columns label, labels, target, class, y and score that is there; else the
   only column of classes.
2. With `text` named the rows are texts; with `features`, a table. Else a column of images makes images.
3. Else a known pair of columns of text makes pairs, and a known name a text: see `PAIRS` and `SINGLE`.
4. Else a column of numbers makes a table of all columns but the target and row numbers.
5. Else the only column of text is the text.

What is guessed is noted; what can't be guessed is refused, with the columns that there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seedbed_runner.data.hub_tasks import HubTask
from seedbed_runner.data.source import Kind, TaskName
from seedbed_runner.errors import BadInput

TARGETS = ("label", "labels", "target", "class", "y", "score")
PAIRS = (
    ("sentence1", "sentence2"), ("premise", "hypothesis"), ("question1", "question2"),
    ("question", "sentence"), ("question", "passage"), ("text1", "text2"),
)  # fmt: skip
SINGLE = ("text", "sentence", "content", "review", "comment", "tweet")
ROW_NUMBERS = ("id", "idx", "index", "__index_level_0__")


@dataclass(frozen=True)
class ColumnChoice:
    """What is made of a row.

    Attributes:
        kind: what a row becomes.
        task: what is predicted.
        target: the column that is predicted.
        inputs: the columns learnt from; of texts, those of each text.
        notes: what was guessed, in sentences.
    """

    kind: Kind
    task: TaskName
    target: str
    inputs: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def needed(self) -> list[str]:
        """Every column that is read."""
        return [*dict.fromkeys(column for group in self.inputs for column in group), self.target]


def choose(
    dataset: Mapping[str, Any], known: HubTask | None, features: Mapping[str, Any], name: str
) -> ColumnChoice:
    """The columns for a dataset.

    Args:
        dataset: as a manifest has it.
        known: what is known of it.
        features: the columns' types, as `datasets` has them.
        name: for the sentences.

    Raises:
        BadInput: a column that is named is not there, or nothing can be guessed.
    """
    target = dataset.get("target") or (_guess_target(features, name) if not known else "label")
    kind, inputs = _inputs(dataset, known, features, target, name)
    _require(features, [target, *(column for group in inputs for column in group)], name)
    notes = [] if known or dataset.get("target") else [f"the column {target} is taken for the target"]
    if not (known or dataset.get("text") or dataset.get("features")) and kind != "tabular":
        notes.append(
            f"learnt from {' and '.join(column for group in inputs for column in group)}, as guessed"
        )
    return ColumnChoice(kind, _task(dataset, features[target]), target, inputs, tuple(notes))


def _guess_target(features: Mapping[str, Any], name: str) -> str:
    if found := next((column for column in TARGETS if column in features), None):
        return found
    classes = [column for column, kind in features.items() if _type(kind) == "classes"]
    if len(classes) == 1:
        return classes[0]
    raise BadInput(f"{name}: no column is plainly the target: name one as `target`, of {_names(features)}")


def _inputs(
    dataset: Mapping[str, Any], known: HubTask | None, features: Mapping[str, Any], target: str, name: str
) -> tuple[Kind, tuple[tuple[str, ...], ...]]:
    if dataset.get("text"):
        return "text", tuple((column,) for column in dataset["text"])
    if dataset.get("features"):
        return "tabular", tuple((column,) for column in dataset["features"])
    if known:
        return "text", known.texts
    return _guess_inputs({column: kind for column, kind in features.items() if column != target}, name)


def _guess_inputs(features: Mapping[str, Any], name: str) -> tuple[Kind, tuple[tuple[str, ...], ...]]:
    def of(*types: str) -> list[str]:
        return [column for column, kind in features.items() if _type(kind) in types]

    if len(images := of("image")) == 1:
        return "image", ((images[0],),)
    texts = of("text")
    if pair := next((pair for pair in PAIRS if set(pair) <= set(texts)), None):
        return "text", tuple((column,) for column in pair)
    if single := next((column for column in SINGLE if column in texts), None):
        return "text", ((single,),)
    learnt = [column for column in of("number", "text", "classes") if column.lower() not in ROW_NUMBERS]
    if set(learnt) & set(of("number")):
        return "tabular", tuple((column,) for column in learnt)
    if len(texts) == 1:
        return "text", ((texts[0],),)
    raise BadInput(
        f"{name}: it is not plain what to learn from: name one or two columns as `text`, or those of a table "
        f"as `features`, of {_names(features)}"
    )


def _require(features: Mapping[str, Any], columns: Sequence[str], name: str) -> None:
    for column in columns:
        if column not in features:
            raise BadInput(f"{name}: there is no column {column!r}: there are {_names(features)}")


def _names(features: Mapping[str, Any]) -> str:
    names = list(features)
    return ", ".join(names[:30]) + (", …" if len(names) > 30 else "")


def _task(dataset: Mapping[str, Any], target: Any) -> TaskName:
    if dataset.get("task"):
        named: TaskName = dataset["task"]
        return named
    return "regression" if _type(target) == "number" and "float" in target.dtype else "classification"


def _type(feature: Any) -> str:
    """`text`, `number`, `classes`, `image`, or `other`."""
    import datasets

    if isinstance(feature, datasets.ClassLabel):
        return "classes"
    if isinstance(feature, datasets.Image):
        return "image"
    if not isinstance(feature, datasets.Value):
        return "other"
    if feature.dtype in ("string", "large_string"):
        return "text"
    return "number" if feature.dtype.startswith(("int", "uint", "float", "bool")) else "other"
