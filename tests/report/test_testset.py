import pytest

from fakes.entries import entry
from report.goals import ACHIEVED, DATA_HASH, DATASET, build_goal
from seedbed.report import build_report, render_html, render_markdown
from seedbed.report.testset import usage_facts

SOURCE = DATASET["sourceHash"]
GOAL = build_goal(ACHIEVED)
OWNER = f"{GOAL.metadata.name}-{GOAL.metadata.uid}"


def made(begun=4, scored=None, **update):
    update = {"source_hash": SOURCE, "data_hash": DATA_HASH} | update
    return entry(begun, scored, **update)


OWN = [made(6, 6, owner=OWNER, goal="digits", alpha=0.0304)]


def facts(ledger):
    return {fact.label: fact.text for fact in usage_facts(GOAL, ledger)}


def test_a_goal_that_was_alone():
    assert facts(OWN) == {
        "This goal": "6 evaluations of 1 configuration in 1 attempt, α 0.0304",
        "Others on this test split": "none",
    }


def test_others_on_the_split_and_other_splits():
    wider = "sha256:bb" + "0" * 62
    others = [
        made(4, 4, owner="other-1", goal="other"),
        made(9, None, owner="other-1", goal="other", experiment="other-c2", configuration=wider, alpha=0.01),
        made(1, 1, owner="mine-1", goal=None, attempt=None, experiment="mine", alpha=0.0),
        made(5, 5, owner="seeds-1", goal="seeds", data_hash="sha256:" + "5" * 64, split="seed 7"),
    ]
    said = facts(OWN + others)
    assert said["Others on this test split"] == (
        "5 to 14 evaluations of 2 configurations in 2 attempts, α 0.0400, by other, mine"
    )
    assert said["On this test split in all"] == (
        "11 to 20 evaluations of 2 configurations in 3 attempts, α 0.0704"
    )
    assert said["Other splits of the same source"].startswith("1 split tried: ")
    assert said["Split with seed 7"].endswith("in 1 attempt, α 0.0300, by seeds")
    assert "unseen" in said["Keep in mind"]


def test_a_split_that_this_goal_has_not_used():
    said = facts([made(1, 1, owner="mine-1", goal=None, attempt=None, experiment="mine", alpha=0.0)])
    assert said["This goal"] == "no run on the test split"
    assert said["Others on this test split"] == "1 evaluation of 1 configuration, α 0.0000, by mine"
    assert "On this test split in all" not in said


def test_what_is_printed_is_bounded():
    crowd = [made(4, 4, owner=f"g{i:03d}-1", goal=f"g{i:03d}") for i in range(200)]
    splits = [
        made(4, 4, owner=f"s{i}-1", data_hash=f"sha256:{i:064d}", split=f"seed {i}", at=i) for i in range(50)
    ]
    told = usage_facts(GOAL, OWN + crowd + splits)
    assert len(told) == 11 and max(len(fact.text) for fact in told) < 160
    said = {fact.label: fact.text for fact in told}
    assert said["Others on this test split"].endswith("by g000, g001, g002, g003 and 196 more")
    assert "Split with seed 49" in said and said["Earlier splits"].startswith("45 more")


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_it_is_in_the_report_once_it_is_known(achieved, render):
    assert "used for" not in render(build_report(**achieved))
    with_it = render(build_report(**achieved, ledger=OWN))
    assert "What the test split was used for" in with_it
    assert "6 evaluations of 1 configuration in 1 attempt" in with_it


def test_a_goal_without_data_says_nothing():
    assert usage_facts(build_goal(), OWN) == () == usage_facts(GOAL, [])
