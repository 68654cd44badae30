"""A Grafana dashboard as its JSON model (the classic one, from Grafana 10 on): panels filled in by rows."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

WIDTH = 24  # of Grafana's grid
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
LAST = {"reduceOptions": {"calcs": ["lastNotNull"]}}
OPTIONS: dict[str, Json] = {
    "stat": LAST | {"colorMode": "value", "graphMode": "none"},
    "bargauge": LAST | {"orientation": "horizontal", "displayMode": "basic"},
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom"},
        "tooltip": {"mode": "multi"},
    },
}
LINES = {"fillOpacity": 10, "showPoints": "never"}
STACKED = {"fillOpacity": 40, "showPoints": "never", "stacking": {"mode": "normal"}}
VARIABLES = [
    {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
    {
        "name": "goal_namespace", "label": "Namespace", "type": "query", "datasource": SOURCE,
        "query": {"query": "label_values(seedbed_lease_held, goal_namespace)", "refId": "namespaces"},
        "refresh": 2, "sort": 1, "multi": True, "includeAll": True, "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    },
]  # fmt: skip


@dataclass
class Board:
    """One dashboard; `description` says who it is for, `other` is the one it links to (uid, title)."""

    uid: str
    title: str
    description: str
    other: tuple[str, str]
    panels: list[Json] = field(default_factory=list)
    _x: int = 0
    _y: int = 0
    _height: int = 0

    def row(self, title: str) -> None:
        """Begin a row of its own."""
        self._place(WIDTH, 1, {"type": "row", "title": title, "collapsed": False, "panels": []})

    def stat(
        self, title: str, description: str, query: str, unit: str = "short", legend: str = "", **more: Any
    ) -> None:
        """One number; `description` says what a bad one means. With a legend that is shown, and no number."""
        options = {"textMode": "name"} if legend else {}
        self._panel("stat", title, description, unit, {query: legend}, 4, 4, options, **more)

    def bars(self, title: str, description: str, query: str, legend: str) -> None:
        """A bar for each series' count."""
        self._panel("bargauge", title, description, "short", {query: legend}, 8, 8)

    def lines(
        self, title: str, description: str, queries: dict[str, str], unit: str = "short",
        stacked: bool = False, **more: Any,
    ) -> None:  # fmt: skip
        """Series over time; `queries` with their legends."""
        defaults = {"custom": STACKED if stacked else LINES} | more
        self._panel("timeseries", title, description, unit, queries, 8, 8, **defaults)

    def json(self) -> Json:
        """The whole model."""
        uid, title = self.other
        link = {"type": "link", "title": title, "url": f"/d/{uid}", "keepTime": True, "includeVars": True}
        return {
            "uid": self.uid, "title": self.title, "description": self.description, "tags": ["seedbed"],
            "schemaVersion": 39, "version": 1, "editable": True, "graphTooltip": 1, "refresh": "1m",
            "timezone": "browser", "time": {"from": "now-24h", "to": "now"}, "links": [link],
            "templating": {"list": VARIABLES}, "panels": self.panels,
        }  # fmt: skip

    def _panel(
        self, type_: str, title: str, description: str, unit: str, queries: dict[str, str], width: int,
        height: int, options: Json | None = None, **defaults: Any,
    ) -> None:  # fmt: skip
        targets = [
            {"refId": chr(ord("A") + number), "expr": query, "legendFormat": legend}
            | ({} if type_ == "timeseries" else {"instant": True})
            for number, (query, legend) in enumerate(queries.items())
        ]
        self._place(
            width, height,
            {
                "type": type_, "title": title, "description": description, "datasource": SOURCE,
                "targets": targets, "options": OPTIONS[type_] | (options or {}),
                "fieldConfig": {"defaults": {"unit": unit, "min": 0} | defaults, "overrides": []},
            },
        )  # fmt: skip

    def _place(self, width: int, height: int, panel: Json) -> None:
        if self._x + width > WIDTH:
            self._x, self._y, self._height = 0, self._y + self._height, 0
        place = {"h": height, "w": width, "x": self._x, "y": self._y}
        self.panels.append({"id": len(self.panels) + 1, "gridPos": place, **panel})
        self._x, self._height = self._x + width, max(self._height, height)


def steps(start: str, *changes: tuple[float, str]) -> Json:
    """Colours: of the lowest values, and from which value on there is another."""
    values: list[tuple[float | None, str]] = [(None, start), *changes]
    return {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in values]}
