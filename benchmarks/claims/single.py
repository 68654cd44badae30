"""What needs no search: intervals, single confirmations, and the comparison of two experiments."""

from itertools import product

import numpy as np
from scipy import stats
from scores import CONFIRM, SD, STEP, normal

from seedbed.engine.claims import LOOKS, attempt_alpha, confirm, look
from seedbed.engine.claims_joint import confirm_joint
from seedbed.engine.claims_population import confirm_population, population_interval
from seedbed.engine.claims_relative import confirm_relative
from seedbed.engine.comparison import difference
from seedbed.engine.intervals import SeedScores, pooled_sd, t_interval
from seedbed.engine.rehearsal import RunningSd

ALPHA = attempt_alpha(1, 0.95)


def check_running_sd(rng, count):
    """The σ̂ that searches use is the engine's, to the last bit, candidate after candidate."""
    for _ in range(count):
        scores = rng.normal(rng.choice([0.0, -0.05]), 0.01, (20, 3)).tolist()
        flags = (rng.random((20, 3)) < 0.1).tolist()
        running, seen = RunningSd(0.0, SD), []
        for row, lost in zip(scores, flags, strict=True):
            n = int(rng.integers(1, 4))
            seen.append(SeedScores(tuple(row[:n]), tuple(lost[:n])))
            running.add(seen[-1])
            assert running.value == pooled_sd(seen, 0.0, SD), "another σ̂"
    return {"checked": 20 * count}


def covered(rng, count, *, n):
    """How often the t interval of n normal seeds holds the true mean."""
    found = [t_interval(row) for row in rng.standard_normal((count, n)).tolist()]
    return {"t": sum(interval.low <= 0 <= interval.high for interval in found)}


def covered_by_bootstrap(rng, count, *, n):
    """The same of the percentile bootstrap, from all nⁿ resamples for n = 3, from 1,000 otherwise."""
    scores = rng.standard_normal((count, n))
    picks = np.array(list(product(range(n), repeat=n))) if n == 3 else rng.integers(0, n, (1000, n))
    means = scores[:, picks].mean(axis=-1)
    low, high = np.quantile(means, [0.025, 0.975], axis=1, method="inverted_cdf")
    return {"bootstrap": int(((low <= 0) & (high >= 0)).sum())}


def population(rng, count, *, items, n, accuracy, alike, spread):
    """Coverage of a population's mean by the `Population` interval, and by seeds alone.

    An item is right if a normal difficulty, of which the share `alike` is the item's own and the rest anew in
    each run, is below the run's ability: normal with sd `spread`. The population's mean is then known.
    """
    ability = stats.norm.ppf(accuracy) * np.sqrt(1 + spread**2)
    own = np.sqrt(alike) * rng.standard_normal((count, 1, items))
    anew = np.sqrt(1 - alike) * rng.standard_normal((count, n, items))
    level = ability + spread * rng.standard_normal((count, n, 1))
    both = alone = 0
    for scores in (own + anew < level).mean(axis=2).tolist():
        interval, seeds = population_interval(scores, items, 1 / items), t_interval(scores)
        both += interval.low <= accuracy <= interval.high
        alone += seeds.low <= accuracy <= seeds.high
    return {"population": both, "seeds alone": alone}


def balanced(rng, count, *, items, n, resamples=200):
    """The same for balanced accuracy over classes of 60, 30 and 10 %, v from item resamples of each run."""
    shares, ability = np.array([0.6, 0.3, 0.1]), np.array([1.3, 0.8, 0.4])
    truth = stats.norm.cdf(ability / np.sqrt(1.04)).mean()
    both = alone = 0
    for _ in range(count):
        classes = rng.choice(3, items, p=shares)
        difficulty = np.sqrt(0.5) * (rng.standard_normal(items) + rng.standard_normal((n, items)))
        right = difficulty < ability[classes] + 0.2 * rng.standard_normal((n, 1))
        scores, recorded = _balanced_scores(rng, classes, right, resamples)
        interval, seeds = population_interval(scores, items, 1 / items, recorded=recorded), t_interval(scores)
        both += interval.low <= truth <= interval.high
        alone += seeds.low <= truth <= seeds.high
    return {"population": both, "seeds alone": alone}


