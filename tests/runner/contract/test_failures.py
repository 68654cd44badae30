from pathlib import Path

from seedbed_runner.contract.failures import HINTS, hint
from seedbed_runner.contract.records import MODEL_FAILURES

DOCUMENT = Path(__file__).parents[3] / "docs" / "models.md"


def test_every_failure_has_its_hint_and_the_document_says_the_same():
    assert set(HINTS) == set(MODEL_FAILURES)
    for reason, words in HINTS.items():
        assert f"| `{reason}` | {words} |" in DOCUMENT.read_text()


def test_of_other_reasons_nothing_is_known():
    assert hint("DiskFull") == hint(None) == ""
