"""From a goal and what is kept of it to the plain values of a report; unfinished and failed goals too."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.asked import asked
from seedbed.engine.ledger import Entry
from seedbed.planning.contract import Proposal
from seedbed.planning.llm.entries import Journal
from seedbed.report import reproduction, tables, verdicts
from seedbed.report.advice import next_steps
from seedbed.report.classes import confusion
from seedbed.report.content import Baseline, Curve, Fact, Report
from seedbed.report.testset import usage_facts
from seedbed.report.text import clean, count, duration
from seedbed.report.thought import thoughts
from seedbed_runner.contract.diagnostics import MAX_EPOCHS, is_finite
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.contract.records import Card, RunResult


def build_report(
    goal: ResearchGoal,
    experiments: Sequence[Experiment] = (),
    proposals: Mapping[int, Proposal] | None = None,
    results: Mapping[str, Sequence[RunResult]] | None = None,
    diagnostics: Mapping[str, Mapping[int, Any]] | None = None,
    card: Card | None = None,
    limits: str | None = None,
    resume: str | None = None,
    ledger: Sequence[Entry] = (),
    journal: Journal | None = None,
) -> Report:
    """Everything that a report says about one goal.

    Args:
        goal: with its status.
        experiments: those of the goal that still exist.
        proposals: by the experiment's index.
        results: records of runs, by the experiment's name.
        diagnostics: what runs reported of themselves, by the experiment's name and the seed.
        card: of the prepared dataset, once there is one.
        limits: what of this was out of reach, in a sentence.
        resume: the command that goes on with the goal where it is kept.
        ledger: what is entered of the source of the goal's data.
        journal: the calls to the planning LLM.
    """
    results, spec, journal = results or {}, goal.spec, journal or Journal()
    rows = tables.experiment_rows(goal, experiments, proposals or {})
    fingerprints = reproduction.fingerprints(results)
    letters = {key: letter for key, (letter, _) in fingerprints.items()}
    shown = _candidate(goal)
    return Report(
        name=goal.metadata.name,
        goal=clean(spec.goal, 2000),
        metric=_metric(goal),
        asked=clean(asked(goal), 400),
        direction=goal.objective.direction,
        target=goal.target,
        confidence=goal.objective.confidence,
        heading=verdicts.heading(goal),
        evidence=verdicts.evidence(goal),
        next_steps=next_steps(goal, card, resume or f"research-agent resume {goal.metadata.name}"),
        data=_data(goal, card),
        baselines=_baselines(goal),
        experiments=rows,
        best=goal.status.best.index if goal.status.best else None,
        thoughts=thoughts(rows, proposals or {}, journal if spec.planner.type == "LLM" else None),
        attempts=tables.attempt_rows(goal, experiments),
        test_set=usage_facts(goal, ledger),
        confusion=confusion(shown, results, card),
        curves=_curves(shown, diagnostics or {}),
        budget=tables.budget_rows(goal),
        effort=_effort(goal),
        remarks=(
            *([limits] if limits else []),
            *(clean(f"The journal: {sentence}", 400) for sentence in journal.damaged),
            *_remarks(goal, experiments, len(fingerprints)),
        ),
        again=reproduction.again(goal, card, results),
        manifest=reproduction.manifest(goal),
        fingerprints=tuple(fingerprints.values()),
        runs=tables.run_rows(results, letters),
    )


def _candidate(goal: ResearchGoal) -> list[str]:
    """The experiments of the candidate that is shown closely, the one to prefer first."""
    status = goal.status
    if status.claim is not None:
        line = next((line.name for line in status.experiments if line.index == status.claim.index), None)
        return [status.claim.experiment, *([line] if line else [])]
    return [status.best.experiment] if status.best else []


def _metric(goal: ResearchGoal) -> str:
    """What is judged, for people."""
    name = goal.objective.named_metric
    return METRICS[name].title if name else "The data's own metric, not known yet"


def _baselines(goal: ResearchGoal) -> tuple[Baseline, ...]:
    scores = goal.status.dataset.baselines if goal.status.dataset else {}
    target = goal.target
    return tuple(
        Baseline(
            clean(name, 40),
            score,
            target is not None and METRICS[goal.objective.metric].reaches(score, target),
        )
        for name, score in scores.items()
    )


def _data(goal: ResearchGoal, card: Card | None) -> tuple[Fact, ...]:
    """What the data are, as far as it is known."""
    split = goal.spec.dataset.split
    drawn = f"split seed {split.seed}{', stratified' if split.stratify else ''}"
    if card is None:
        return _data_in_status(goal, drawn)
    shape = " × ".join(map(str, card.input_shape))
    sizes = ", ".join(f"{name} {card.sizes[name]:,}" for name in ("train", "validation", "test"))
    classes = f"{card.classes} classes" if card.task == "classification" else "a regression"
    facts = [
        Fact("Dataset", f"{clean(card.title, 120)} ({card.name}): {card.kind}, {shape}, {classes}"),
        Fact("Items", f"{sizes}; {drawn}; {count(card.duplicates_removed, 'duplicate')} removed"),
    ]
    if card.task == "classification":
        balance = f"chance {card.chance:.4f}; the largest class is {card.imbalance:.3g} × the smallest"
        facts.append(Fact("Balance", balance))
    facts += [Fact("Note", clean(note, 300)) for note in card.notes]
    if card.provenance:
        facts.append(Fact("Source", _source(card.provenance)))
    if card.bayes_accuracy is not None:
        facts.append(Fact("Best possible accuracy", f"{card.bayes_accuracy:g} on the distribution"))
    if goal.objective.ceiling is not None:
        facts.append(Fact("Declared ceiling", f"{goal.objective.ceiling:g}: no model can be better"))
    if shared := sum(card.overlap.values()):
        facts.append(Fact("Rows in two splits", f"{shared}: {card.overlap}"))
    if card.leakable:
        facts.append(Fact("Leakable", "bundled with a library: a trainer could have a copy of its own"))
    return (*facts, Fact("Data hash", card.data_hash), Fact("Source hash", card.source_hash))


def _source(provenance: dict[str, Any]) -> str:
    """Where the data come from, in a line."""
    parts = [provenance.get("origin"), provenance.get("revision"), provenance.get("licence")]
    return ", ".join(clean(str(part), 200) for part in parts if part)


def _data_in_status(goal: ResearchGoal, drawn: str) -> tuple[Fact, ...]:
    """The same without the card."""
    name, known = goal.spec.dataset.name, goal.status.dataset
    if known is None:
        return (Fact("Dataset", f"{name}, {drawn}; not prepared yet"),)
    sizes = ", ".join(f"{split} {size:,}" for split, size in known.sizes.items())
    return (
        Fact("Dataset", name),
        Fact("Items", f"{sizes}; {drawn}"),
        Fact("Balance", f"chance {known.chance:.4f}"),
        Fact("Data hash", known.data_hash),
        Fact("Source hash", known.source_hash),
    )


def _curves(names: list[str], diagnostics: Mapping[str, Mapping[int, Any]]) -> tuple[Curve, ...]:
    """Training losses of these experiments' runs. What a run says of itself may be anything: checked here."""
    found = []
    for name in names:
        for seed, reported in sorted(diagnostics.get(name, {}).items()):
            loss = reported.get("train_loss") if isinstance(reported, dict) else None
            if isinstance(loss, list) and 0 < len(loss) <= MAX_EPOCHS and all(map(is_finite, loss)):
                found.append(Curve(name, seed, tuple(map(float, loss))))
    return tuple(found)


