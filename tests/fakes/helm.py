"""The real helm, and this project's chart."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import yaml

CHART = Path(__file__).parents[2] / "helm" / "seedbed"


def run(*arguments, values=None):
    """Run helm with values from its standard input; what came of it."""
    program = os.environ.get("HELM") or shutil.which("helm")
    assert program, "helm is not on the PATH, and $HELM names none"
    given = [] if values is None else ["--values", "-"]
    return subprocess.run(
        [program, *map(str, arguments), *given],
        input=json.dumps(values), text=True, capture_output=True, check=False,
    )  # fmt: skip


def helm(*arguments, values=None):
    """What helm prints when it succeeds."""
    done = run(*arguments, values=values)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(values=None, *arguments, namespace="seedbed-system"):
    """The documents that the chart gives, by kind."""
    text = helm("template", "seedbed", CHART, "--namespace", namespace, *arguments, values=values or {})
    kinds = {}
    for document in filter(None, yaml.load_all(text, yaml.CSafeLoader)):
        kinds.setdefault(document["kind"], []).append(document)
    return kinds
