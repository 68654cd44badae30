"""A report as Markdown or as one self-contained HTML page; the templates are package data beside this file.

The page loads nothing (its own content security policy says so), runs no script, and follows the reader's
light or dark mode. Every text of other people is escaped: by autoescape in HTML, by `escape_markdown` here.
"""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seedbed.report import text
from seedbed.report.content import Report

TREE_FILE = "report-tree.svg"  # beside the Markdown, which shows it
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def escape_markdown(value: str) -> str:
    """`value` so that Markdown shows it as it is, in a table's cell too."""
    return _SPECIAL.sub(r"\\\1", " ".join(value.split()))


def ticked(value: str) -> Markup:
    """HTML of one of our own sentences: what stands between backticks becomes code."""
    parts = str(Markup.escape(value)).split("`")
    return Markup("".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)))


def fence(content: str) -> str:
    """Backticks that no run of backticks in `content` can close."""
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    return "`" * max(3, longest + 1)


@cache
def _environment(html: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("seedbed.report"), autoescape=html, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, undefined=StrictUndefined,
    )  # fmt: skip
    for function in (
        text.score,
        text.signed,
        text.interval,
        text.percent,
        text.duration,
        text.count,
        text.decision,
        text.sentence,
        fence,
    ):
        environment.filters[function.__name__] = function
    environment.filters |= {"md": escape_markdown, "ticked": ticked}
    return environment


def render_markdown(report: Report) -> str:
    """The report as Markdown (tables as GitHub reads them); of the plots it has `TREE_FILE`, by its name."""
    body = _environment(html=False).get_template("report.md.j2").render(report=report, tree=TREE_FILE)
    return re.sub(r"\n{3,}", "\n\n", body)


def render_tree(report: Report) -> str:
    """The search tree of a report with experiments, as an SVG file."""
    from seedbed.report import figures, tree_plot

    return figures.light_svg(lambda figure: tree_plot.draw(report, figure), tree_plot.WIDTH, tree_plot.HEIGHT)


def render_html(report: Report) -> str:
    """The report as one HTML page with its plots."""
    from seedbed.report.plots import draw_plots  # matplotlib takes half a second to import

    plots = {name: Markup(svg) for name, svg in draw_plots(report).items()}
    return _environment(html=True).get_template("report.html.j2").render(report=report, plots=plots)
