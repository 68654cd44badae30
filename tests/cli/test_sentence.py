import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cli.sentence import dataset_called, dataset_from, target_from
from seedbed.errors import InvalidInput
from seedbed_runner.contract.datasets import dataset_names

CHOICES = ", ".join(dataset_names())


@pytest.mark.parametrize(
    ("sentence", "dataset", "target"),
    [
        ("Design a CNN for digits with >97% accuracy", "digits", 0.97),
        ("Classify handwritten Digits, accuracy of at least 0.985", "digits", 0.985),
        ("97.5 percent accuracy on wine", "wine", 0.975),
        ("an iris classifier: test accuracy ≥ .9", "iris", 0.9),
        ("Breast-cancer diagnosis above 95 %", "breast_cancer", 0.95),
        ("find breast cancer; reach an accuracy of 96%", "breast_cancer", 0.96),
        ("use 20% of the digits for tests and reach 97% accuracy", "digits", 0.97),
        ("dropout 0.5, digits, better than 98.25%", "digits", 0.9825),
        ("mixed precision on digits, 97% accurate", "digits", 0.97),
        ("synthetic data with more than 90% validation accuracy, at least 0.9", "synthetic", 0.9),
        ("digits: 100% accuracy", "digits", 1.0),
    ],
)
def test_what_is_read(sentence, dataset, target):
    assert dataset_from(sentence) == dataset
    assert target_from(sentence) == target


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


OTHER = (
    "but a goal in one line is for accuracy: give `--target-accuracy`, "
    "or write a manifest (`research-agent init`) for another metric"
)


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (
            "classify digits",
            "the goal names no target accuracy: give one with `--target-accuracy`, such as 0.97",
        ),
        (
            "accuracy above 97 on digits",
            "the goal names no target accuracy: give one with `--target-accuracy`, such as 0.97",
        ),
        (
            "learning rate 0.01 on 20% of digits",
            "the goal names no target accuracy: give one with `--target-accuracy`, such as 0.97",
        ),
        (
            "digits at least 95%, or 97% accuracy",
            "the goal names several targets (0.95, 0.97): say which one with `--target-accuracy`",
        ),
        ("F1 above 0.9 on wine", f"the goal speaks of 'F1' {OTHER}"),
        ("balanced accuracy above 0.9 on wine", f"the goal speaks of 'balanced accuracy' {OTHER}"),
    ],
)
def test_a_target_that_cannot_be_read_is_asked_for(sentence, message):
    with pytest.raises(InvalidInput) as raised:
        target_from(sentence)
    assert str(raised.value) == message


@given(st.integers(min_value=500, max_value=9999))
def test_a_percentage_is_the_decimal_to_the_last_bit(hundredths):
    percent = f"{hundredths // 100}.{hundredths % 100:02d}"
    decimal = f"0.{hundredths:04d}"
    assert target_from(f"reach {percent}%") == target_from(f"reach {decimal}") == float(decimal)


@pytest.mark.parametrize("spelling", ["breast_cancer", "Breast-Cancer", "breast cancer", "WDBC"])
def test_any_spelling_of_the_flag(spelling):
    assert dataset_called(spelling) == "breast_cancer"


def test_an_unknown_dataset_lists_the_choices():
    with pytest.raises(InvalidInput) as raised:
        dataset_called("digit5")
    assert str(raised.value) == f"`--dataset` is 'digit5' but there is no such dataset; there are: {CHOICES}"
    with pytest.raises(InvalidInput, match="^the dataset imdb is not available yet"):
        dataset_called("IMDB")
