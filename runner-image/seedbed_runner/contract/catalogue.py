"""What people are told of the datasets with names of their own: `research-agent datasets list` and `show`.

For people only: what a run depends on is read from the data themselves, into their card.
"""

from dataclasses import dataclass
from typing import Literal

BUNDLED = "comes with scikit-learn"
DRAWN = "drawn on this machine"


@dataclass(frozen=True)
class Entry:
    """One dataset, as it was published.

    Attributes:
        title: for people.
        kind: what a row is.
        rows: all of them, with those of the official test split.
        classes: how many there are.
        source: where it comes from.
        megabytes: of the download; 0: there is none.
        bring: what a user may put into the data folder instead; empty: nothing.
    """

    title: str
    kind: Literal["image", "tabular", "text"]
    rows: int
    classes: int
    source: str
    megabytes: int = 0
    bring: str = ""


_TORONTO = "www.cs.toronto.edu/~kriz"
_COPY = "the folder {}-… of another machine's cache, as it is"

CATALOGUE: dict[str, Entry] = {
    "adult": Entry(
        "Adult census income", "tabular", 48842, 2, "www.openml.org/d/1590", 4, _COPY.format("adult")
    ),
    "breast_cancer": Entry("Breast cancer, Wisconsin", "tabular", 569, 2, BUNDLED),
    "cifar10": Entry("CIFAR-10", "image", 60000, 10, _TORONTO, 170, "cifar-10-python.tar.gz"),
    "cifar100": Entry("CIFAR-100", "image", 60000, 100, _TORONTO, 169, "cifar-100-python.tar.gz"),
    "creditcard": Entry(
        "Credit card fraud", "tabular", 284807, 2, "www.openml.org/d/1597", 150, _COPY.format("creditcard")
    ),
    "digits": Entry("Handwritten digits, 8 × 8", "image", 1797, 10, BUNDLED),
    "fashion_mnist": Entry(
        "Fashion-MNIST", "image", 70000, 10, "fashion-mnist.s3-website.eu-central-1.amazonaws.com", 31,
        "its four .gz files, in a folder fashion_mnist",
    ),
    "iris": Entry("Iris flowers", "tabular", 150, 3, BUNDLED),
    "mnist": Entry(
        "MNIST", "image", 70000, 10, "ossci-datasets.s3.amazonaws.com/mnist", 12,
        "its four .gz files, in a folder mnist",
    ),
    "svhn": Entry(
        "SVHN, cropped digits", "image", 99289, 10, "ufldl.stanford.edu/housenumbers", 246,
        "train_32x32.mat and test_32x32.mat",
    ),
    "synthetic": Entry("Gaussian classes of known Bayes accuracy", "tabular", 2000, 2, DRAWN),
    "titanic": Entry(
        "Titanic passengers", "tabular", 1309, 2, "www.openml.org/d/40945", 1, _COPY.format("titanic")
    ),
    "wine": Entry("Wine cultivars", "tabular", 178, 3, BUNDLED),
}  # fmt: skip

# The forms of names besides, and what they are for.
FORMS: dict[str, str] = {
    "images:NAME": "the folder NAME of the data folder, a sub-folder a class, perhaps below train and test",
    "table:NAME": "NAME.csv or NAME.parquet of the data folder, or train.* and test.* in a folder NAME",
    "openml:ID": "any table of OpenML, by its number there",
}
