import dataclasses

import pytest

from engine.test_experiment import decide, experiment, record, status
from fakes.memory import card
from seedbed.api.training import ModelSpec
from seedbed.engine.soundness import unsound
from seedbed_runner.contract.records import Mistake

SPEC = experiment().spec
CONFUSION = [[450, 50], [50, 450]]


def test_a_scorers_record_is_sound():
    assert unsound(record(confusion=CONFUSION), SPEC, card()) is None
    assert unsound(record(), SPEC, None) is None
    assert unsound(record(mistakes=[Mistake(0, 1, 60), Mistake(3, 1, 40)]), SPEC, card()) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"score": 0.91, "metrics": {"accuracy": 0.9}}, "its score is 0.91 but its accuracy is 0.9"),
        ({"score": 1.2}, r"its score is 1.2, and accuracy is within \[0, 1\]"),
        ({"items": 999}, "it scored 999 items of 1000 in the validation split"),
        ({"confusion": [[450, 50], [50, 440]]}, "its confusion counts 990 items of 1000"),
        ({"confusion": [[440, 60], [50, 450]]}, "its confusion gives an accuracy of 0.89"),
        ({"mistakes": [Mistake(0, 1, 60), Mistake(3, 1, 41)]}, "it names 101 mistakes among 1000 items"),
        ({"split": "test"}, "Explore was scored on the test split"),
        ({"purpose": "Confirm"}, "it is of Confirm by accuracy, not of Explore by accuracy"),
        ({"metric": "f1_macro"}, "it is of Explore by f1_macro"),
    ],
)
def test_what_contradicts_is_named(change, words):
    import re

    assert re.match(words, unsound(record(**change), SPEC, card()))


def test_a_failed_record_has_nothing_to_contradict():
    from seedbed_runner.contract.records import Failure

    assert unsound(record(failure=Failure("Crash", "it broke"), items=0), SPEC, card()) is None


def test_it_is_looked_at_when_the_record_is_adopted():
    runs = status(decide(experiment(), {0: record(0), 1: record(1, items=3)})).runs
    assert [run.unsound for run in runs] == [None, "it scored 3 items of 1000 in the validation split"]


def test_of_code_that_is_not_ours_a_record_says_so():
    coded = SPEC.model_copy(update={"model": ModelSpec(source="# a module")})
    assert "it says trusted-code" in unsound(record(), coded, card())
    assert unsound(record(assurance="sealed"), coded, card()) is None
    confirmed = coded.model_copy(update={"purpose": "Confirm"})
    told = record(assurance="sealed", purpose="Confirm", split="test")
    assert "were not made again from its weights" in unsound(told, confirmed, None)
    assert unsound(dataclasses.replace(told, repredicted=True), confirmed, None) is None