def _effort(goal: ResearchGoal) -> tuple[Fact, ...]:
    """Seeds and time, of the search and of the claim."""
    status = goal.status
    lines, attempts, checks = status.experiments, status.attempts, status.integrity
    explored, confirmed = sum(line.runs for line in lines), sum(each.runs for each in attempts)
    seconds = sum(line.seconds for line in lines), sum(each.seconds for each in attempts)
    gpu = sum(line.gpu_seconds for line in lines) + sum(each.gpu_seconds for each in attempts)
    gpu += sum(check.gpu_seconds for check in checks)
    facts = [
        Fact(
            "Exploration",
            f"{count(explored, 'run')} of {count(len(lines), 'experiment')}, {duration(seconds[0])}",
        ),
        Fact(
            "Confirmation",
            f"{count(confirmed, 'run')} in {count(len(attempts), 'attempt')}, {duration(seconds[1])}",
        ),
    ]
    controls, took = sum(check.runs for check in checks), sum(check.seconds for check in checks)
    if controls:
        facts.append(Fact("Control", f"{count(controls, 'run')} on permuted labels, {duration(took)}"))
    if gpu:
        facts.append(Fact("GPU time", duration(gpu)))
    if status.claim is not None:
        spent = explored + confirmed + controls
        whole = f"{count(spent, 'seed')}, {duration(sum(seconds) + took)} of running time"
        facts.append(Fact("This claim cost", f"{whole}, search and failed attempts included"))
    if status.start_time and status.finish_time:
        passed = datetime.fromisoformat(status.finish_time) - datetime.fromisoformat(status.start_time)
        pauses = f", {duration(status.paused_seconds)} of it paused" if status.paused_seconds else ""
        facts.append(Fact("From start to verdict", f"{duration(passed.total_seconds())}{pauses}"))
    return tuple(facts)


def _remarks(goal: ResearchGoal, experiments: Sequence[Experiment], fingerprints: int) -> tuple[str, ...]:
    remarks = []
    if met := [each.name for each in _baselines(goal) if each.meets_target]:
        remarks.append(
            f"The target is met on validation already by the {' and the '.join(met)} baseline: "
            "this goal does not need a neural network."
        )
    beyond = [each for each in experiments if each.status.phase == "Superseded"]
    runs = [run for each in beyond for run in each.status.runs if run.attempt]
    if beyond:
        spent = duration(sum(run.seconds + run.spent_seconds for run in runs))
        remarks.append(
            f"{count(len(beyond), 'experiment')} ({count(len(runs), 'run')}, {spent}) had begun when "
            "the goal was decided; they are no part of the search."
        )
    if fingerprints > 1:
        remarks.append(
            "The runs have different fingerprints: between those, equal seeds may give other bits."
        )
    return tuple(remarks)
