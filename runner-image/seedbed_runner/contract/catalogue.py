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


def _hub(title: str, repo: str, rows: int, classes: int, megabytes: int) -> Entry:
    source = f"huggingface.co/datasets/{repo}"
    return Entry(title, "text", rows, classes, source, megabytes, f"a clone of the repository, in {repo}")


# Labelled rows; the public test splits of most have no labels.
_GLUE = {
    "sst2": _hub("GLUE SST-2, film reviews", "nyu-mll/glue", 68221, 2, 7),
    "cola": _hub("GLUE CoLA, acceptable sentences", "nyu-mll/glue", 9594, 2, 1),
    "qnli": _hub("GLUE QNLI, does it answer the question", "nyu-mll/glue", 110206, 2, 18),
    "mnli": _hub("GLUE MNLI, inference in many genres", "nyu-mll/glue", 402517, 3, 57),
    "mrpc": _hub("GLUE MRPC, paraphrases in the news", "nyu-mll/glue", 5801, 2, 1),
    "qqp": _hub("GLUE QQP, equal questions", "nyu-mll/glue", 404276, 2, 73),
    "rte": _hub("GLUE RTE, textual entailment", "nyu-mll/glue", 2767, 2, 1),
    "stsb": _hub("GLUE STS-B, similarity of sentences", "nyu-mll/glue", 7249, 1, 1),
    "wnli": _hub("GLUE WNLI, pronouns as inference", "nyu-mll/glue", 706, 2, 1),
}
_SUPER_GLUE = {
    "boolq": _hub("SuperGLUE BoolQ, yes or no questions", "aps/super_glue", 12697, 2, 6),
    "cb": _hub("SuperGLUE CB, commitment", "aps/super_glue", 306, 3, 1),
    "copa": _hub("SuperGLUE COPA, plausible alternatives", "aps/super_glue", 500, 2, 1),
    "rte": _hub("SuperGLUE RTE, textual entailment", "aps/super_glue", 2767, 2, 1),
    "wic": _hub("SuperGLUE WiC, words in context", "aps/super_glue", 6066, 2, 1),
    "wsc": _hub("SuperGLUE WSC, pronouns", "aps/super_glue", 658, 2, 1),
}

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
    "imdb": _hub("IMDB, film reviews", "stanfordnlp/imdb", 50000, 2, 84),
    **{f"glue/{name}": entry for name, entry in _GLUE.items()},
    **{f"super_glue/{name}": entry for name, entry in _SUPER_GLUE.items()},
    **{name: _GLUE[name] for name in ("sst2", "cola", "qnli")},
}  # fmt: skip

# The forms of names besides, and what they are for.
FORMS: dict[str, str] = {
    "hf:OWNER/NAME[/CONFIG]": "texts, tables or images of Hugging Face's hub, at a revision or the newest",
    "images:NAME": "the folder NAME of the data folder, a sub-folder a class, perhaps below train and test",
    "table:NAME": "NAME.csv or NAME.parquet of the data folder, or train.* and test.* in a folder NAME",
    "openml:ID": "any table of OpenML, by its number there",
}
