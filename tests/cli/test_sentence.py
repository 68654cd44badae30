import pytest

from seedbed.cli.sentence import dataset_called, dataset_from
from seedbed.errors import InvalidInput
from seedbed_runner.contract.datasets import dataset_names

CHOICES = ", ".join(dataset_names())


@pytest.mark.parametrize(
    ("sentence", "dataset"),
    [
        ("Design a CNN for digits with >97% accuracy", "digits"),
        ("Classify handwritten Digits, accuracy of at least 0.985", "digits"),
        ("97.5 percent accuracy on wines", "wine"),
        ("an iris classifier: test accuracy ≥ .9", "iris"),
        ("Breast-cancer diagnosis above 95 %", "breast_cancer"),
        ("find breast cancer; reach an accuracy of 96%", "breast_cancer"),
        ("synthetic data with more than 90% validation accuracy", "synthetic"),
    ],
)
def test_what_is_read(sentence, dataset):
    assert dataset_from(sentence) == dataset


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (
            "Design a CNN with >97% accuracy",
            f"the goal names no dataset: give one with `--dataset`; there are: {CHOICES}",
        ),
        (
            "digits or iris at 97% accuracy",
            "the goal names several datasets (digits, iris): say which one with `--dataset`",
        ),
        (
            "CIFAR-10 with >90% accuracy",
            f"the dataset cifar10 is not available yet: give one with `--dataset`; there are: {CHOICES}",
        ),
        (
            "cifar-100 with >70% accuracy",
            f"the dataset cifar100 is not available yet: give one with `--dataset`; there are: {CHOICES}",
        ),
        (
            "MNIST digits with 99% accuracy",
            f"the dataset mnist is not available yet: give one with `--dataset`; there are: {CHOICES}",
        ),
        (
            "SST-2 sentiment at 90% accuracy",
            f"the dataset glue/sst2 is not available yet: give one with `--dataset`; there are: {CHOICES}",
        ),
        (
            "wineries at 90% accuracy",
            f"the goal names no dataset: give one with `--dataset`; there are: {CHOICES}",
        ),
    ],
)
def test_a_dataset_that_cannot_be_read_is_asked_for(sentence, message):
    with pytest.raises(InvalidInput) as raised:
        dataset_from(sentence)
    assert str(raised.value) == message


@pytest.mark.parametrize("spelling", ["breast_cancer", "Breast-Cancer", "breast cancer", "WDBC"])
def test_any_spelling_of_the_flag(spelling):
    assert dataset_called(spelling) == "breast_cancer"


def test_an_unknown_dataset_lists_the_choices():
    with pytest.raises(InvalidInput) as raised:
        dataset_called("digit5")
    assert str(raised.value) == (
        f"`--dataset`: there is no dataset 'digit5'; did you mean digits? There are: {CHOICES}"
    )
    with pytest.raises(InvalidInput, match="^the dataset imdb is not available yet"):
        dataset_called("IMDB")
