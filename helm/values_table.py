"""The table of values in the chart's README, from values.yaml and values.schema.json.

`python helm/values_table.py --write`; `--check` fails when the table is stale, and so does a test.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parent / "seedbed"
BEGIN, END = "<!-- values -->\n", "<!-- /values -->\n"

Schema = dict[str, Any]


def rows(schema: Schema, node: Schema, default: Any, path: str) -> Iterator[str]:
    """A row for a value by itself, else one for each below it; `NAME` is the admin's to choose."""
    node = resolved(schema, node)
    named = [("NAME", value) for value in node.get("patternProperties", {}).values()]
    below = [*named, *node.get("properties", {}).items()]
    if named or not below:
        yield f"| `{path}` | {written(default)} | {node['description']} |\n"
    for key, value in below:
        mine = None if named else (default or {}).get(key, resolved(schema, value).get("default"))
        yield from rows(schema, value, mine, f"{path}.{key}")


def resolved(schema: Schema, node: Schema) -> Schema:
    """The node with its reference followed; its own keys win."""
    reference = node.get("$ref", "").removeprefix("#/definitions/")
    return {**schema["definitions"][reference], **node} if reference else node


def written(value: Any) -> str:
    """A default in a cell; an absent one is a dash, a long one stands in values.yaml."""
    if value in (None, ""):
        return "–"
    text = json.dumps(value)
    return f"`{text}`" if len(text) <= 60 else "see values.yaml"


def table() -> str:
    """The whole table."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    lines = ["| value | default | meaning |\n", "|---|---|---|\n"]
    for key, node in schema["properties"].items():
        if key in values:
            lines += rows(schema, node, values[key], key)
    return "".join(lines)


def main() -> int:
    """Write or check; the exit code is 1 when `--check` finds the table stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", action="store_true")
    choice.add_argument("--check", action="store_true")
    arguments, readme = parser.parse_args(), CHART / "README.md"
    text = readme.read_text()
    before, _, rest = text.partition(BEGIN)
    fresh = before + BEGIN + table() + END + rest.partition(END)[2]
    if arguments.write:
        readme.write_text(fresh)
    elif text != fresh:
        print(f"{readme} is stale: run `python helm/values_table.py --write`")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
