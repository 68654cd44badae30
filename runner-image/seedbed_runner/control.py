"""The shuffled-label control's labels: what `fetch` gives a Control run in place of the train labels.

A model that learns from permuted labels can know nothing of the scored split; one that scores nevertheless
has its knowledge from elsewhere. A plain permutation would let honest models score, too: in data with few
clusters its chance correlation with the truth makes a smooth model call whole clusters right (measured on two
Gaussian classes: .61 to .68 where chance is .5, by 4 of 12 linear models). So these leave luck little room:

- They are balanced: rows of each class get all labels in their shares, within one row, so that permuted and
  true labels are uncorrelated in the sample that is trained on.
- They come in antithetic pairs, of an even seed and the odd one after it: the labels of the two agree at as
  few rows as the classes' shares allow. What one lends an honest model by luck, the other takes from it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed_runner.contract.hashing import content_hash

Ints = NDArray[np.int64]
Labels = NDArray[Any]  # int64 classes, or float32 values


GROUPS = 20  # of a regression's values, by size: balanced like classes


def permute(labels: Labels, data_hash: str, seed: int) -> Labels:
    """The labels (rows) of a control run, drawn from the data's hash and its seed.

    What is trained on can't tell: dtype, order of rows and the count of each class are those of `labels`.
    The values of a regression change places as their groups of like size do.
    """
    if labels.dtype.kind != "f":
        return _permute_classes(labels, data_hash, seed)
    order = np.argsort(labels, kind="stable")
    groups = np.empty(len(labels), dtype=np.int64)
    groups[order] = np.arange(len(labels)) * min(GROUPS, len(labels)) // len(labels)
    given = np.argsort(_permute_classes(groups, data_hash, seed), kind="stable")
    shuffled = given[np.lexsort((_draw(data_hash, seed, len(labels)), groups[order]))]
    permuted = np.empty_like(labels)
    permuted[shuffled] = labels[order]
    return permuted


def _draw(data_hash: str, seed: int, rows: int) -> NDArray[np.float64]:
    digest = content_hash({"control": data_hash, "within": seed}).removeprefix("sha256:")
    return np.random.default_rng(int(digest, 16)).random(rows)


def _permute_classes(labels: Ints, data_hash: str, seed: int) -> Ints:
    pair, second = divmod(seed, 2)
    digest = content_hash({"control": data_hash, "pair": pair}).removeprefix("sha256:")
    shuffled = np.random.default_rng(int(digest, 16)).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    ordered = np.sort(labels)
    permuted = np.empty_like(labels)
    permuted[by_class] = ordered[np.argsort(_places(ordered), kind="stable")]
    return _antithesis(permuted, labels) if second else permuted


def _antithesis(permuted: Ints, labels: Ints) -> Ints:
    """The labels half the rows further on in their sorted order: others, where no class has half of them."""
    cells = (
        permuted * (labels.max() + 1) + labels
    )  # within a permuted class the true ones stay in their shares
    order = np.lexsort((_places(cells), permuted))
    rolled = np.empty_like(permuted)
    rolled[order] = np.roll(np.sort(labels), -(len(labels) // 2))
    return rolled


def _places(groups: Ints) -> NDArray[np.float64]:
    """Each row's place within its group, in order and evenly over 0 to 1: sorted by it, groups interleave."""
    counts, order = np.bincount(groups), np.argsort(groups, kind="stable")
    rank = np.arange(len(groups)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.empty(len(groups))
    places[order] = (rank + 0.5) / counts[groups[order]]
    return places
