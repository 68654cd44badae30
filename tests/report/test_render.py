"""Pages and texts: what must be in them, what must not, and that they are well formed."""

import importlib
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from report.goals import ACHIEVED, ATTEMPT, BEST, LINES, build_goal, condition, line, verdict
from seedbed.report import build_report, render_html, render_markdown
from seedbed.report.render import escape_markdown, fence, ticked

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Collects text and attributes; fails on tags that don't match."""

    def __init__(self, markup):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], ""
        self.feed(markup)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data


@pytest.fixture(scope="module")
def markup(achieved):
    return render_html(build_report(**achieved))


@pytest.fixture(scope="module")
def page(markup):
    return Page(markup)


def test_verdict_and_evidence_come_first(page):
    text = " ".join(page.text.split())
    assert (
        text.index("Achieved")
        < text.index("accuracy on digits reaches 0.97: shown")
        < text.index("Experiments")
    )
    assert "lower bound 0.9726 ≥ target 0.97" in text
    assert "not corrected for selection" in text
    assert "self-reported" in text or "themselves: never part of a verdict" in text


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_every_number_of_the_search_is_there(achieved, render):
    text = render(build_report(**achieved))
    for row in LINES:
        if row["mean"] is not None:
            assert f"{row['mean']:.4f}" in text
    for score in ATTEMPT["scores"]:
        assert f"{score:.4f}" in text
    for look in ATTEMPT["looks"]:
        assert f"{look['critical']:.3f}" in text and f"{look['bound']:.4f}" in text
    for words in (
        "too few to decide",
        "+0.0499",
        "majority",
        "linear",
        "0.9417",
        "research-agent run digits.yaml",
    ):
        assert words in text


def test_the_page_loads_nothing(page, markup):
    assert not set(page.tags) & {
        "script",
        "link",
        "iframe",
        "object",
        "embed",
        "image",
        "img",
        "base",
        "form",
    }
    for tag, name, value in page.attributes:
        if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
            assert value.startswith("#"), (tag, name, value)
        assert not name.startswith("on"), (tag, name)
    assert "@import" not in markup and not re.search(r"url\((?!#)", markup)
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


def test_plots_are_there_and_follow_the_pages_colours(page, markup):
    assert page.tags.count("svg") == 4
    assert "var(--blue)" in markup and "#04" not in markup
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    for reference in re.findall(r"url\(#([^)]+)\)", markup):
        assert reference in ids


def test_other_peoples_text_is_escaped(achieved):
    evil = "<script>alert(1)</script> | `x` \x1b[31m *b* [a](http://x)"
    goal = build_goal(ACHIEVED | {"experiments": [line(1, [0.9], message=evil, reason="Crash")]}, goal=evil)
    report = build_report(goal)
    assert "script" not in Page(render_html(report)).tags
    text = render_markdown(report)
    assert "\x1b" not in text and "<script>" not in text.replace("```", "").split("## Run it again")[0]
    rows = [row for row in text.splitlines() if row.startswith("| 1 | dropped")]
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 13


def test_markdown_tables_are_rectangular(achieved):
    text = render_markdown(build_report(**achieved))
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 5  # experiments, looks, confusion, budget, runs
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table


def test_the_manifest_cannot_leave_its_fence():
    goal = build_goal(goal="```\n# Achieved\n```` five")
    text = render_markdown(build_report(goal))
    assert "`````yaml" in text


FAILED = [line(i, [], "Failed", reason="Crash") for i in (1, 2)]
OUTLIER = [line(i, [0.97 + i / 1000, 0.1 if i == 3 else 0.97]) for i in range(1, 9)]
ONE_LOOK = ATTEMPT | {"outcome": "Open", "looks": ATTEMPT["looks"][:1], "scores": ATTEMPT["scores"][:4]}
NO_LOOK = ATTEMPT | {"outcome": "Open", "looks": [], "scores": []}
TEN = [ATTEMPT | {"attempt": k, "outcome": "Failed"} for k in range(1, 11)]


def ended(reason, **status):
    return {"phase": "NotAchieved", "verdict": verdict("NotAchieved", reason)} | status


STATUSES = {
    "new": {},
    "refused": {"phase": "Refused", "conditions": [condition("Accepted", "False", "Undecidable", "no way")]},
    "failed": {"phase": "Failed", "conditions": [condition("DatasetReady", "False", "Failed", "no data")]},
    "all failed": ended("NeverNominated", experiments=FAILED),
    "confirming": {"phase": "Confirming", "experiments": LINES, "best": BEST, "attempts": [ONE_LOOK]},
    "no look yet": {"phase": "Confirming", "experiments": LINES, "attempts": [NO_LOOK]},
    "ten attempts": ended("AttemptsSpent", experiments=LINES, attempts=TEN),
    "outlier": {"phase": "Searching", "experiments": OUTLIER},
}


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES)
def test_every_state_of_a_goal_renders(status):
    report = build_report(build_goal(status))
    page = Page(render_html(report))
    text = render_markdown(report)
    for shown in (page.text, text):
        assert report.heading.verdict in shown
        assert "None" not in shown and "nan" not in shown


def test_two_hundred_experiments(achieved):
    lines = [line(i, [0.9 + i / 3000, 0.901 + i / 3000], message="x" * 240) for i in range(1, 201)]
    page = Page(render_html(build_report(build_goal({"phase": "Searching", "experiments": lines}))))
    assert all(f"{row['mean']:.4f}" in page.text for row in lines)


def test_the_same_report_gives_the_same_bytes(achieved, markup):
    assert render_html(build_report(**achieved)) == markup


def test_matplotlib_is_imported_for_a_page_only():
    script = "import sys, seedbed.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert importlib.import_module("seedbed.report.plots")


def test_small_parts():
    assert escape_markdown("a|b *c*\n`d`") == r"a\|b \*c\* \`d\`"
    assert ticked("run `a<b` now") == "run <code>a&lt;b</code> now"
    assert fence("no ticks") == "```" and fence("a ```` b") == "`````"


def test_of_very_many_classes_there_is_a_list_and_no_table(achieved):
    report = build_report(**achieved)
    told = replace(report.confusion, counts=(), worst=((1, 2, 11),))
    text = render_markdown(replace(report, confusion=told))
    assert "- class 1 taken for 2: 11" in text and r"true \ predicted" not in text
