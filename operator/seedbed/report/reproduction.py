"""What running a goal again needs, and what its numbers depended on: called by `build`."""

from collections.abc import Mapping, Sequence

import yaml

from seedbed.api import ResearchGoal
from seedbed.engine.naming import SEEDS_PER_ATTEMPT, confirmation_seeds, exploration_seeds
from seedbed.report.content import Fact
from seedbed.report.tables import fingerprint_key
from seedbed.report.text import clean
from seedbed_runner.contract.records import Card, RunResult


def fingerprints(results: Mapping[str, Sequence[RunResult]]) -> dict[str, tuple[str, tuple[Fact, ...]]]:
    """A letter and the content of each distinct fingerprint, by its key."""
    found: dict[str, tuple[str, tuple[Fact, ...]]] = {}
    for name in sorted(results):
        for result in results[name]:
            key = fingerprint_key(result)
            if key and key not in found:
                facts = tuple(
                    Fact(clean(k, 60), clean(v, 120)) for k, v in sorted(result.fingerprint.items())
                )
                found[key] = (_letter(len(found)), facts)
    return found


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"F{number + 1}"


def again(
    goal: ResearchGoal, card: Card | None, results: Mapping[str, Sequence[RunResult]]
) -> tuple[Fact, ...]:
    """What running it again needs, and what it must give."""
    spec = goal.spec.seeds
    explored, confirmed = (
        exploration_seeds(spec.root, spec.explore),
        confirmation_seeds(spec.root, 1, spec.confirm),
    )
    seeds = (
        f"root {spec.root}: explorations use {', '.join(map(str, explored))}; the first attempt uses "
        f"{confirmed[0]} to {confirmed[-1]}, each further one begins {SEEDS_PER_ATTEMPT:,} higher"
    )
    facts = [Fact("Command", f"research-agent run {goal.metadata.name}.yaml"), Fact("Seeds", seeds)]
    if goal.status.dataset is not None:
        facts.append(Fact("Data hash", goal.status.dataset.data_hash))
    if card is not None and card.versions:
        facts.append(Fact("Prepared with", ", ".join(f"{k} {v}" for k, v in sorted(card.versions.items()))))
    if images := sorted({each.image for runs in results.values() for each in runs if each.image}):
        facts.append(Fact("Image", ", ".join(map(clean, images))))
    same = "with an equal fingerprint every score comes out the same to the last bit"
    return (*facts, Fact("Expect", f"the same search and verdict; {same}"))


def manifest(goal: ResearchGoal) -> str:
    """The goal as a manifest, every default written out."""
    document = {
        "apiVersion": goal.api_version,
        "kind": goal.kind,
        "metadata": {"name": goal.metadata.name},
        "spec": goal.spec.document(),
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
