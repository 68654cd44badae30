import numpy as np
import pytest

from seedbed_runner.data import load
from seedbed_runner.data.synthetic_text import TELLING, bayes_accuracy, solve_probability

SPLIT = {"seed": 0, "test": 0.2, "validation": 0.2, "stratify": True}


def asked(**more):
    synthetic = {
        "kind": "text", "samples": 300, "classes": 3, "features": 16, "size": 8, "bayesAccuracy": 0.9,
        "seed": 0,
    }  # fmt: skip
    return {"name": "synthetic", "split": SPLIT, "synthetic": synthetic | more}


def test_the_bayes_accuracy_by_hand():
    """Two classes and an odd number of words: the majority of a binomial, without ties."""
    from scipy.stats import binom

    assert TELLING % 2 == 1
    assert bayes_accuracy(0.7, 2) == pytest.approx(binom.sf(TELLING // 2, TELLING, 0.7))
    assert bayes_accuracy(0.25, 4) == pytest.approx(0.25)
    assert bayes_accuracy(1.0, 4) == pytest.approx(1.0)


@pytest.mark.parametrize(("accuracy", "classes"), [(0.6, 2), (0.9, 3), (0.97, 7), (0.8, 40)])
def test_the_bayes_accuracy_is_what_the_best_classifier_gets(accuracy, classes):
    random = np.random.default_rng(1)
    own = solve_probability(accuracy, classes)
    chances = np.full(classes, (1 - own) / (classes - 1))
    chances[0] = own
    counts = random.multinomial(TELLING, chances, size=40_000) + random.random((40_000, classes)) / 2
    assert (counts.argmax(axis=1) == 0).mean() == pytest.approx(accuracy, abs=0.008)


def test_the_same_seed_draws_the_same_rows_and_another_others():
    one, same, other = (load(asked(seed=seed)) for seed in (0, 0, 1))
    assert one.inputs.columns == same.inputs.columns
    assert one.inputs.columns != other.inputs.columns
    assert (one.kind, one.classes, one.bayes_accuracy) == ("text", 3, 0.9)
    assert np.bincount(one.labels).tolist() == [100, 100, 100]
    assert len(set(one.inputs.digests())) == 300


def test_counting_a_class_words_reaches_the_bayes_accuracy():
    """What tells of a class is found from the texts alone: the words that go with it in half of the rows."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB

    drawn = load(asked(samples=6000))
    counts = CountVectorizer().fit_transform(drawn.inputs.columns[0])
    model = MultinomialNB().fit(counts[:4000], drawn.labels[:4000])
    assert model.score(counts[4000:], drawn.labels[4000:]) == pytest.approx(0.9, abs=0.03)
