"""The plots of docs/claims.md."""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402
from plan import COVERED, POPULATIONS  # noqa: E402
from scores import NULLS  # noqa: E402
from sharing import Sums  # noqa: E402
from tables import rate  # noqa: E402

from seedbed.engine.power import confirmation_power  # noqa: E402

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#666666"
STYLE = {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "savefig.dpi": 130}
RULES = {"achieved": ("Seedbed", BLUE), "naive": ("first 5-seed interval", ORANGE),
         "peeking": ("the same, peeking", GREY), "bonferroni": ("Bonferroni, 8 seeds", GREEN)}  # fmt: skip


def draw(found: dict[str, Sums], folder: Path) -> None:
    """Write claims-false.png, claims-power.png and claims-coverage.png."""
    folder.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        for name, figure in (("false", _false(found)), ("power", _power()), ("coverage", _coverage(found))):
            figure.savefig(folder / f"claims-{name}.png", metadata={"Software": None})
            plt.close(figure)


def _false(found):
    """False claims by rule and world."""
    figure, axes = plt.subplots(figsize=(8, 4.4), layout="constrained")
    places = np.arange(len(NULLS))[::-1]
    for row, (key, (label, colour)) in enumerate(RULES.items()):
        rates = [rate(found[f"null {name}"], key) for name in NULLS]
        axes.barh(places + 0.3 - 0.2 * row, rates, height=0.18, color=colour, label=label)
    axes.axvline(0.05, color="black", linewidth=0.8, linestyle=":")
    axes.set_yticks(places, NULLS)
    axes.set_xlabel("share of searches that claim a goal which no candidate reaches (dotted: .05)")
    figure.legend(frameon=False, loc="outside upper center", ncols=len(RULES))
    return figure


def _power():
    """One confirmation, from `engine.power`: chance of success, and seeds."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    margins = np.linspace(-1, 5, 25)
    for attempt, colour in zip((1, 2, 5), (BLUE, ORANGE, GREEN), strict=True):
        found = [confirmation_power(float(margin), 1.0, attempt=attempt) for margin in margins]
        left.plot(margins, [each.power for each in found], color=colour, label=f"attempt {attempt}")
        right.plot(margins, [each.seeds for each in found], color=colour)
    left.set_ylabel("chance to be Achieved")
    right.set_ylabel("seeds of the confirmation, mean")
    right.set_ylim(0, 12)
    for axes in (left, right):
        axes.set_xlabel("true mean − target, in σ")
    left.legend(frameon=False)
    return figure


def _coverage(found):
    """Coverage of 95 % intervals: over seeds by n, and of a population by case."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained", sharey=True)
    t = [rate(found[f"t {n}"], "t") for n in COVERED]
    bootstrap = [rate(found[f"bootstrap {n}"], "bootstrap") for n in COVERED]
    left.plot(COVERED, t, "o-", color=BLUE, label="Student's t")
    left.plot(COVERED, bootstrap, "s--", color=ORANGE, label="percentile bootstrap")
    left.set_xticks(COVERED)
    left.set_xlabel("seeds")
    left.set_ylabel("coverage")
    for key, label, colour, mark in (
        ("population", "seeds and items", BLUE, "o"),
        ("seeds alone", "seeds alone", ORANGE, "s"),
    ):
        rates = sorted(rate(found[f"population {case}"], key) for case in POPULATIONS)
        right.plot(range(1, len(rates) + 1), rates, mark, color=colour, markersize=3, label=label)
    right.set_xlabel("cases of a population's mean, in order")
    for axes in (left, right):
        axes.axhline(0.95, color="black", linewidth=0.8, linestyle=":")
        axes.legend(frameon=False)
    return figure
