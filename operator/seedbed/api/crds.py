"""The CustomResourceDefinitions, generated from the models: `python -m seedbed.api.crds --write crds/`.

`--check` fails when the files are stale, and so does a test. Defaults are kept in `spec`, so that the API
server fills in what the models would; `status` is written whole by the operator and needs none.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from seedbed.api import GROUP, VERSION, Experiment, ExperimentStatus, GoalStatus, ResearchGoal
from seedbed.api.cel import DISTINCT, RULES
from seedbed.api.common import NAME_PATTERN
from seedbed.api.schema import Schema, structural_schema

HEADER = "# Generated from the models in seedbed/api by `make crds`: change those, not this file.\n"


def _column(name: str, kind: str, path: str, description: str, wide: bool = False) -> dict[str, Any]:
    """One printer column; `wide` ones show with `-o wide` only."""
    column = {"name": name, "type": kind, "jsonPath": path, "description": description}
    return column | ({"priority": 1} if wide else {})


_DATASET_READY = '.status.conditions[?(@.type=="DatasetReady")].status'
_AGE = _column("Age", "date", ".metadata.creationTimestamp", "Since it was made.")
_GOAL_COLUMNS = [
    _column("Phase", "string", ".status.phase", "What it is at."),
    _column("Metric", "string", ".status.metric", "What is judged."),
    _column("Target", "number", ".spec.objective.target", "What the mean must reach."),
    _column("Best", "string", ".status.best.inShort", "On validation; not corrected for selection."),
    _column("Claim", "string", ".status.claim.inShort", "What was confirmed on the test split."),
    _column("Experiments", "integer", ".status.counts.experiments", "Explorations that settled."),
    _column("Attempts", "integer", ".status.counts.confirmations", "Confirmations so far."),
    _AGE,
    _column("Verdict", "string", ".status.verdict.verdict", "How it ended.", wide=True),
    _column("Reason", "string", ".status.verdict.reason", "Why it ended so.", wide=True),
    _column("Dataset", "string", _DATASET_READY, "Whether its dataset is prepared.", wide=True),
    _column("Goal", "string", ".spec.goal", "What is asked.", wide=True),
]
_EXPERIMENT_COLUMNS = [
    _column("Goal", "string", ".spec.goal", "The goal that it serves."),
    _column("Purpose", "string", ".spec.purpose", "Explore, Control or Confirm."),
    _column("Phase", "string", ".status.phase", "What it is at."),
    _column("Mean", "string", ".status.aggregate.inShort", "Of its scored seeds, with its interval."),
    _AGE,
    _column("Dataset", "string", ".spec.dataset.name", "What it is trained on.", wide=True),
    _column("Change", "string", ".spec.change", "The difference from its parent.", wide=True),
]


def resource_schema(kind: type[ResearchGoal] | type[Experiment]) -> Schema:
    """The `openAPIV3Schema` of a kind."""
    schema = structural_schema(kind, RULES)
    properties = schema["properties"]
    spec = properties["spec"]["properties"]
    if kind is Experiment:
        spec["seeds"]["x-kubernetes-validations"] = [DISTINCT]
    properties["apiVersion"] = properties["kind"] = {"type": "string"}
    properties["metadata"] = {
        "type": "object",
        "properties": {"name": {"type": "string", "pattern": NAME_PATTERN}},
    }
    status = GoalStatus if kind is ResearchGoal else ExperimentStatus
    properties["status"] = structural_schema(status, defaults=False)
    return schema | {"required": ["metadata", "spec"]}


def build_crd(kind: type[ResearchGoal] | type[Experiment]) -> dict[str, Any]:
    """The whole CustomResourceDefinition of a kind, as a dict."""
    singular = kind.__name__.lower()
    plural = f"{singular}s"
    version = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": _GOAL_COLUMNS if kind is ResearchGoal else _EXPERIMENT_COLUMNS,
        "schema": {"openAPIV3Schema": resource_schema(kind)},
    }
    names = {
        "kind": kind.__name__,
        "listKind": f"{kind.__name__}List",
        "plural": plural,
        "singular": singular,
        "shortNames": ["rg" if kind is ResearchGoal else "exp"],
        "categories": ["seedbed"],
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }


class _Dumper(yaml.SafeDumper):
    """Writes equal parts out each time: no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """The text, quoted where YAML 1.1 as Kubernetes reads it would see a truth value: `n` is a name."""
        style = '"' if data.lower() in ("y", "n") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_Dumper.add_representer(str, _Dumper.represent_str)


def crd_files() -> Iterator[tuple[str, str]]:
    """(file name, content) of each CRD."""
    for kind in (ResearchGoal, Experiment):
        body = yaml.dump(build_crd(kind), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
        yield f"{kind.__name__.lower()}s.yaml", HEADER + body


def stale(folder: Path) -> list[str]:
    """The names of the files in `folder` that are missing or are not what the models give."""
    return [
        name
        for name, content in crd_files()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != content
    ]


def main() -> int:
    """Write or check the files; the exit code is 1 when `--check` finds a stale one."""
    parser = argparse.ArgumentParser(
        prog="python -m seedbed.api.crds", description=__doc__.partition("\n")[0]
    )
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--write", type=Path, metavar="FOLDER", help="write the CRDs into FOLDER")
    choice.add_argument("--check", type=Path, metavar="FOLDER", help="fail if the CRDs in FOLDER are stale")
    arguments = parser.parse_args()
    if arguments.check:
        for name in (found := stale(arguments.check)):
            print(f"{arguments.check / name} is stale: run `make crds`")
        return 1 if found else 0
    arguments.write.mkdir(parents=True, exist_ok=True)
    for name, content in crd_files():
        (arguments.write / name).write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
