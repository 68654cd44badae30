import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.cli.target import target_from
from seedbed.errors import InvalidInput

READ = [
    ("Design a CNN for digits with >97% accuracy", 0.97),
    ("Design CNN for CIFAR-10 >75% accuracy", 0.75),
    ("Classify handwritten Digits, accuracy of at least 0.985", 0.985),
    ("digits: accuracy > 0.97", 0.97),
    ("digits, accuracy higher than 97%", 0.97),
    ("digits with 0.97 accuracy", 0.97),
    ("97.5 percent accuracy on wine", 0.975),
    ("an iris classifier: test accuracy ≥ .9", 0.9),
    ("find breast cancer; reach an accuracy of 96%", 0.96),
    ("the accuracy must be no less than 97%", 0.97),
    ("target accuracy: 0.97 on digits", 0.97),
    ("digits with high accuracy (>97%)", 0.97),
    ("mixed precision on digits, 97% accurate", 0.97),
    ("digits with 97% top-1 test accuracy", 0.97),
    ("digits with 97% or better accuracy", 0.97),
    ("digits: 100% accuracy", 1.0),
    # beside other quantities
    ("use 20% of the digits for tests and reach 97% accuracy", 0.97),
    ("digits, dropout 0.5, accuracy at least 98.25%", 0.9825),
    ("97% accuracy with 10% dropout on digits", 0.97),
    ("digits, accuracy above 97% under 200k parameters", 0.97),
    ("97% accuracy on digits with 10% fewer parameters", 0.97),
    ("train on less than 10% of digits to reach 97% accuracy", 0.97),
    ("an error below 5% and an accuracy above 97%", 0.97),
    ("accuracy above 97% with 95% confidence", 0.97),
    ("synthetic data with more than 90% validation accuracy, at least 0.9", 0.9),
    # a change has an end
    ("improve accuracy to 97% on digits", 0.97),
    ("improve digits from 95% accuracy to 97%", 0.97),
    # bare, and the only number
    ("Breast-cancer diagnosis above 95 %", 0.95),
    ("accuracy on digits of at least 97%", 0.97),
    ("CIFAR-10 > 75%", 0.75),
]


@pytest.mark.parametrize(("sentence", "target"), READ)
def test_what_is_read(sentence, target):
    assert target_from(sentence) == target


UNREAD = [
    "classify digits",
    "accuracy above 97 on digits",
    "digits at 97%",
    # other quantities
    "Train a CNN on digits with dropout over 0.2",
    "Train a CNN on digits with high accuracy with 10% dropout",
    "digits: learning rate above 0.001",
    "learning rate 0.01 on 20% of digits",
    "Use at least 80% of the training data on wine",
    "use at least 80% of digits",
    "an accurate model for digits with an F1 of at least 97%",
    "digits with an accuracy of 97% recall",
    "digits with training accuracy above 97%",
    "digits with an accuracy and a score above 0.9",
    # no lower bound
    "digits with at most 90% accuracy",
    "digits with accuracy below 97%",
    "digits with up to 97% accuracy",
    "digits, accuracy of 97% or less",
    "digits, accuracy less than 97%",
    "digits, less than 97% accuracy",
    "digits, accuracy not above 97%",
    # a change
    "Improve accuracy on iris by at least 2%",
    "increase accuracy by 2% on iris",
    "boost accuracy 2% on iris",
    "iris with at least 2% accuracy improvement",
    # bare beside another number, or a range
    "a CNN with 3 layers for digits above 97%",
    "digits with 95-97% accuracy",
    "digits with 95% to 97% accuracy",
    "digits with accuracy between 95% and 97%",
]


@pytest.mark.parametrize("sentence", UNREAD)
def test_what_could_be_something_else_is_asked_for(sentence):
    with pytest.raises(InvalidInput) as raised:
        target_from(sentence)
    assert str(raised.value) == (
        "the goal names no target accuracy: give one with `--target-accuracy`, such as 0.97"
    )


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("digits at least 95%, or 97% accuracy", "0.95, 0.97"),
        ("digits with an accuracy of 97% or 95%", "0.95, 0.97"),
        ("digits, width 0.5, 97% accuracy", "0.5, 0.97"),
    ],
)
def test_what_could_be_several_is_asked_for(sentence, numbers):
    with pytest.raises(InvalidInput) as raised:
        target_from(sentence)
    assert str(raised.value) == (
        f"the goal names several numbers that may be its target ({numbers}): "
        "say which one with `--target-accuracy`"
    )


@pytest.mark.parametrize(
    ("sentence", "metric"), [("F1 above 0.9 on wine", "F1"), ("balanced accuracy > 90%", "balanced accuracy")]
)
def test_another_metric_needs_a_manifest(sentence, metric):
    with pytest.raises(InvalidInput) as raised:
        target_from(sentence)
    assert str(raised.value) == (
        f"the goal speaks of {metric!r} but a goal in one line is for accuracy: give `--target-accuracy`, "
        "or write a manifest (`research-agent init`) for another metric"
    )


@given(st.integers(min_value=500, max_value=9999))
def test_a_percentage_is_the_decimal_to_the_last_bit(hundredths):
    percent = f"{hundredths // 100}.{hundredths % 100:02d}"
    decimal = f"0.{hundredths:04d}"
    assert target_from(f"reach {percent}%") == target_from(f"reach {decimal}") == float(decimal)
