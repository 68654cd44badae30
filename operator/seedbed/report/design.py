"""A design in words and as a document: called by `research-agent plan-seeds`."""

from typing import Any

from seedbed.engine.design import OTHERS, POWERS, Design
from seedbed.engine.power import ConfirmationPower, SearchPower
from seedbed.report.text import count, percent


def power(value: float) -> str:
    """A chance with two decimals, and without a false 0 or 1."""
    return "> .99" if value > 0.99 else "< .01" if value < 0.01 else f"{value:.2f}".removeprefix("0")


def cell(found: ConfirmationPower) -> str:
    """`.83 (7.1)`: chance, and mean seeds."""
    return f"{power(found.power)} ({found.seeds:.1f})"


def search_in_words(design: Design, margin: float, found: SearchPower) -> str:
    """What a whole search is expected to take."""
    average = f"{found.mean_seeds:.0f} ± {found.seeds_error:.1f} seeds on average"
    seeds = f"{average}, {found.median_seeds:g} in the median"
    chance = f"{power(found.power)} ± {found.standard_error:.3f}"
    candidates = f"{count(design.candidates, 'candidate')} of which {percent(design.good)}"
    return (
        f"A search over {candidates} are {margin:.4g} beyond the target reaches the goal with a chance of "
        f"{chance} and takes {seeds} (± one standard error, {found.searches} simulated searches)."
    )


def assumptions(design: Design) -> list[str]:
    """What the numbers rest on."""
    return [
        f"Assumed: near-normal scores; an sd over seeds of {design.sd:g} for every candidate; a metric whose "
        "step is finer than that; validation and test means that agree.",
        f"In the search the other candidates are {OTHERS:g} sd short of the target, which is the hard case.",
        "A plan, never a claim: only a confirmation on fresh seeds shows what is there.",
    ]


def document(design: Design, margin: float) -> dict[str, Any]:
    """The same for programs."""
    found = design.search(margin)
    return {
        "sd": design.sd,
        "margin": margin,
        "confidence": design.confidence,
        "confirm": design.confirm,
        "explore": design.explore,
        "candidates": design.candidates,
        "good": design.good,
        "attempts": design.attempts,
        "confirmations": [
            {"margin": each, "attempt": attempt} | vars(design.confirmation(each, attempt))
            for each in design.margins_around(margin)
            for attempt in design.shown_attempts
        ],
        "needed": [
            {"power": each, "attempt": attempt, "margin": design.needed(each, attempt)}
            for each in POWERS
            for attempt in design.shown_attempts
        ],
        "search": {
            "power": found.power,
            "powerError": found.standard_error,
            "meanSeeds": found.mean_seeds,
            "seedsError": found.seeds_error,
            "medianSeeds": found.median_seeds,
            "searches": found.searches,
        },
        "assumptions": assumptions(design),
    }
