"""Every mistake in a list of layers that needs no shapes to be seen: what `validate` tells a person.

`read_arguments` is what `contract.layers.resolve` uses afterwards, on layers without such mistakes.
"""

import difflib
import reprlib
from typing import Any

from seedbed_runner.contract.layers.arguments import REQUIRED, Unreadable
from seedbed_runner.contract.layers.layertype import LayerType
from seedbed_runner.contract.layers.table import TABLE

MAX_LAYERS = 256
MAX_DEPTH = 4


def check(layers: Any) -> list[str]:
    """Mistakes in `layers`, one sentence each, as `layers[2].out_channels: …`; empty when there are none.

    What depends on the data's shape is `resolve`'s to say.
    """
    problems: list[str] = []
    unrolled = _check_list(layers, "layers", 0, problems)
    if unrolled > MAX_LAYERS:
        problems.append(f"layers: more than {MAX_LAYERS} layers with all repeats")
    return problems


def read_arguments(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer's arguments, every default filled in. The layer must be one that `check` accepts."""
    known = TABLE[layer["type"]].arguments
    return {
        name: argument.kind.read(layer[name]) if name in layer else argument.default
        for name, argument in known.items()
    }


def _check_list(layers: Any, path: str, depth: int, problems: list[str]) -> int:
    """Append the mistakes in `layers`; the number of layers with all repeats.

    Counting stops once there are too many, so that a document that refers to itself ends too.
    """
    if type(layers) is not list or not layers:
        problems.append(f"{path}: must be a list of one or more layers, each like {{type: ReLU}}")
        return 0
    if depth > MAX_DEPTH:
        problems.append(f"{path}: nested {depth} deep, at most {MAX_DEPTH} are allowed")
        return 0
    unrolled = 0
    for i, layer in enumerate(layers):
        unrolled += _check_layer(layer, f"{path}[{i}]", depth, problems)
        if unrolled > MAX_LAYERS:
            break
    return unrolled


def _check_layer(layer: Any, path: str, depth: int, problems: list[str]) -> int:
    if type(layer) is not dict or type(layer.get("type")) is not str:
        problems.append(f"{path}: must name its type, like {{type: Linear, out_features: 64}}")
        return 1
    kind = TABLE.get(layer["type"])
    if kind is None:
        problems.append(f"{path}.type: {layer['type'][:40]!r} is no layer{near(layer['type'], list(TABLE))}")
        return 1
    before = len(problems)
    _check_arguments(layer, kind, path, problems)
    if "layers" in kind.arguments:
        return _check_container(layer, path, depth, problems)
    if len(problems) == before and (mistake := kind.rule(read_arguments(layer))):
        problems.append(f"{path} {layer['type']}: {mistake}")
    return 1


def _check_container(layer: dict[str, Any], path: str, depth: int, problems: list[str]) -> int:
    if "layers" not in layer:
        return 1
    inside = _check_list(layer["layers"], f"{path}.layers", depth + 1, problems)
    repeat = layer.get("repeat", 1)
    turns = repeat if isinstance(repeat, int) else 1
    return max(1, inside * turns + int(layer["type"] == "Residual"))


def _check_arguments(layer: dict[str, Any], kind: LayerType, path: str, problems: list[str]) -> None:
    for name, value in layer.items():
        if name in kind.inferred:
            problems.append(f"{path}.{name}: is inferred from what comes in; leave it out")
        elif name in kind.arguments and name != "layers":  # those have sentences of their own
            _check_value(value, kind, f"{path}.{name}", name, problems)
        elif name not in ("type", *kind.arguments):
            problems.append(f"{path}.{name}: is no argument of {layer['type']}{_which(name, kind)}")
    for name, argument in kind.arguments.items():
        if argument.default is REQUIRED and name not in layer:
            problems.append(f"{path}.{name}: is missing; give {argument.kind.rule}")


def _check_value(value: Any, kind: LayerType, path: str, name: str, problems: list[str]) -> None:
    expected = kind.arguments[name].kind
    try:
        expected.read(value)
    except Unreadable:
        problems.append(f"{path}: must be {expected.rule}, not {reprlib.repr(value)}")


def _which(name: Any, kind: LayerType) -> str:
    if not kind.arguments:
        return ", which takes none"
    return near(str(name), list(kind.arguments)) or f"; it takes {', '.join(kind.arguments)}"


def near(word: str, known: list[str]) -> str:
    """`; did you mean X or Y?` with the names closest to `word`, whatever their case; empty if none is."""
    by_lower = {name.lower(): name for name in known}
    if exact := by_lower.get(word.lower()):
        return f"; did you mean {exact}?"
    found = difflib.get_close_matches(word.lower()[:64], by_lower, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(by_lower[name] for name in found)}?" if found else ""
