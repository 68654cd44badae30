"""The operator's benchmark writes its figures where they belong, and says which goals are missed."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks" / "operator"))

import page  # noqa: E402
from measuring import Figures, Size  # noqa: E402
from operating import MIB, Cost  # noqa: E402


def figures(experiments=200, rate=70.0, worst=2.0, memory=200):
    lags = [0.5] * (experiments - 2) + [worst] * 2
    return Figures(
        size=Size(experiments, 5, (10.0, 60.0)), bare_rate=100.0, rate=rate,
        requests={"GET jobs": 2.0 * experiments, "POST jobs": 5.0 * experiments}, lags=lags, took=100.0,
        cost=Cost(25.0, 0, memory * MIB), largest_status=1300, start_ready=1.0, start_first_job=2.0,
        start_cost=Cost(0.0, 0, 210 * MIB),
    )  # fmt: skip


def written(tmp_path, *measured):
    path = tmp_path / "sizing.md"
    path.write_text(f"before\n{page.START}\nstale figures\n{page.END}\nafter\n")
    page.write(path, list(measured))
    return path.read_text()


def test_each_size_is_a_table_between_the_marks(tmp_path):
    text = written(tmp_path, figures(), figures(1000))
    assert text.startswith("before\n") and text.endswith("after\n") and "stale" not in text
    assert "| 200 experiments × 5 seeds | measured | goal |" in text
    assert "| 1,000 experiments × 5 seeds | measured | goal |" in text
    assert "| of the bare client's | 0.70 | ≥ 0.70 |" in text and "missed" not in text
    assert "| API requests a run | 1.4 |  |" in text
    assert "| operator's memory, at most | 200 MiB | < 250 MB |" in text


@pytest.mark.parametrize(
    ("measured", "row"),
    [
        (figures(rate=69.0), "| of the bare client's | **0.69** | ≥ 0.70: missed |"),
        (figures(worst=2.1), "| last seed's end to status, p99 | **2.10 s** | ≤ 2 s: missed |"),
        (figures(1000, memory=240), "| operator's memory, at most | **240 MiB** | < 250 MB: missed |"),
    ],
)
def test_a_missed_goal_is_said_to_be_missed(tmp_path, measured, row):
    assert row in written(tmp_path, measured)


def test_a_page_without_marks_is_left_alone(tmp_path):
    path = tmp_path / "sizing.md"
    path.write_text("no marks")
    with pytest.raises(SystemExit, match="figures"):
        page.write(path, [figures()])
    assert path.read_text() == "no marks" and page.START in (ROOT / "docs/sizing.md").read_text()
