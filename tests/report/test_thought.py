"""The line of thought: what was believed, changed, expected, what came out, and how the proposal came."""

import pytest

from fakes.recorded import CALLS, EVIL, PROPOSALS, planned_goal
from report.goals import ACHIEVED, build_goal, line
from report.test_render import Page
from seedbed.planning.llm.entries import Journal
from seedbed.report import build_report, render_html, render_markdown
from seedbed.report.text import clean


@pytest.fixture(scope="module")
def planned():
    return build_report(planned_goal(), proposals=PROPOSALS, journal=Journal(tuple(CALLS)))


def test_a_paragraph_an_experiment_and_one_for_what_was_asked_in_vain(planned):
    assert [each.index for each in planned.thoughts] == [1, 2, 3, 4, 5, 6]
    last = planned.thoughts[-1]
    assert (last.name, last.outcome, last.believed) == ("", "no experiment", "")
    assert last.origin.startswith(
        "the model stopped the search: nothing more is worth trying (1 call, 1,500 "
    )


def test_a_proposal_that_was_superseded_is_told():
    report = build_report(planned_goal(experiments=[]), proposals=PROPOSALS, journal=Journal(tuple(CALLS)))
    third = report.thoughts[2]
    assert (third.outcome, third.believed) == ("proposed, not judged", "deeper too")
    assert "**3** proposed, not judged. **Believed:** deeper too." in render_markdown(report)


def test_what_came_out_names_the_runs_of_every_number(planned):
    came = {each.index: each.came_out for each in planned.thoughts}
    assert came[1] == "mean 0.9312 over 1 seed (0 of digits-e001)"
    assert came[2].startswith("IndexError: a|b")
    # 0.92 - 0.9811; the sd of two is their distance over the root of 2
    assert came[4] == ("mean 0.9200, sd 0.0141 over 2 seeds (0, 1 of digits-e004), -0.0611 from experiment 3")


def test_how_it_came_with_its_cost(planned):
    second, fourth = planned.thoughts[1].origin, planned.thoughts[3].origin
    assert second.startswith(
        "the model's second answer, repaired (e002-02) after e002-01 could not be used ("
    )
    assert second.endswith(" (2 calls, 3,000 tokens, 5.0 s)")
    assert "the search planner proposed it, since e004-01 had no answer; e004-02 failed (BadKey: " in fourth


def test_a_goal_of_the_search_planner_tells_no_calls():
    report = build_report(build_goal(ACHIEVED), proposals=PROPOSALS)
    assert [(each.index, each.origin) for each in report.thoughts] == [(1, ""), (2, ""), (3, "")]
    assert report.thoughts[2].changed == "one more layer"


def test_diverged_seeds_are_told():
    goal = build_goal({"experiments": [line(1, [0.1, 0.9], diverged=[True, False])]})
    (only,) = build_report(goal).thoughts
    assert only.came_out.endswith("; 1 of 2 diverged") and only.believed == ""


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_the_same_is_said_in_both_formats(planned, render):
    text = render(planned)
    shown = Page(text).text if render is render_html else text.replace("\\", "")
    shown = shown[shown.index("Line of thought") :]
    for each in planned.thoughts:
        for part in (each.name, each.changed, each.expected, each.came_out, each.origin):
            assert part in shown


def test_what_a_model_wrote_is_only_text(planned):
    page, markdown = Page(render_html(planned)), render_markdown(planned)
    markdown = markdown.partition("## Line of thought")[2].partition("## ")[0]
    assert "\x1b" not in page.text + markdown and "\u202e" not in page.text + markdown
    assert clean(EVIL) in page.text
    assert r"\[bold\]helps\[/bold\]\[0m \<b\>" in markdown and r"or \*not\*" in markdown


def test_numbers_lead_to_their_row(planned):
    page = Page(render_html(planned))
    ids = {value for _, name, value in page.attributes if name == "id"}
    links = [value for tag, name, value in page.attributes if tag == "a" and name in ("href", "xlink:href")]
    assert {f"#experiment-{row.index}" for row in planned.experiments} <= set(links)  # from the paragraphs
    assert {f"#thought-{row.index}" for row in planned.experiments} <= set(links)  # from the picture's marks
    assert {link.removeprefix("#") for link in links} <= ids


def test_a_damaged_journal_is_remarked():
    report = build_report(
        planned_goal(), journal=Journal(damaged=("e_1-01-prompt.json is damaged: no JSON",))
    )
    assert "The journal: e_1-01-prompt.json is damaged: no JSON" in report.remarks
    assert r"The journal: e\_1-01-prompt.json is damaged" in render_markdown(report)
