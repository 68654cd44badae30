"""The picture of the search: where each experiment stands, what marks it, and which line is thick."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from fakes.recorded import PROPOSALS, planned_goal, proposal
from report.goals import build_goal, line
from seedbed.report import build_report, render_tree, tree_plot


def drawn(report):
    figure = Figure()
    tree_plot.draw(report, figure)
    return figure.axes[0]


def marks(axes):
    """Places of the marks, by what the legend calls them."""
    return {each.get_label(): [tuple(place) for place in each.get_offsets()] for each in axes.collections}


def tree(lines, parents=None, best=None, **spec):
    status = {"phase": "Searching", "experiments": lines}
    if best:
        status["best"] = {"index": best, "experiment": f"digits-e{best:03d}", "mean": 0.9, "n": 2}
    given = {index: proposal(parent=parent) for index, parent in (parents or {}).items()}
    return build_report(build_goal(status, **spec), proposals=given)


@pytest.fixture(scope="module")
def report():
    return build_report(planned_goal(), proposals=PROPOSALS)


def test_marks_stand_at_index_and_mean_by_outcome(report):
    found = marks(drawn(report))
    assert found["confirmed"] == found["best exploration"] == [(3, pytest.approx(0.9811))]
    assert found["dropped"] == [(1, 0.9312), (4, pytest.approx(0.92)), (5, pytest.approx(0.955))]
    assert [x for x, _ in found["failed"]] == [2]


def test_shapes_differ_as_well_as_colours():
    looks = [(mark.shape, mark.hollow) for mark in [*tree_plot.MARKS.values(), tree_plot.UNDER_WAY]]
    assert len(set(looks)) == len(looks)


def test_the_way_to_the_best_is_thick(report):
    lines = drawn(report).patches
    thick = [each for each in lines if each.get_linewidth() > 1]
    assert len(lines) == 4
    ends = [(int(each.get_path().vertices[0][0]), int(each.get_path().vertices[-1][0])) for each in thick]
    assert ends == [(1, 2), (2, 3)]


def test_what_has_no_score_and_what_is_far_off_stand_below_in_rows_of_their_own():
    lines = [line(i, [0.97 + i / 1000]) for i in range(1, 9)]
    lines += [line(9, [0.1]), line(10, [], "Failed")]
    axes = drawn(tree(lines))
    labels = [text.get_text() for text in axes.get_yticklabels()]
    names = dict(zip(labels, axes.get_yticks(), strict=True))
    assert marks(axes)["failed"] == [(10, names["no score"])]
    assert (9, names["off scale"]) in marks(axes)["dropped"]
    assert names["no score"] < names["off scale"] < 0.97 < axes.get_ylim()[1]


def test_the_worse_end_is_below_for_minimize_too():
    objective = {"metric": "log_loss", "direction": "Minimize", "target": 0.2}
    axes = drawn(tree([line(1, [0.3]), line(2, [], "Failed")], objective=objective))
    ((_, scored),), ((_, failed),) = marks(axes)["dropped"], marks(axes)["failed"]
    assert failed > scored  # a loss: worse is more


@pytest.mark.parametrize(
    "lines",
    [[line(1, [], "Failed")], [line(7, [0.9])], [line(1, [0.9]), line(2, [0.9], "SeedMissing")]],
    ids=["no score at all", "only one", "equal scores"],
)
def test_small_trees_are_drawn(lines):
    ElementTree.fromstring(render_tree(tree(lines)))


def test_a_parent_that_is_gone_has_no_line_and_a_circle_ends():
    report = tree([line(1, [0.9]), line(2, [0.91])], {1: 2, 2: 1}, best=2)
    assert len(drawn(report).patches) == 2
    rows = (replace(report.experiments[1], parent=150),)
    assert not drawn(replace(report, experiments=rows)).patches


def test_two_hundred_are_drawn_with_few_numbers():
    lines = [
        line(i, [0.9 + (i * 7 % 50) / 1000], "NotNominated" if i % 3 else "Dropped") for i in range(1, 201)
    ]
    axes = drawn(tree(lines, {i: max(1, i // 2) for i in range(2, 201)}, best=199))
    assert sum(len(places) for places in marks(axes).values()) == 200 + 1
    numbers = [text.get_text() for text in axes.texts if text.get_text().isdigit()]
    assert "199" in numbers and len(numbers) <= 8  # 199, 99, 49, 24, 12, 6, 3, 1


def test_numbers_that_would_touch_are_left_out():
    axes = drawn(tree([line(i, [0.9]) for i in range(1, 41)]))
    numbers = [int(text.get_text()) for text in axes.texts if text.get_text().isdigit()]
    assert 10 < len(numbers) < 40 and min(b - a for a, b in zip(numbers, numbers[1:], strict=False)) >= 2


def test_a_file_has_the_light_colours_and_the_same_bytes_again(report):
    text = render_tree(report)
    assert text == render_tree(report)
    assert "#00795a" in text and not re.search("#0[1-7]0[1-7]0[1-7]", text)
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
