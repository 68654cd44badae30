"""The dashboards as Grafana reads them: panels with their queries, the variables replaced."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "helm/seedbed/files/dashboards"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


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
