"""What a person reads of a goal: one Markdown text or one self-contained HTML page, from plain values.

content       the values that a report shows        build    puts the values together
verdicts      the verdict in words, its evidence    advice   what to do next
tables        experiments, attempts, budget, runs   text     numbers and other people's words
reproduction  what running it again needs           plots    figures as inline SVG
render        the templates                       missing  what a goal lacked that was not achieved
testset       what the test split was used for  thought  what was believed, and what came out
tree_plot     the search as a picture

Beside goals: `comparison` and `design`, each in words and as a plot (`*_plot`) that `figures` writes.
"""

from seedbed.report.build import build_report
from seedbed.report.content import Report
from seedbed.report.render import TREE_FILE, render_html, render_markdown, render_tree

__all__ = ["TREE_FILE", "Report", "build_report", "render_html", "render_markdown", "render_tree"]
