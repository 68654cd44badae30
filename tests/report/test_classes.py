from types import SimpleNamespace

import pytest

from report.goals import result
from seedbed.report.classes import class_rows, confusion
from seedbed_runner.contract.records import ClassScores, Mistake


def run(*scores):
    return SimpleNamespace(by_class=[ClassScores(label, 10, f1, f1, f1) for label, f1 in scores])


def test_a_row_is_the_mean_over_the_runs_and_has_the_classs_name():
    card = SimpleNamespace(class_names=["cat", "dog"])
    cat, dog = class_rows([run((0, 0.5), (1, 1.0)), run((0, 0.7), (1, 0.8))], card)
    assert (cat.name, dog.name, cat.rows) == ("0: cat", "1: dog", 10)
    assert (cat.f1, dog.precision) == (pytest.approx(0.6), pytest.approx(0.9))
    assert class_rows([run((0, 0.5))], None)[0].name == "0"


def test_only_classes_that_all_runs_tell_of():
    assert [row.name for row in class_rows([run((0, 0.1), (1, 0.2)), run((1, 0.3))], None)] == ["1"]
    assert class_rows([run(), run((0, 0.1))], None) == class_rows([], None) == ()


def test_the_worst_of_many():
    rows = class_rows([run(*((label, label / 40) for label in range(40)))], None)
    assert [row.name for row in rows] == [str(label) for label in range(20)]


def test_of_very_many_classes_the_mistakes_that_the_records_name_are_added_up():
    one = result("e", 0, 0.5, confusion=None, mistakes=[Mistake(3, 4, 9), Mistake(1, 2, 5)])
    other = result("e", 1, 0.5, confusion=None, mistakes=[Mistake(1, 2, 6), Mistake(7, 8, 6)])
    found = confusion(["gone", "e"], {"e": [one, other]}, None)
    assert (found.experiment, found.runs, found.counts) == ("e", 2, ())
    assert found.worst == ((1, 2, 11), (3, 4, 9), (7, 8, 6))