def _balanced_scores(rng, classes, right, resamples):
    """Each run's balanced accuracy and its item variance, M · Var over shared resamples of the items."""
    items = len(classes)
    weights = np.vstack([np.ones(items), rng.multinomial(items, np.full(items, 1 / items), resamples)])
    members = np.eye(3)[classes]
    hits = np.einsum("ri,ic,si->src", weights, members, right, optimize=True)
    values = (hits / np.maximum(weights @ members, 1)).mean(axis=-1)
    return values[:, 0].tolist(), (items * values[:, 1:].var(axis=1, ddof=1)).tolist()


def nominated(rng, count, *, noise=normal):
    """Searches in which ten candidates at the target are nominated, whatever they scored."""
    scores = SD * noise(rng, (count, 10, CONFIRM))
    false = sum(
        any(_passes(seeds, attempt_alpha(k, 0.95)) for k, seeds in enumerate(search, start=1))
        for search in scores.tolist()
    )
    return {"false": false}


def _passes(scores, alpha):
    return confirm(scores, alpha, 0.0, STEP)[-1].decision == "Achieved"


def confirmation(rng, count, *, margin=0.0):
    """First attempts at one margin in σ: how many are Achieved, and the seeds that they take."""
    scores = SD * (margin + rng.standard_normal((count, CONFIRM)))
    last = [confirm(row, ALPHA, 0.0, STEP)[-1] for row in scores.tolist()]
    return {"achieved": sum(x.decision == "Achieved" for x in last), "seeds": sum(x.n for x in last)}


def completion_order(rng, count):
    """First attempts at the target whose seeds are used as they complete: good seeds run shorter, −.5."""
    scores = rng.standard_normal((count, CONFIRM))
    times = -0.5 * scores + np.sqrt(0.75) * rng.standard_normal(scores.shape)
    in_order = np.take_along_axis(SD * scores, times.argsort(axis=1), axis=1)
    return {"achieved": sum(_passes(row, ALPHA) for row in in_order.tolist())}


def welch(rng, count, *, sizes, ratio):
    """Welch's test of two experiments with one mean and σ's of this ratio."""
    a, b = rng.standard_normal((count, sizes[0])), ratio * rng.standard_normal((count, sizes[1]))
    found = [difference(x, y, resolution=1e-6) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    return {"rejected": sum(each.p < 0.05 for each in found)}


def other_kinds(rng, count):
    """First attempts at the border of their null, for the kinds of claim beside the plain one."""
    base, scores = rng.normal(0.8, SD, (count, 10)), rng.normal(0.88, SD, (count, CONFIRM))
    pair = SD * rng.standard_normal((count, 2, CONFIRM)) + np.array([[[0.0], [0.02]]])
    items, hard = 400, rng.standard_normal((count, 1, 400))
    right = hard + rng.standard_normal((count, CONFIRM, 400)) < stats.norm.ppf(0.9) * np.sqrt(2)
    return {
        "relative": sum(
            confirm_relative(x, b, 1.1, ALPHA, STEP, CONFIRM)[-1].decision == "Achieved"
            for x, b in zip(scores.tolist(), base.tolist(), strict=True)
        ),
        "joint": sum(
            confirm_joint([_judge(one), _judge(other)], CONFIRM, LOOKS)[-1].decision == "Achieved"
            for one, other in pair.tolist()
        ),
        "population": sum(
            confirm_population(x, ALPHA, 0.9, 1 / items, items, CONFIRM)[-1].decision == "Achieved"
            for x in right.mean(axis=2).tolist()
        ),
    }


def _judge(scores):
    return lambda n: look(scores[:n], ALPHA, 0.0, STEP, LOOKS[-1])
