"""The benchmark of the claims: it runs, covers every bar, and is able to fail."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "claims"
sys.path.insert(0, str(BENCHMARK))

import scores  # noqa: E402
import searches  # noqa: E402
import single  # noqa: E402
import tables  # noqa: E402
import writing  # noqa: E402
from plan import parts  # noqa: E402


@pytest.mark.slow
def test_a_quick_run_fills_the_page_and_draws_its_plots(tmp_path):
    page = tmp_path / "claims.md"
    page.write_text(f"before\n{writing.START}\nstale figures\n{writing.END}\nafter\n")
    command = [sys.executable, str(BENCHMARK), "--quick", "--processes", "1", "--write", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "stale figures" not in text
    titles = [line for line in text.splitlines() if line.startswith("**")]
    told = "".join(titles)
    assert all(str(bar) in told for bar in range(1, 12)) and len(titles) == 6
    for name in ("false", "power", "coverage"):
        assert (tmp_path / "images" / f"claims-{name}.png").stat().st_size > 5000


def test_every_part_has_a_name_of_its_own():
    names = [part.name for part in parts(1.0)]
    assert len(set(names)) == len(names)


def test_without_the_floor_the_ceiling_would_be_claimed():
    world, rng = scores.Ceiling(0.3), np.random.default_rng(0)
    floorless = replace(world.rules, test_resolution=1e-12)
    honest = searches.simulate(rng, 30, world=world, rules=world.rules, rivals=False)
    fooled = searches.simulate(rng, 30, world=world, rules=floorless, rivals=False)
    assert honest["achieved"] <= 4 and fooled["achieved"] >= 20


def test_another_deviation_than_the_engines_is_noticed(monkeypatch):
    rng = np.random.default_rng(0)
    assert single.check_running_sd(rng, 20)["checked"] == 400
    monkeypatch.setattr(
        single.RunningSd, "near", property(lambda self: -9.0, lambda self, _: None), raising=False
    )
    with pytest.raises(AssertionError, match="another σ̂"):
        single.check_running_sd(rng, 20)


def test_another_naive_rule_is_noticed(monkeypatch):
    rng = np.random.default_rng(0)
    searches.check_naive(rng, 50)
    monkeypatch.setattr(searches, "t_interval", lambda row: single.t_interval(row, 0.9))
    with pytest.raises(AssertionError, match="another naive rule"):
        searches.check_naive(rng, 50)


@pytest.mark.parametrize("draw", [*scores.STRESS.values()])
def test_standardised_scores_have_mean_0_and_sd_1(draw):
    drawn = draw(np.random.default_rng(0), 200_000)
    assert drawn.mean() == pytest.approx(0, abs=0.02) and drawn.std() == pytest.approx(1, abs=0.02)


def test_a_row_says_when_its_bar_is_missed():
    sums = {"n": 8000, "achieved": 300, "naive": 4000, "peeking": 7900, "bonferroni": 40}
    assert tables._null_row("normal, −.25 σ", sums).holds is True
    assert tables._null_row("normal, −.25 σ", sums | {"achieved": 390}).holds is False
    assert tables._null_row("normal, −.25 σ", sums | {"naive": 3000}).holds is False
    assert tables._null_row("normal, at the target", sums | {"naive": 3000}).holds is True
