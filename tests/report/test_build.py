"""The plain values of a report, against numbers taken from tables or worked out by hand."""

import pytest

from report.goals import ATTEMPT, DATA_HASH, FINGERPRINT, build_experiment, build_goal, line, result
from seedbed.api.documents import parse_manifest
from seedbed.report import build_report


@pytest.fixture
def report(achieved):
    return build_report(**achieved)


def test_every_settled_experiment_has_its_row(report):
    assert [(row.index, row.outcome, row.n) for row in report.experiments] == [
        (1, "dropped", 1), (2, "failed", 0), (3, "confirmed", 2),
    ]  # fmt: skip


def test_an_interval_from_the_table_of_t(report):
    row = report.experiments[2]
    half = 12.7062 * 0.0012  # t(.975; 1) times s / sqrt(2), where s / sqrt(2) is half the distance of the two
    assert (row.low, row.high) == pytest.approx((0.9811 - half, 0.9811 + half), abs=1e-6)
    assert row.note == "too few to decide"
    assert row.rate_bound == pytest.approx(0.7764, abs=1e-4)  # 1 - sqrt(.05)


def test_the_difference_from_the_parent(report):
    assert report.experiments[2].difference == pytest.approx(0.9811 - 0.9312)
    assert report.experiments[0].difference is None


def test_words_come_from_the_proposal_before_the_experiment(report):
    assert report.experiments[2].hypothesis == "wider <b>helps</b> | or *not*"
    assert report.experiments[1].why.startswith("IndexError: a|b second line")


def test_seeds_of_experiments_that_are_gone_are_known(report):
    assert report.experiments[0].seeds == (0,)
    assert report.attempts[0].seeds == tuple(range(1000, 1006))
    assert report.attempts[0].scores == tuple(ATTEMPT["scores"])


def test_a_diverged_seed_keeps_its_score_and_leaves_the_interval():
    goal = build_goal(
        {"experiments": [line(1, [0.1, 0.97, 0.98, 0.99], "Dropped", [True, False, False, False])]}
    )
    (row,) = build_report(goal).experiments
    assert row.mean == pytest.approx(0.76)
    half = 4.302653 * 0.01 / 3**0.5  # t(.975; 2), over the three that converged
    assert (row.low, row.high) == pytest.approx((0.98 - half, 0.98 + half), abs=1e-6)
    assert row.rate_bound == pytest.approx(0.7514, abs=1e-4)  # Clopper-Pearson, 1 of 4
    assert row.note == ""


@pytest.mark.parametrize(
    ("scores", "diverged", "note"),
    [([0.1], [True], "none converged"),
     ([0.9], [False], "one seed"), ([], [], ""), ([0.9, 0.1], [False, True], "1 converged"),
     ([0.9, 0.91, 0.1], [False, False, True], "too few to decide")],
)  # fmt: skip
def test_what_stands_in_an_intervals_place(scores, diverged, note):
    (row,) = build_report(build_goal({"experiments": [line(1, scores, "Failed", diverged)]})).experiments
    assert row.note == note


def test_superseded_experiments_are_a_remark_only(report):
    assert not [row for row in report.experiments if row.index == 4]
    assert (
        "1 experiment (1 run, 4.0 s) had begun when the goal was decided; they are no part of the search."
        in report.remarks
    )


def test_experiments_under_way_are_shown():
    runs = [
        {"seed": 0, "attempt": 1, "phase": "Scored", "score": 0.9},
        {"seed": 1, "attempt": 1, "phase": "Running"},
    ]
    running = build_experiment("digits-e001", [0, 1], "Running", runs, index=1)
    (row,) = build_report(build_goal({"phase": "Searching"}), [running]).experiments
    assert (row.outcome, row.why, row.scores, row.seeds) == ("running", "", (0.9,), (0,))


def test_the_confusion_matrix_is_the_sum_over_the_claims_runs(report):
    assert report.confusion.experiment == "digits-c1" and report.confusion.split == "test"
    assert report.confusion.counts == ((30, 6), (0, 36)) and report.confusion.runs == 6
    assert report.confusion.worst == ((0, 1, 6),)


def test_curves_are_read_with_suspicion(report):
    assert [(curve.seed, curve.loss) for curve in report.curves] == [(1000, (2.0, 0.5, 0.02))]


FORGED = [None, [], "x", *({"train_loss": [value]} for value in (None, True, "1", float("inf")))]


@pytest.mark.parametrize("forged", FORGED)
def test_forged_diagnostics_draw_nothing(achieved, forged):
    assert build_report(**(achieved | {"diagnostics": {"digits-c1": {1000: forged}}})).curves == ()


def test_every_record_leads_to_its_run(report):
    assert [(run.experiment, run.seed) for run in report.runs][-3:] == [
        ("digits-e002", 0), ("digits-e003", 0), ("digits-e003", 1),
    ]  # fmt: skip
    assert {run.data_hash for run in report.runs} == {DATA_HASH}
    assert {run.fingerprint for run in report.runs} == {"A"}
    ((letter, facts),) = report.fingerprints
    assert letter == "A" and {fact.label: fact.text for fact in facts} == FINGERPRINT


def test_different_fingerprints_are_told_apart(achieved):
    other = result("digits-e003", 0, 0.9799, fingerprint=FINGERPRINT | {"threads": "2"})
    report = build_report(
        **(achieved | {"results": {"digits-e003": [other, result("digits-e003", 1, 0.98)]}})
    )
    assert [run.fingerprint for run in report.runs] == ["A", "B"]
    assert any("different fingerprints" in remark for remark in report.remarks)


def test_the_manifest_runs_again(report, achieved):
    (again,) = parse_manifest(report.manifest.encode(), "embedded")
    assert again.spec == achieved["goal"].spec


def test_effort(report):
    assert {fact.label: fact.text for fact in report.effort} == {
        "Exploration": "3 runs of 3 experiments, 7.5 s",
        "Confirmation": "6 runs in 1 attempt, 18 s",
        "This claim cost": "9 seeds, 26 s of running time, search and failed attempts included",
        "From start to verdict": "3 min 20 s",
    }


def test_budget_shares(report):
    rows = {row.what: row for row in report.budget}
    assert list(rows) == ["experiments", "confirmations", "failures"]
    assert (rows["confirmations"].used_share, rows["confirmations"].reserved_share) == (0.2, 0.2)
    assert (rows["experiments"].used, rows["experiments"].limit) == ("5", "20")


def test_gpu_hours_are_shown_where_there_are_gpus():
    goal = build_goal({"budget": {"used": {"gpuHours": 1.25}}}, resources={"gpus": 1})
    assert [row.used for row in build_report(goal).budget if row.what == "GPU hours"] == ["1.25"]


def test_a_target_that_a_baseline_meets_is_said(achieved):
    easy = build_goal(achieved["goal"].status.document(), objective={"target": 0.94})
    assert any(
        "met on validation already by the linear baseline" in remark for remark in build_report(easy).remarks
    )


def test_nothing_but_a_manifest():
    report = build_report(build_goal())
    assert report.experiments == report.attempts == report.runs == report.curves == ()
    assert report.confusion is None and report.heading.verdict == "Not finished"
