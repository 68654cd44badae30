"""Goals as the engine leaves them, built by hand: achieved, not achieved in every way, and under way."""

from seedbed.api import Experiment, ResearchGoal
from seedbed_runner.contract.records import RunResult

DATA_HASH = "sha256:" + "da" * 32
FINGERPRINT = {"torch": "2.13.0", "threads": "1", "cpu_capability": "AVX512"}
LAYERS = [{"type": "Flatten"}, {"type": "Linear", "out_features": "classes"}]


def line(index, scores, outcome="Dropped", diverged=None, **update):
    n = len(scores)
    mean = sum(scores) / n if n else None
    sd = (sum((x - mean) ** 2 for x in scores) / (n - 1)) ** 0.5 if n > 1 else None
    return {
        "index": index, "name": f"digits-e{index:03d}", "outcome": outcome, "scores": scores,
        "diverged": diverged or [False] * n, "mean": mean, "sd": sd, "n": n, "parameters": 12345, "runs": n,
        "seconds": 2.5 * n,
    } | update  # fmt: skip


ATTEMPT = {
    "attempt": 1, "index": 3, "experiment": "digits-c1", "alpha": 0.0304, "target": 0.97,
    "outcome": "Achieved",
    "looks": [
        {"n": 4, "mean": 0.979, "sd": 0.004, "statistic": 4.5, "critical": 5.023, "bound": 0.96895,
         "decision": "Continue"},
        {"n": 6, "mean": 0.9785, "sd": 0.004, "statistic": 5.205, "critical": 3.621, "bound": 0.97259,
         "decision": "Achieved"},
    ],
    "scores": [0.9801, 0.9742, 0.9833, 0.9784, 0.9765, 0.9785], "runs": 6, "seconds": 18.0,
}  # fmt: skip
CLAIM = {
    "statement": "accuracy on digits reaches 0.97: shown", "estimand": "Benchmark", "metric": "accuracy",
    "target": 0.97, "attempt": 1, "experiment": "digits-c1", "index": 3, "n": 6, "mean": 0.9785, "sd": 0.004,
    "bound": 0.97259, "low": 0.97236, "high": 0.98464, "alpha": 0.0304, "alphaSpent": 0.0304,
    "confidence": 0.95, "diverged": 0, "divergenceBound": 0.393, "validationMean": 0.9811, "gap": 0.0026,
    "assurance": "trusted-code",
}  # fmt: skip
DATASET = {
    "key": "0123456789abcdef", "dataHash": DATA_HASH, "sourceHash": "sha256:" + "50" * 32,
    "sizes": {"train": 1078, "validation": 359, "test": 360}, "chance": 0.1,
    "baselines": {"majority": 0.1, "linear": 0.9417},
}  # fmt: skip
LINES = [
    line(1, [0.9312]),
    line(2, [], "Failed", reason="Crash", message="IndexError: a|b\nsecond line"),
    line(3, [0.9799, 0.9823], "Confirmed"),
]
BEST = {
    "index": 3,
    "experiment": "digits-e003",
    "mean": 0.9811,
    "sd": 0.0017,
    "n": 2,
    "low": 0.9659,
    "high": 0.9963,
}


def build_goal(status=None, **spec):
    body = {"goal": "Classify digits", "dataset": {"name": "digits"}, "objective": {"target": 0.97}} | spec
    body["objective"] = {"metric": "accuracy"} | body["objective"]
    document = {"metadata": {"name": "digits", "uid": "u1"}, "spec": body, "status": status or {}}
    return ResearchGoal.model_validate(document)


def condition(kind, truth, reason, message):
    time = "2026-01-31T12:00:00.000Z"
    return {"type": kind, "status": truth, "reason": reason, "message": message, "lastTransitionTime": time}


def verdict(kind, reason, message="in words"):
    return {"verdict": kind, "reason": reason, "message": message}


def build_experiment(name, seeds, phase="Completed", runs=(), **spec):
    body = {
        "goal": "digits",
        "dataset": {"name": "digits"},
        "model": {"layers": LAYERS},
        "seeds": seeds,
    } | spec
    status = {"phase": phase, "runs": list(runs)}
    return Experiment.model_validate({"metadata": {"name": name}, "spec": body, "status": status})


def result(experiment, seed, score, **update):
    values = {
        "run_uid": f"{experiment}/{seed}", "experiment": experiment, "experiment_hash": "sha256:" + "e" * 64,
        "seed": seed, "attempt": 1, "purpose": "Explore", "split": "validation", "outcome": "Scored",
        "metric": "accuracy", "data_hash": DATA_HASH, "assurance": "trusted-code", "started_at": 0.0,
        "finished_at": 3.0, "score": score, "confusion": [[5, 1], [0, 6]], "parameters": 12345, "items": 12,
        "train_seconds": 2.5, "fingerprint": FINGERPRINT, "hashes": {"predictions": "sha256:" + "ab" * 32},
    }  # fmt: skip
    return RunResult(**(values | update))


ACHIEVED = {
    "phase": "Achieved", "dataset": DATASET, "experiments": LINES, "attempts": [ATTEMPT], "best": BEST,
    "claim": CLAIM, "verdict": verdict("Achieved", "Confirmed", CLAIM["statement"]),
    "startTime": "2026-01-31T12:00:00.000Z", "finishTime": "2026-01-31T12:03:20.000Z",
    "counts": {"experiments": 3, "dropped": 1, "failed": 1, "confirmations": 1, "runs": 9},
    "budget": {
        "used": {"experiments": 5, "confirmations": 1, "failures": 1}, "reserved": {"confirmations": 1},
    },
}  # fmt: skip
