"""What came of the simulations, beside the bars that the claims have to clear.

A bar that is missed is shown as missed.
"""

from dataclasses import dataclass

import numpy as np
import single
from plan import COVERED, POPULATIONS, RATIOS, SIZES
from scores import NULLS, SEARCHES, STRESS
from sharing import Sums

from seedbed.engine.intervals import clopper_pearson_upper

RIVALS = ("naive", "peeking", "bonferroni")
NAIVE_MUST_FAIL = (
    "normal, −.25 σ", "σ .003 to .03, mean .001 below", "5 % diverge, others −.25 σ", "skewness −.5, −.25 σ",
)  # fmt: skip
LEAST_SUCCESS = {"+1 σ": 0.80, "+2 σ": 0.99, "+4 σ": 0.99}
MOST_SEEDS = {"+2 σ": 20, "+4 σ": 15, "climbing, −6 σ to +4 σ": 100, "climbing, each ± .7 σ": 100}


@dataclass(frozen=True)
class Row:
    """Cells of a table's row; `holds` is None where nothing is asked."""

    cells: tuple[str, ...]
    holds: bool | None = None


@dataclass(frozen=True)
class Table:
    """One table; the last column, whether the bar holds, is added by who writes it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(found: dict[str, Sums]) -> list[Table]:
    """Every table."""
    made = (_validity, _stress, _power, _intervals, _attempts, _welch)
    return [make(found) for make in made]


def rate(sums: Sums, key: str) -> float:
    """A count over the repetitions."""
    return sums[key] / sums["n"]


def upper(sums: Sums, key: str) -> float:
    """The one-sided 99 % upper bound of that rate (Clopper and Pearson)."""
    return clopper_pearson_upper(sums[key], sums["n"], 0.99)


def figure(value: float) -> str:
    """A rate, without its leading zero."""
    return (f"{value:.4f}" if value < 0.1 else f"{value:.3f}").replace("0.", ".", 1)


def _validity(found: dict[str, Sums]) -> Table:
    rows = [_null_row(name, found[f"null {name}"]) for name in NULLS]
    rows.append(_null_row("validation off by N(0, (2 σ)²), −.25 σ", found["null gap"]))
    title = (
        "False claims: searches over 100 candidates of which none is better than the target (bars 3, 4, 6)"
    )
    return Table(
        title, ("candidates", "Seedbed", "99 % bound", "naive", "peeking", "Bonferroni", "bar"), tuple(rows)
    )


def _null_row(name: str, sums: Sums) -> Row:
    bound, naive, peeking = upper(sums, "achieved"), rate(sums, "naive"), rate(sums, "peeking")
    wanted, holds = "99 % bound ≤ .05", bound <= 0.05
    if name in NAIVE_MUST_FAIL:
        wanted += "; naive ≥ .40, peeking ≥ .90"
        holds = holds and naive >= 0.40 and peeking >= 0.90
    rates = [figure(rate(sums, rival)) for rival in RIVALS]
    return Row((name, figure(rate(sums, "achieved")), figure(bound), *rates, wanted), holds)


def _stress(found: dict[str, Sums]) -> Table:
    asked = {"normal": "99 % bound ≤ .05", "skewness −.5": "≤ .08"}
    rows = []
    for name in STRESS:
        sums, searched = found[f"nominated {name}"], found[f"stress {name}"]
        false, bound = rate(sums, "false"), upper(sums, "false")
        holds = {"normal": bound <= 0.05, "skewness −.5": false <= 0.08}.get(name)
        rates = [figure(rate(searched, key)) for key in ("achieved", *RIVALS)]
        rows.append(Row((name, figure(false), figure(bound), *rates, asked.get(name, "–")), holds))
    title = "Stress: scores whose mean is exactly the target, ten attempts (bars 5, 6)"
    columns = (
        "scores",
        "ten nominated unseen",
        "99 % bound",
        "in a search",
        "naive",
        "peeking",
        "Bonferroni",
    )
    return Table(title, (*columns, "bar"), tuple(rows))


def _power(found: dict[str, Sums]) -> Table:
    title = (
        "Searches that can succeed: a tenth of 100 candidates is good, the others at −1 σ unless said; "
        "success / median seeds (bars 7, 8)"
    )
    rows = tuple(_search_row(name, found[f"search {name}"]) for name in SEARCHES)
    return Table(title, ("good candidates", "Seedbed", "naive", "peeking", "Bonferroni", "bar"), rows)


def _search_row(name: str, sums: Sums) -> Row:
    success, seeds = rate(sums, "achieved"), float(np.median(sums["seeds"]))
    wanted, holds = [], []
    if name in LEAST_SUCCESS:
        wanted.append(f"success ≥ {figure(LEAST_SUCCESS[name])}")
        holds.append(success >= LEAST_SUCCESS[name])
    if name in MOST_SEEDS:
        wanted.append(f"seeds ≤ {MOST_SEEDS[name]}")
        holds.append(seeds <= MOST_SEEDS[name])
    rivals = [f"{figure(rate(sums, rival))} / {np.median(sums[f'{rival} seeds']):.0f}" for rival in RIVALS]
    cells = (name, f"{figure(success)} / {seeds:.0f}", *rivals, "; ".join(wanted) or "–")
    return Row(cells, all(holds) if holds else None)


def _intervals(found: dict[str, Sums]) -> Table:
    rows = [_seeds_row(n, found) for n in COVERED]
    cases = [found[f"population {case}"] for case in POPULATIONS]
    rows.append(_items_row(f"population's accuracy, {len(cases)} cases", cases))
    rows.append(_items_row("population's balanced accuracy", [found["balanced"]]))
    columns = ("95 % interval", "covers", "beside it", "bar")
    return Table("Coverage of intervals (bars 1, 2)", columns, tuple(rows))


def _seeds_row(n: int, found: dict[str, Sums]) -> Row:
    t, bootstrap = rate(found[f"t {n}"], "t"), rate(found[f"bootstrap {n}"], "bootstrap")
    wanted, holds = "≥ .94", t >= 0.94
    if n == 3:
        wanted, holds = "≥ .94; the bootstrap must fail", holds and bootstrap < 0.94
    cells = (f"mean over {n} seeds", figure(t), f"percentile bootstrap {figure(bootstrap)}", wanted)
    return Row(cells, holds)


def _items_row(name: str, cases: list[Sums]) -> Row:
    both, alone = ([rate(sums, key) for sums in cases] for key in ("population", "seeds alone"))
    return Row((name, _span(both), f"seeds alone {_span(alone)}", "≥ .92"), min(both) >= 0.92)


def _span(rates: list[float]) -> str:
    low, high = figure(min(rates)), figure(max(rates))
    return low if low == high else f"{low} to {high}"


def _attempts(found: dict[str, Sums]) -> Table:
    nulls = [found[f"null {name}"] for name in ("normal, −.25 σ", "normal, at the target")]
    explored = max(sums["explored"] / sums["candidates"] for sums in nulls)
    used, share = rate(found["hopeless"], "seeds"), single.ALPHA
    completion = rate(found["completion"], "achieved")
    rows = [
        Row(("exploration seeds of a null candidate", f"{explored:.2f}", "≤ 2"), explored <= 2),
        Row(("seeds of a confirmation at −.5 σ", f"{used:.2f}", "≤ 5"), used <= 5),
        _size_row("seeds in the order of their index", rate(found["size"], "achieved")),
        Row(
            ("the same in the order of completion", figure(completion), f"must exceed {figure(share)}"),
            completion > share,
        ),
    ]
    kinds = {"relative": "10 % better than a baseline of 10 seeds", "joint": "two targets, one met by far",
             "population": "a population's accuracy, 400 items"}  # fmt: skip
    rows += [_size_row(name, rate(found["other kinds"], key)) for key, name in kinds.items()]
    title = "What one candidate costs, and the size of attempt 1 at the target (bars 9, 10)"
    return Table(title, ("", "", "bar"), tuple(rows))


def _size_row(name: str, size: float) -> Row:
    return Row(
        (f"size of attempt 1: {name}", figure(size), f"≤ {figure(single.ALPHA)}"), size <= single.ALPHA
    )


def _welch(found: dict[str, Sums]) -> Table:
    rows = []
    for sizes in SIZES:
        rates = [rate(found[f"welch {sizes} {ratio}"], "rejected") for ratio in RATIOS]
        cells = (f"{sizes[0]} and {sizes[1]} seeds", *map(figure, rates), "≤ .06")
        rows.append(Row(cells, max(rates) <= 0.06))
    columns = ("Welch's test at .05", *(f"σ's 1 : {ratio:.0f}" for ratio in RATIOS), "bar")
    return Table("Two equal experiments found different (bar 11)", columns, tuple(rows))
