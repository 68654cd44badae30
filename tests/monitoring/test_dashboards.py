"""The dashboards are what helm/dashboards makes, keep to Grafana's ways, and leave no metric out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from fakes.grafana import BOARDS, panels
from seedbed.cluster import families

ROOT = Path(__file__).parents[2]
PANELS = [panel for board in BOARDS for panel in panels(board)]
PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}
NAMESPACED = {family.name for family in families.ALL if families.NAMESPACE in family.labels}


def metrics_in(text):
    """The metrics' names in queries: a histogram's without its suffix."""
    found = set(re.findall(r"\b(?:seedbed|process)_[a-z_]+\b", text))
    histograms = {family.name for family in families.ALL if family.type == "histogram"}
    return {
        name.removesuffix("_bucket") if name.removesuffix("_bucket") in histograms else name for name in found
    }


def test_the_files_are_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "helm/dashboards", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_found_by_its_uid_and_leads_to_the_other(board):
    model, (other,) = BOARDS[board], [each for each in BOARDS if each != board]
    assert model["uid"] == f"seedbed-{board}"
    assert [link["url"] for link in model["links"]] == [f"/d/{BOARDS[other]['uid']}"]
    assert model["schemaVersion"] >= 38
    source, namespace = model["templating"]["list"]
    assert (source["name"], source["type"]) == ("datasource", "datasource")
    assert namespace["name"] == "goal_namespace" and namespace["multi"] and namespace["includeAll"]


@pytest.mark.parametrize("board", BOARDS)
def test_panels_lie_beside_each_other(board):
    taken = {}
    for panel in BOARDS[board]["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert x < 24 and (x, y) not in taken, f"{panel['title']} lies on {taken.get((x, y))}"
                taken[x, y] = panel["title"]
    ids = [panel["id"] for panel in BOARDS[board]["panels"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: f"{panel.board}: {panel.title}")
def test_a_panel_says_what_it_shows(panel):
    model = panel.model
    assert model["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert model["fieldConfig"]["defaults"]["unit"]
    assert len(model["description"]) > 30 and model["description"].endswith(".")
    for query, legend in panel.queries:
        assert legend or model["type"] == "stat"
        for label in re.findall(r"{{(\w+)}}", legend):
            assert re.search(rf"\b{label}\b", query) or "seedbed_build_info" in query, f"{label} in {query}"


def test_what_has_a_namespace_is_narrowed_down_to_the_chosen_ones():
    for panel in PANELS:
        for query, _ in panel.queries:
            for name, braces in re.findall(r"\b(seedbed_[a-z_]+)\b({[^}]*})?", query):
                base = name.removesuffix("_bucket")
                assert (base in NAMESPACED) == ("goal_namespace=~" in braces), f"{name} in {panel.title}"


def test_every_metric_is_shown_and_every_shown_one_exists():
    shown = metrics_in(" ".join(query for panel in PANELS for query, _ in panel.queries))
    known = {family.name for family in families.ALL}
    assert shown - PROCESS <= known
    assert known <= shown
