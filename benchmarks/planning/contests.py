"""The contest: every proposer on the same surfaces, for the same targets."""

import itertools
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from random import Random

from proposers import PROPOSERS, draw
from surfaces import CHANCE, Surface, drawn
from trials import Spent, Trial

from seedbed.api.dataset import Dataset
from seedbed.api.goal import GoalSpec, Seeds
from seedbed.api.objective import Objective
from seedbed.engine.rehearsal import Rules
from seedbed.planning.scope import Scope
from seedbed_runner.contract.records import Card

BUDGET = 200  # experiments: the most that a goal may have
DRAWS = 2000  # to find the target
BEYOND = 0.01  # how far beyond the target a good configuration is: what a nomination asks for at first
STEP = 1 / 2000  # of the metric

Row = tuple[int, str]  # rarity and proposer


@dataclass(frozen=True)
class Contest:
    """One surface."""

    number: int

    def run(self, rarities: Sequence[int], budget: int) -> dict[Row, Spent]:
        """What each proposer takes to a target that one in so many configurations is beyond."""
        card = _card(("image", "tabular")[self.number % 2])
        surface = drawn(card, Random(f"surface {self.number}"))
        means = self._means(surface, card)
        found = {}
        for rarity, (name, make) in itertools.product(rarities, PROPOSERS.items()):
            target = round(means[-DRAWS // rarity] - BEYOND, 4)
            trial = Trial(surface, Rules(target, 1.0, STEP, STEP), budget)
            noise = Random(f"noise {self.number}")
            found[rarity, name] = trial.run(make(self._goal(target), card), noise)
        return found

    def _means(self, surface: Surface, card: Card) -> list[float]:
        """True means of blind draws, in order; limits don't depend on a target."""
        random, scope = Random(f"draws {self.number}"), Scope(self._goal(0.9), card)
        settings = [draw(scope, random) for _ in range(DRAWS)]
        return sorted(CHANCE if surface.is_lost(each) else surface.mean(each) for each in settings)

    def _goal(self, target: float) -> GoalSpec:
        return GoalSpec(
            goal="Classify", dataset=Dataset(name="digits"),
            objective=Objective(metric="accuracy", target=target),
            seeds=Seeds(root=self.number),
        )  # fmt: skip


def run(pool: Executor, rarities: Sequence[int], searches: int, budget: int) -> dict[Row, list[Spent]]:
    """What each proposer took, in the order of the surfaces."""
    futures = [pool.submit(Contest(number).run, rarities, budget) for number in range(searches)]
    found = [future.result() for future in futures]
    return {row: [each[row] for each in found] for row in found[0]}


def _card(kind: str) -> Card:
    """About as large as scikit-learn's digits."""
    shape, train = {"image": [1, 8, 8], "tabular": [64]}[kind], 1079
    return Card.from_dict(
        {
            "key": "k", "name": kind, "title": kind, "kind": kind, "input_shape": shape, "classes": 10,
            "sizes": {"train": train, "validation": 359, "test": 359}, "chance": CHANCE, "imbalance": 1.0,
            "baselines": {}, "duplicates_removed": 0, "source_hash": "s", "data_hash": "d", "leakable": False,
            "versions": {},
        }
    )  # fmt: skip
