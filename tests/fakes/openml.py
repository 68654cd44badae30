"""OpenML's answers for one table: description, features and qualities as JSON, and the ARFF file."""

import gzip
import json
from importlib.resources import files
from typing import Any

from fakes.datafiles import md5
from fakes.loopback import Loopback

ARFF = """@relation tiny
@attribute age numeric
@attribute work {Private, 'State gov'}
@attribute note string
@attribute class {'<=50K', '>50K'}
@data
"""


def tiny_rows(rows: int = 40) -> str:
    """A table with gaps, in ARFF."""
    lines = []
    for row in range(rows):
        age = "?" if row % 7 == 3 else str(20 + row)
        work = "?" if row % 5 == 4 else ("Private", "'State gov'")[row % 2]
        lines.append(f"{age}, {work}, 'row {row}', {('<=50K', '>50K')[row % 2]!r}")
    return ARFF + "\n".join(lines) + "\n"


def serve_table(
    server: Loopback, data_id: int, arff: bytes, columns: list[tuple[str, str]], target: str, **changes: Any
) -> None:
    """Publish a table below `openml/` as OpenML does; `columns` are names and OpenML's types."""
    description = {
        "id": str(data_id), "name": "tiny", "version": "2", "format": "ARFF", "status": "active",
        "description": "…",
        "url": f"https://www.openml.org/data/v1/download/{data_id}/tiny.arff", "file_id": str(data_id),
        "default_target_attribute": target, "md5_checksum": md5(arff),
    } | changes  # fmt: skip
    features = [
        {"index": str(at), "name": name, "data_type": kind, "is_target": str(name == target).lower(),
         "is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
        for at, (name, kind) in enumerate(columns)
    ]  # fmt: skip
    _put(server, f"api/v1/json/data/{data_id}", {"data_set_description": description})
    _put(server, f"api/v1/json/data/features/{data_id}", {"data_features": {"feature": features}})
    _put(server, f"api/v1/json/data/qualities/{data_id}", {"data_qualities": {"quality": []}})
    server.put(f"openml/data/v1/download/{data_id}/tiny.arff", arff)


def serve_tiny(server: Loopback, data_id: int, **changes: Any) -> None:
    """Publish the tiny table."""
    columns = [("age", "numeric"), ("work", "nominal"), ("note", "string"), ("class", "nominal")]
    serve_table(server, data_id, tiny_rows().encode(), columns, "class", **changes)


def serve_titanic(server: Loopback) -> None:
    """Publish the real Titanic table, which scikit-learn's own tests bring along."""
    folder = files("sklearn.datasets.tests.data.openml") / "id_40945"
    for place in folder.iterdir():
        if not place.name.endswith(".gz"):
            continue
        data = gzip.decompress(place.read_bytes())
        kinds = {"api-v1-jd-": "", "api-v1-jdf-": "features/", "api-v1-jdq-": "qualities/"}
        kind = next((kinds[start] for start in kinds if place.name.startswith(start)), None)
        path = "data/v1/download/16826755/Titanic.arff" if kind is None else f"api/v1/json/data/{kind}40945"
        server.put(f"openml/{path}", data)


def _put(server: Loopback, path: str, answer: Any) -> None:
    server.put(f"openml/{path}", json.dumps(answer).encode())
