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
    test: Fraction = Field(default=0.2, description="Share of all rows that is sealed for confirmations.")
    validation: Fraction = Field(default=0.2, description="Share of all rows that scores explorations.")
    stratify: bool = Field(default=True, description="Keep the classes' shares equal in all three splits.")

    @model_validator(mode="after")
    def _something_to_train_on(self) -> "DataSplit":
        if self.test + self.validation > 0.8:
            raise ValueError(
                f"test {self.test} + validation {self.validation} leave less than 0.2 to train on"
            )
        return self


class Synthetic(Model):
    """Gaussian classes with a known Bayes accuracy: only for the dataset named `synthetic`."""

    kind: Literal["image", "tabular"] = "tabular"
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
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0

    @model_validator(mode="after")
    def _is_possible(self) -> "Synthetic":
        width = self.features if self.kind == "tabular" else self.size**2
        if width < self.classes:
            raise ValueError(f"{self.classes} classes need at least as many input values, not {width}")
        if self.bayes_accuracy <= 1 / self.classes:
            raise ValueError(
                f"bayesAccuracy is {self.bayes_accuracy} but guessing among {self.classes} classes "
                f"gives {1 / self.classes:.3g}"
            )
        return self


class Dataset(Model):
    """Which data, and how they are split."""

    name: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9_./:-]*$")] = (
        Field(description="digits, iris, wine, breast_cancer or synthetic.")
    )
    split: DataSplit = DataSplit()
    synthetic: Synthetic | None = Field(
        default=None, description="Parameters of the dataset named `synthetic`."
    )

    @model_validator(mode="after")
    def _parameters_fit_the_name(self) -> "Dataset":
        if self.synthetic is not None and self.name != "synthetic":
            raise ValueError(f"`synthetic` goes with the dataset named synthetic, not with {self.name}")
        if self.synthetic is None and self.name == "synthetic":
            object.__setattr__(self, "synthetic", Synthetic())
        return self
