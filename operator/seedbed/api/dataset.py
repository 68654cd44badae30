"""`spec.dataset`: which data, and how they are split."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seedbed.api.common import Model

Fraction = Annotated[float, Field(ge=0.05, le=0.5)]


class DataSplit(Model):
    """How rows are divided: test is sealed until a confirmation, validation scores the exploration."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(
        default=0, description="Seed of the split; a run's seed never moves it."
    )
    test: Fraction = Field(
        default=0.2,
        description="Share of all rows that is sealed for confirmations; not for data with a test split of "
        "their own, which is sealed as it is.",
    )
    validation: Fraction = Field(
        default=0.2,
        description="Share of all rows that scores explorations; of the train rows, where the data come with "
        "a test split of their own.",
    )
    stratify: bool = Field(default=True, description="Keep the classes' shares equal in all three splits.")

    @model_validator(mode="after")
    def _something_to_train_on(self) -> "DataSplit":
        if self.test + self.validation > 0.8:
            raise ValueError(
                f"test {self.test} + validation {self.validation} leave less than 0.2 to train on"
            )
        return self


class Synthetic(Model):
    """Classes with a known Bayes accuracy, Gaussian or in words: only for the dataset named `synthetic`."""

    kind: Literal["image", "tabular", "text"] = "tabular"
    samples: Annotated[int, Field(ge=100, le=1_000_000)] = 2000
    classes: Annotated[int, Field(ge=2, le=100)] = 2
    features: Annotated[int, Field(ge=2, le=4096)] = Field(
        default=16, description="Tabular: columns. Must be at least `classes`."
    )
    size: Annotated[int, Field(ge=4, le=64)] = Field(
        default=8, description="Image: height and width; one channel."
    )
    bayes_accuracy: Annotated[float, Field(gt=0.02, lt=1)] = Field(
        default=0.95, description="Accuracy of the best possible classifier on the distribution."
    )
    seed: Annotated[int, Field(ge=0, le=2**53 - 1)] = Field(
        default=0,
        description="Code draws the labels anew from a seed that can be guessed: see docs/security.",
    )

    @property
    def guessable(self) -> bool:
        """Whether code that tries seeds one after the other would find this one in time."""
        return self.seed < 2**48

    @model_validator(mode="after")
    def _is_possible(self) -> "Synthetic":
        width = self.features if self.kind == "tabular" else self.size**2
        if self.kind != "text" and width < self.classes:
            raise ValueError(f"{self.classes} classes need at least as many input values, not {width}")
        if self.bayes_accuracy <= 1 / self.classes:
            raise ValueError(
                f"bayesAccuracy is {self.bayes_accuracy} but guessing among {self.classes} classes "
                f"gives {1 / self.classes:.3g}"
            )
        return self


Column = Annotated[str, Field(min_length=1, max_length=128)]


class Tokens(Model):
    """How texts become numbers: only for data of texts. The tokenizer is trained on the train split."""

    vocabulary: Annotated[int, Field(ge=256, le=100_000)] = Field(
        default=8000, description="How many tokens there are at most."
    )
    length: Annotated[int, Field(ge=4, le=4096)] = Field(
        default=128, description="Tokens of a row; what is longer is cut, what is shorter is padded with 0."
    )
    tokenizer: Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] | None = Field(
        default=None,
        description="A file of the `tokenizers` library below the data root, used as it is instead.",
    )


class Dataset(Model):
    """Which data, and how they are split; columns are named for data whose own names nobody knows here."""

    name: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_./:-]*$")] = (
        Field(description="Such as digits, iris or synthetic; `research-agent datasets list` has all.")
    )
    split: DataSplit = DataSplit()
    synthetic: Synthetic | None = Field(
        default=None, description="Parameters of the dataset named `synthetic`."
    )
    task: Literal["classification", "regression"] | None = Field(
        default=None, description="What is predicted; by default what the dataset is known for, or guessed."
    )
    target: Column | None = Field(default=None, description="The column that is predicted.")
    features: Annotated[list[Column], Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The columns of a table that are learnt from; by default all others."
    )
    text: Annotated[list[Column], Field(min_length=1, max_length=2)] | None = Field(
        default=None, description="The column of texts, or the two whose pairs are learnt from."
    )
    tokens: Tokens | None = Field(default=None, description="How texts become numbers.")
    size: Annotated[int, Field(ge=8, le=256)] | None = Field(
        default=None, description="Height and width that images of your own are scaled to (`images:NAME`)."
    )
    revision: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")] | None = Field(
        default=None, description="The version to read, where the source has several: a commit, a number."
    )

    @model_validator(mode="after")
    def _parameters_fit_the_name(self) -> "Dataset":
        if self.synthetic is not None and self.name != "synthetic":
            raise ValueError(f"`synthetic` goes with the dataset named synthetic, not with {self.name}")
        if self.synthetic is None and self.name == "synthetic":
            object.__setattr__(self, "synthetic", Synthetic())
        return self

    @model_validator(mode="after")
    def _columns_make_sense(self) -> "Dataset":
        if self.features is not None and self.text is not None:
            raise ValueError("give `features` for a table or `text` for texts, not both")
        for field in ("features", "text"):
            columns = getattr(self, field) or []
            if len(set(columns)) < len(columns):
                raise ValueError(f"`{field}` names a column twice")
            if self.target is not None and self.target in columns:
                raise ValueError(f"`target` is {self.target} but `{field}` names it too: it would be known")
        return self
