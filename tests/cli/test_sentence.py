import pytest

from seedbed.cli.sentence import dataset_called, dataset_from
from seedbed.errors import InvalidInput
from seedbed_runner.contract.datasets import dataset_forms, dataset_names

CHOICES = ", ".join([*dataset_names(), *dataset_forms()])


@pytest.mark.parametrize(
    ("sentence", "dataset"),
    [
        ("Design a CNN for digits with >97% accuracy", "digits"),
        ("Classify handwritten Digits, accuracy of at least 0.985", "digits"),
        ("97.5 percent accuracy on wines", "wine"),
        ("an iris classifier: test accuracy ≥ .9", "iris"),
        ("Breast-cancer diagnosis above 95 %", "breast_cancer"),
        ("find breast cancer; reach an accuracy of 96%", "breast_cancer"),
        ("Design CNN for CIFAR-10 >75% accuracy", "cifar10"),
        ("cifar-100 with >70% accuracy", "cifar100"),
        ("Fashion-MNIST at 90% accuracy", "fashion_mnist"),
        ("MNIST at 99% accuracy", "mnist"),
        ("credit card fraud above 99 %", "creditcard"),
        ("SST-2 sentiment at 90% accuracy", "sst2"),
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
            "MNIST digits with 99% accuracy",
            "the goal names several datasets (digits, mnist): say which one with `--dataset`",
        ),
        (
            "ImageNet with >70% accuracy",
            f"the dataset imagenet is not available yet: give one with `--dataset`; there are: {CHOICES}",
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


def test_names_of_data_of_ones_own_are_taken_as_they_are():
    assert [dataset_called(name) for name in ("table:Houses", "images:pets", "openml:61")] == [
        "table:Houses", "images:pets", "openml:61",
    ]  # fmt: skip
    with pytest.raises(InvalidInput, match="'openml:iris' names no dataset: write openml:ID"):
        dataset_called("openml:iris")


def test_an_unknown_dataset_lists_the_choices():
    with pytest.raises(InvalidInput) as raised:
        dataset_called("digit5")
    assert str(raised.value) == (
        f"`--dataset`: there is no dataset 'digit5'; did you mean digits? There are: {CHOICES}"
    )
    with pytest.raises(InvalidInput, match="^the dataset imagenet is not available yet"):
        dataset_called("ImageNet")
