"""The dashboards as Grafana reads them: panels with their queries, the variables replaced."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakes.prometheus import Prometheus

FOLDER = Path(__file__).parents[2] / "helm/seedbed/files/dashboards"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}

# These show 0 as long as nothing is wrong, nothing is under way, and no GPU and no LLM is used.
AT_REST = {
    "Unfinished goals", "Budgets nearly spent", "GPU hours per claim", "GPU hours settled, last hour",
    "Planner tokens, last hour", "Failures by class", "Alerts", "Reconcile errors, last 5 minutes",
    "Refused requests, last 5 minutes", "Failed requests, last 5 minutes", "Invalid proposals, last hour",
    "Retries, last hour",
}  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """One panel as it is asked for; `queries` with their legends."""

    board: str
    model: dict[str, Any]
    queries: list[tuple[str, str]]

    @property
    def title(self) -> str:
        """What stands above it."""
        return str(self.model["title"])

    @property
    def instant(self) -> bool:
        """Whether it shows the present only."""
        return self.model["type"] != "timeseries"


def panels(board: str, namespaces: str = ".*", chosen: str = "1h", rate: str = "10s") -> list[Panel]:
    """A dashboard's panels.

    Args:
        board: its file's name.
        namespaces: a regular expression for the variable goal_namespace.
        chosen: the time that is chosen.
        rate: the window of a rate: at least four scrapes.
    """
    values = {"$goal_namespace": namespaces, "$__range": chosen, "$__rate_interval": rate}

    def replaced(query: str) -> str:
        for variable, value in values.items():
            query = query.replace(variable, value)
        assert "$" not in query, f"an unknown variable in {query}"
        return query

    return [
        Panel(board, model, [(replaced(each["expr"]), each["legendFormat"]) for each in model["targets"]])
        for model in BOARDS[board]["panels"]
        if model["type"] != "row"
    ]


def empty_panels(prometheus: Prometheus, namespace: str) -> set[str]:
    """The titles of the panels that show nothing.

    A query without a number is nothing everywhere; the 0 of what was never counted only outside AT_REST.
    """
    empty = set()
    for panel in (panel for board in BOARDS for panel in panels(board, namespaces=namespace)):
        for query, _ in panel.queries:
            values = [value for _, value in prometheus.query(query) if not math.isnan(value)]
            counted = "vector(0)" in query and panel.title not in AT_REST
            if not values or (counted and not any(values)):
                empty.add(panel.title)
    return empty
