"""What a dataset is before it is divided, and what its loader knows of it. Every loader makes a `Source`.

Inputs come in the type that they are stored in (bytes of pixels, token ids, numbers), or as `Raw` rows whose
encoder is fitted on the train split: what a value means is never learnt from a row that is scored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Kind = Literal["image", "tabular", "text"]
TaskName = Literal["classification", "regression"]
Part = Literal["train", "validation", "test"]

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Inputs = NDArray[Any]  # uint8, int32 or float32
Labels = NDArray[Any]  # int64 classes, or float32 values to regress on


class Encoder(Protocol):
    """What was fitted on the train rows: makes an array of any rows of the same kind."""

    def encode(self, rows: Any) -> Inputs:
        """Float32 (rows × features), or int32 token ids (rows × length) where 0 is padding."""
        ...

    @property
    def vocabulary(self) -> int:
        """Token ids are below it; 0 where the encoded rows are no tokens."""
        ...

    def files(self) -> dict[str, bytes]:
        """What is kept beside the prepared data, by file name (a tokenizer, say); public, listed by hash."""
        ...

    def notes(self) -> list[str]:
        """Sentences for the card."""
        ...


class Raw(Protocol):
    """Rows as they come from their source, before anything was fitted."""

    def __len__(self) -> int: ...

    def take(self, rows: Ints) -> Self:
        """Some of the rows, by index."""
        ...

    def digests(self) -> Iterator[bytes]:
        """One digest a row: equal rows have equal digests."""
        ...

    def fit(self) -> Encoder:
        """An encoder fitted on these rows alone; called with the train rows, once."""
        ...


@dataclass(frozen=True)
class Provenance:
    """Where the data come from; recorded in the card.

    Attributes:
        origin: in words or as an address without secrets, such as `https://huggingface.co/datasets/glue`.
        revision: the version that was read (a commit, a version number), where there is one.
        checksums: of the files that were read, by name: `sha256:…`, or `md5:…` where only that is known.
        licence: as the source states it.
    """

    origin: str
    revision: str | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    licence: str | None = None


@dataclass(frozen=True)
class Source:
    """A dataset before the split.

    Attributes:
        title: for people.
        kind: what a row of `inputs` is.
        inputs: images as uint8 0 … 255 or float32 (rows × channels × height × width), tables as float32
            (rows × features), texts as int32 token ids (rows × length, 0 is padding); or `Raw` rows.
            Pixels of uint8 stay so on the disk and are scaled on the device, batch by batch.
        labels: rows; int64 in 0 … classes − 1, or float32 where `task` is regression.
        classes: how many there are; 1 for a regression, whose model gives one value a row.
        leakable: a trainer could have a copy of its own (the data come with a library, or are public).
        bayes_accuracy: the best possible accuracy on the distribution, where it is known.
        task: what is predicted.
        class_names: for people, one a class; empty where they have none.
        parts: an official division, by indices of rows: `train` and `test`, perhaps `validation`. The test
            rows are sealed as they are; validation is cut from train where there is none. Where the public
            test split has no labels, the loader gives the official validation rows as `test` and says so in
            `notes`. None: `spec.dataset.split` divides.
        metric: the dataset's own, used where a goal or an evaluation names none.
        vocabulary: of token ids that come as an array; 0 for anything else.
        notes: sentences for the card: what a reader of a claim on these data must know.
        provenance: None for what is made here or comes with a library.
    """

    title: str
    kind: Kind
    inputs: Inputs | Raw
    labels: Labels
    classes: int
    leakable: bool
    bayes_accuracy: float | None = None
    task: TaskName = "classification"
    class_names: tuple[str, ...] = ()
    parts: Mapping[Part, Ints] | None = None
    metric: str | None = None
    vocabulary: int = 0
    notes: tuple[str, ...] = ()
    provenance: Provenance | None = None
