"""Manifests as `run` and `submit` take them: files or standard input, under another name if one is given."""

import sys

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.documents import parse_manifest, read_manifest
from seedbed.api.explain import KINDS, explain
from seedbed.errors import InvalidInput


def read(manifest: str) -> list[ResearchGoal | Experiment]:
    """The resources in a file, or in standard input for `-`.

    Raises:
        InvalidManifest: with every mistake.
    """
    if manifest == "-":
        return parse_manifest(sys.stdin.buffer.read(), "standard input")
    return read_manifest(manifest)


def renamed(resources: list[ResearchGoal | Experiment], name: str) -> ResearchGoal | Experiment:
    """The only one of these resources, with another name.

    Raises:
        InvalidInput: there are several, or the name is none.
    """
    if len(resources) > 1:
        raise InvalidInput(f"`--name` is for one resource, but the manifests hold {len(resources)}")
    metadata = resources[0].metadata
    document = resources[0].document()
    document["metadata"] = {key: getattr(metadata, key) for key in metadata.model_fields_set & {"namespace"}}
    document["metadata"]["name"] = name
    if problems := explain(document):
        raise InvalidInput(f"`--name`: {problems[0]}")
    return KINDS[document["kind"]].model_validate(document)
