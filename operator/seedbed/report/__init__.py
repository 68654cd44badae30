"""What a person reads of a goal: one Markdown text or one self-contained HTML page, from plain values.

content       the values that a report shows        build    puts the values together
verdicts      the verdict in words, its evidence    advice   what to do next
tables        experiments, attempts, budget, runs   text     numbers and other people's words
reproduction  what running it again needs           plots    figures as inline SVG
render        the templates                       missing  what a goal lacked that was not achieved
testset       what the test split was used for

Beside goals: `comparison` and `design`, each in words and as a plot (`*_plot`) that `figures` writes.
"""

from seedbed.report.build import build_report
from seedbed.report.content import Report
from seedbed.report.render import render_html, render_markdown

__all__ = ["Report", "build_report", "render_html", "render_markdown"]
