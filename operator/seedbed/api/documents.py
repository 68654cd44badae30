"""Manifests as people write them: YAML text to checked resources, and every mistake in one go.

The command line calls `read_manifest`; what is wrong with a document's content, `explain` says. YAML is read
as Kubernetes reads it where the two versions of YAML differ in numbers (`1e-3` is one), so that a manifest
means the same on a laptop and in a cluster.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from seedbed.api.experiment import Experiment
from seedbed.api.explain import KINDS, explain
from seedbed.api.goal import ResearchGoal
from seedbed.errors import InvalidManifest

MAX_BYTES = 1_000_000
MAX_VALUES, MAX_DEPTH = 100_000, 64  # aliases can make a small file as large as they like

_FLOAT_1_2 = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)$")


class _Loader(yaml.SafeLoader):
    """Safe, with YAML 1.2's numbers, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping; a later value never silently replaces an earlier one."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{key.value}` is given twice", key.start_mark
                )
            seen.add(key.value if isinstance(key.value, str) else id(key))
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT_1_2, list("-+.0123456789"))


def read_manifest(path: str | Path) -> list[ResearchGoal | Experiment]:
    """The resources in a file, in their order.

    Raises:
        InvalidManifest: the file can't be read, or with every mistake in it.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InvalidManifest(str(path), ["there is no such file"]) from None
    except OSError as error:
        raise InvalidManifest(str(path), [f"can't be read: {error.strerror}"]) from None
    return parse_manifest(data, str(path))


def parse_manifest(data: bytes, source: str) -> list[ResearchGoal | Experiment]:
    """The resources in YAML text; `source` is what the errors call it.

    Raises:
        InvalidManifest: with every mistake.
    """
    if len(data) > MAX_BYTES:
        raise InvalidManifest(source, [f"more than {MAX_BYTES} bytes: a manifest is a small file"])
    documents = _load(data, source)
    if not documents:
        raise InvalidManifest(source, ["empty: write a ResearchGoal or an Experiment"])
    problems = []
    for number, document in enumerate(documents, start=1):
        prefix = f"document {number}: " if len(documents) > 1 else ""
        problems += [prefix + problem for problem in explain(document)]
    if problems:
        raise InvalidManifest(source, problems)
    return [_build(document) for document in documents]


def _load(data: bytes, source: str) -> list[Any]:
    """The documents that are not empty."""
    try:
        documents = [one for one in yaml.load_all(data.decode(), _Loader) if one is not None]  # noqa: S506
        for document in documents:
            _measure(document)
    except UnicodeDecodeError as error:
        raise InvalidManifest(source, [f"not UTF-8 text (byte {error.start})"]) from None
    except yaml.MarkedYAMLError as error:
        raise InvalidManifest(source, [_syntax(error)]) from None
    except yaml.YAMLError as error:
        raise InvalidManifest(source, [f"not YAML: {str(error).splitlines()[0]}"]) from None
    except RecursionError:
        raise InvalidManifest(source, [f"nests deeper than {MAX_DEPTH} levels"]) from None
    return documents


def _syntax(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    hint = "; indent with spaces, not tabs" if "'\\t'" in str(error.problem) else ""
    return f"{where}not YAML: {error.problem or error.context}{hint}"


def _measure(document: Any) -> None:
    """Refuse what aliases blow up or make endless.

    Raises:
        RecursionError: deeper than MAX_DEPTH.
        yaml.YAMLError: more than MAX_VALUES values.
    """
    waiting, count = [(document, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise RecursionError
        if count > MAX_VALUES:
            raise yaml.YAMLError(f"more than {MAX_VALUES} values")
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting += [(child, depth + 1) for child in children]


def _build(document: dict[str, Any]) -> ResearchGoal | Experiment:
    """A resource of a document without mistakes; a status is the world's to write, and left out."""
    content = {key: value for key, value in document.items() if key != "status"}
    return KINDS[document["kind"]].model_validate(content, strict=True, by_alias=True, by_name=False)
