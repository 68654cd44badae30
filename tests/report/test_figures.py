"""Plots in files: the format by the name, the report's colours, the same bytes again."""

import re
from importlib.resources import files

import pytest
from matplotlib.figure import Figure

from report.test_comparison import HIGH, LOW, beside, sample
from seedbed.engine.design import Design
from seedbed.report import comparison_plot, design_plot, figures


def save(path, beside_one_another):
    draw = lambda figure: comparison_plot.draw(beside_one_another, figure)  # noqa: E731
    figures.save_figure(path, draw, comparison_plot.WIDTH, comparison_plot.height(beside_one_another))


def test_the_colours_are_the_pages():
    css = (files("seedbed.report") / "templates" / "report.css").read_text()
    first = css.partition("@media")[0]
    for name in ("page", "ink", "muted", "faint", "blue", "orange", "green"):
        assert f"--{name}: {getattr(figures, name.upper())};" in first


def test_a_comparison_is_drawn(tmp_path):
    found = beside(sample("a", LOW), sample("b", HIGH), sample("two-seeds", [0.5, 0.6]))
    for name in ("one.svg", "two.svg", "plot.png"):
        save(tmp_path / name, found)
    text = (tmp_path / "one.svg").read_text()
    assert text == (tmp_path / "two.svg").read_text()
    assert all(f">{name}<" in text for name in ("a", "b", "two-seeds"))
    assert figures.BLUE in text and figures.ORANGE in text and not re.search("#0[1-6]0[1-6]0[1-6]", text)
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_two_seeds_do_not_set_the_scale():
    figure, found = Figure(), beside(sample("a", LOW), sample("b", [0.95, 0.96]))
    comparison_plot.draw(found, figure)
    low, high = figure.axes[0].get_xlim()
    assert 0.94 < low < found.interval_of(found.samples[0]).low and 0.96 < high < 0.97


def test_equal_scores_are_drawn(tmp_path):
    save(tmp_path / "plot.svg", beside(sample("a", [0.9] * 3), sample("b", [0.9] * 3)))
    assert (tmp_path / "plot.svg").stat().st_size > 1000


@pytest.mark.parametrize(("room", "end"), [(None, 0.024), (0.015, 0.015)])
def test_a_design_is_drawn(tmp_path, monkeypatch, room, end):
    monkeypatch.setattr(design_plot, "_POINTS", 3)
    design = Design(0.01, 0.01, attempts=1, confirm=4, room=room)
    drawn = []

    def draw(figure):
        design_plot.draw(design, 0.012, figure)
        drawn.extend(figure.axes[0].lines[0].get_xdata())

    figures.save_figure(tmp_path / "plan.svg", draw, design_plot.WIDTH, design_plot.HEIGHT)
    text = (tmp_path / "plan.svg").read_text()
    assert "dotted: 0.012" in text and "attempt 1" in text
    assert drawn == pytest.approx([0, end / 3, 2 * end / 3, end])
