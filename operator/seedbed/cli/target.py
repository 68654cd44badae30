"""The target accuracy that a sentence asks for, by plain rules: what the one-line form reads.

A percentage (`97%`, `97.5 percent`) or a decimal below one (`0.97`) is the target when "accuracy" stands
right before it ("accuracy of at least 97%") or right behind it (">97% accuracy"). A bare "above 97%" is one
when the sentence holds no other number and no other quantity. Nothing is guessed: what is missing, or could
be several, is asked for.
"""

import re
from dataclasses import dataclass

from seedbed.errors import InvalidInput

# What else a sentence may ask for; a target for one of them must not be taken for an accuracy.
_OTHER_METRICS = re.compile(r"\b(f1|auc|auroc|precision|recall|rmse|mae|mse|r2|perplexity|loss|bleu)\b", re.I)
_BALANCED = re.compile(r"\bbalanced[ _-]accuracy\b", re.I)
_ACCURACY = re.compile(r"\baccura", re.I)

# The kinds of words that a number may stand beside, the first that fits; quotes and dashes are none.
_KINDS = {
    "number": r"(?<![\w.])(?:\d{1,3}(?:\.\d+)?\s*(?:%|per\s?cent\b)|0?\.\d+)(?![\d%])",
    "numeral": r"\d[\d.]*",
    "limit": (
        r"[<≤]=?|=<|\b(?:at most|not? (?:more|better|higher|greater|above|over|exceed\w*)(?: than)?"
        r"|up to|below|under|within|by|from|max(?:imum)?)\b"
    ),
    "less": r"\b(?:(?:or )?(?:less|lower|fewer|worse|smaller)(?: than)?|or (?:below|under))\b",
    "floor": (
        r"[>≥]=?|=>|\b(?:at least|not? (?:less|lower|worse|below|under)(?: than)?|above|over|beyond"
        r"|min(?:imum)?|(?:more|better|higher|greater) than|(?:exceed|reach|achiev|attain|beat)\w*)\b"
    ),
    "trait": r"\b(?:test|validation|held-out|classification|top-1|or (?:more|better|higher|above))\b",
    "other": (  # another quantity, or a change of the accuracy
        r"\b(?:accuracy (?:gain|improvement|increase|loss|drop|point)s?|train(?:ing)? accuracy"
        r"|(?:improv|increas|rais|boost)\w* accuracy(?! (?:to|above|over|beyond)\b)"
        r"|dropout|rates?|lr|errors?|loss(?:es)?|data|f1|auc|auroc|recall|precision|sensitivity|specificity"
        r"|rmse|mae|mse|r2|perplexity|bleu|score|confidence|decay|momentum|smoothing|noise|splits?|subset)\b"
    ),
    "accuracy": r"\b(?:accura\w+|acc)\b",
    "of": r"\b(?:of|to)\b",
    "link": r"[=:(]|\b(?:at|be|is|or|must|should|that|a|an|the|target)\b",
    "word": r"[^\W\d]\w*(?:-\d+)?",
    "mark": r"[,;.!?)]",
}
_WORDS = re.compile("|".join(rf"(?P<{kind}>{rule})" for kind, rule in _KINDS.items()), re.I)


@dataclass(frozen=True)
class _Mention:
    """A number of a sentence: its value, the kinds of what stands on its sides, and what leads up to it."""

    value: float
    before: str
    behind: str
    has_floor: bool

    @property
    def is_other(self) -> bool:
        """Whether it is some other quantity's, or no lower bound."""
        return self.before in ("other", "limit", "less") or self.behind in ("other", "less", "of")

    @property
    def is_accuracy(self) -> bool:
        """Whether it is the accuracy's; not when another number leads up to it (`95 to 97% accuracy`)."""
        in_range = self.before in ("number", "numeral") and not self.has_floor
        return "accuracy" in (self.before, self.behind) and not self.is_other and not in_range


def target_from(sentence: str) -> float:
    """The target accuracy that a sentence asks for.

    Raises:
        InvalidInput: it asks for none, for what could be several, or for another metric.
    """
    _refuse_other_metrics(sentence)
    sentence = " ".join(sentence.split())
    words = [(str(match.lastgroup), match[0]) for match in _WORDS.finditer(sentence)]
    kinds = [kind for kind, _ in words]
    mentions = [_mention(kinds, at, text) for at, (kind, text) in enumerate(words) if kind == "number"]
    possible = [each for each in mentions if not each.is_other]
    values = sorted({each.value for each in possible})
    alone = kinds.count("number") + kinds.count("numeral") == 1 and "other" not in kinds
    sure = any(each.is_accuracy or (alone and each.has_floor) for each in possible)
    if sure and len(values) == 1:
        return values[0]
    if sure:
        listed = ", ".join(f"{value:g}" for value in values)
        raise InvalidInput(
            f"the goal names several numbers that may be its target ({listed}): "
            "say which one with `--target-accuracy`"
        )
    raise InvalidInput("the goal names no target accuracy: give one with `--target-accuracy`, such as 0.97")


def _mention(kinds: list[str], at: int, text: str) -> _Mention:
    """The number at a place of the sentence, between the first words on either side that tell whose it is."""
    left, right = at - 1, at + 1
    while left >= 0 and kinds[left] in ("floor", "of", "link", "trait"):
        left -= 1
    while right < len(kinds) and kinds[right] == "trait":
        right += 1
    before = kinds[left] if left >= 0 else ""
    behind = kinds[right] if right < len(kinds) else ""
    return _Mention(_value(text), before, behind, "floor" in kinds[left + 1 : at])


def _value(number: str) -> float:
    """`97.5 %` and `.975` as .975; decimal digits are moved, so that 97 % is .97 to the last bit."""
    digits = re.match(r"[\d.]+", number)
    assert digits is not None
    return float(f"{digits[0]}e-2") if digits[0] != number else float(number)


def _refuse_other_metrics(sentence: str) -> None:
    other = _BALANCED.search(sentence) or (
        None if _ACCURACY.search(sentence) else _OTHER_METRICS.search(sentence)
    )
    if other:
        raise InvalidInput(
            f"the goal speaks of {other[0]!r} but a goal in one line is for accuracy: give "
            "`--target-accuracy`, or write a manifest (`research-agent init`) for another metric"
        )
