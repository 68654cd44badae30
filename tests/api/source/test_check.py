import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.sources import CNN, MLP
from seedbed.api.source import Finding, check
from seedbed.api.source.check import MAX_FINDINGS


@pytest.mark.parametrize("source", [MLP, CNN])
def test_nothing_is_wrong_with_good_source(source: str) -> None:
    assert check(source) == []


def test_findings_of_all_rules_come_by_line() -> None:
    text = "import os\nx = open('f')\ndef build_model(input_shape):\n    return missing\n"
    found = check(text)
    assert [(finding.line, finding.code) for finding in found] == [
        (1, "Import"), (2, "Forbidden"), (2, "TopLevel"), (3, "Interface"), (4, "Undefined"),
    ]  # fmt: skip
    assert str(found[4]) == "line 4: Undefined: undefined name 'missing'"


def test_text_that_is_no_python_has_one_finding() -> None:
    assert check("import os\ndef broken(:\n") == [
        Finding(2, "Syntax", "Python can't read this: invalid syntax")
    ]


def test_findings_and_sentences_are_capped() -> None:
    name = "n" * 10_000
    found = check(f"{name}\nimport {name}\n" + "import os\n" * 50)
    assert len(found) == MAX_FINDINGS and max(len(str(finding)) for finding in found) < 600


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_spoiled_source_has_findings_that_can_be_shown(data: st.DataObject) -> None:
    text = CNN
    for _ in range(data.draw(st.integers(1, 4))):
        place, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 30))
        text = (
            text[:place]
            + data.draw(st.text("ab_1(){}[]:=@.,'\\\"\n\t #", max_size=6))
            + text[place + length :]
        )
    for finding in check(text):
        assert 1 <= finding.line <= text.count("\n") + 1
        assert str(finding).isprintable() and len(str(finding)) < 600
