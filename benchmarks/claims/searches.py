"""Whole searches: the engine's rules, and beside them on the same scores the rules that people use.

Ours is `rehearsal.rehearse`, which calls the engine's drops, nomination, σ̂ and confirmation. The naive rules
are no part of the engine; they are computed for all searches at once, and `checks` holds them to the engine's
`t_interval`, score by score.
"""

import numpy as np
from scipy import stats
from scores import CANDIDATES

from seedbed.engine.intervals import t_interval
from seedbed.engine.rehearsal import Candidate, Rules, rehearse

NAIVE, BONFERRONI = 5, 8


def simulate(rng, count, *, world, rules: Rules, rivals: bool = True):
    """`count` searches in one world: how many were Achieved, by which rule, and what they spent."""
    drawn = world.draw(rng, count)
    ours = [rehearse(rules, search) for search in _searches(drawn)]
    sums = {
        "achieved": sum(done.winner is not None for done in ours),
        "seeds": [done.seeds for done in ours],
        "explored": sum(done.explored for done in ours),
        "candidates": sum(len(done.outcomes) for done in ours),
        "attempts": sum(len(done.attempts) for done in ours),
    }
    if rivals:
        for name, (passes, seeds) in rival_rules(drawn.test - rules.target).items():
            sums[name] = int(passes.any(axis=1).sum())
            sums[f"{name} seeds"] = _spent(passes, seeds)
    return sums


def _searches(drawn):
    """The drawn scores as candidates, with Python's own floats."""
    for validation, test, diverged in zip(*(each.tolist() for each in drawn), strict=True):
        yield [Candidate(*scores) for scores in zip(validation, test, diverged, strict=True)]


def rival_rules(margins):
    """By rule: which candidates pass (searches × candidates), and the seeds that each candidate takes."""
    lower = {n: lower_bound(margins[..., :n], 0.975) for n in range(2, NAIVE + 1)}
    peeking = np.stack([lower[n] > 0 for n in range(2, NAIVE + 1)], axis=-1)
    stops = np.where(peeking.any(axis=-1), peeking.argmax(axis=-1) + 2, NAIVE)
    strict = lower_bound(margins[..., :BONFERRONI], 1 - 0.05 / CANDIDATES)
    return {
        "naive": (lower[NAIVE] > 0, np.full(stops.shape, NAIVE)),
        "peeking": (peeking.any(axis=-1), stops),
        "bonferroni": (strict > 0, np.full(stops.shape, BONFERRONI)),
    }


def lower_bound(scores, probability):
    """x̄ − t·s/√n over the last axis."""
    n = scores.shape[-1]
    half = stats.t.ppf(probability, n - 1) * scores.std(axis=-1, ddof=1) / np.sqrt(n)
    return scores.mean(axis=-1) - half


def _spent(passes, seeds):
    """Seeds of each search up to the first candidate that passes."""
    stop = np.where(passes.any(axis=1), passes.argmax(axis=1), CANDIDATES - 1)
    return np.take_along_axis(seeds.cumsum(axis=1), stop[:, None], axis=1)[:, 0].tolist()


def check_naive(rng, count):
    """The naive bound is the engine's interval's, for every number of seeds that the rules use."""
    for n in range(2, NAIVE + 1):
        scores = rng.normal(0.9, 0.01, (count, n))
        engine = [t_interval(row).low for row in scores.tolist()]
        assert np.allclose(lower_bound(scores, 0.975), engine, rtol=0, atol=1e-12), "another naive rule"
    return {"checked": (NAIVE - 1) * count}
