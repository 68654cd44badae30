import json

import pytest

from fakes.planning import CARDS
from seedbed.api.goal import Resources
from seedbed.planning.llm.offer import Code, Offer
from seedbed.planning.llm.schema import KEYWORDS, answer_schema, response_format
from seedbed.planning.llm.vocabulary import layer_schema
from seedbed_runner.contract.layers.arguments import REQUIRED, Unreadable
from seedbed_runner.contract.layers.table import TABLE
from seedbed_runner.contract.records import Card

CARD = Card.from_dict(CARDS["image"])
EVERYTHING = Offer(batch=3, caps=Resources(), code=Code("rules", lambda text: []))


def nodes(node):
    """Every schema in a schema."""
    yield node
    for inside in [
        *node.get("properties", {}).values(),
        *node.get("$defs", {}).values(),
        *node.get("anyOf", []),
    ]:
        yield from nodes(inside)
    if "items" in node:
        yield from nodes(node["items"])


@pytest.mark.parametrize("offer", [Offer(), EVERYTHING], ids=["least", "everything"])
@pytest.mark.parametrize("data", CARDS.values(), ids=CARDS)
def test_strict_servers_take_it(data, offer):
    schema = answer_schema(Card.from_dict(data), offer)
    assert schema["type"] == "object"
    for node in nodes(schema):
        assert set(node) <= KEYWORDS
        assert "$ref" not in node or len(node) == 1
        if node.get("type") == "object":
            assert node["required"] == list(node["properties"])
            assert node["additionalProperties"] is False
    assert sum(len(node.get("properties", ())) for node in nodes(schema)) < 500
    assert len(json.dumps(schema)) < 16_000


def test_only_what_is_offered_can_be_answered():
    def ways(card, offer):
        model = answer_schema(card, offer)["properties"]["proposals"]["items"]["properties"]["model"]
        return [next(iter(way["properties"])) for way in model["anyOf"]]

    assert ways(CARD, Offer()) == ["layers", "torchvision"]
    assert ways(CARD, EVERYTHING) == ["layers", "torchvision", "source"]
    assert ways(Card.from_dict(CARDS["tabular"]), Offer()) == ["layers"]
    assert "resources" not in json.dumps(answer_schema(CARD, Offer()))
    names = json.dumps(answer_schema(CARD, Offer()))
    assert "resnet18" in names
    assert "alexnet" not in names  # the images are too small for it


def test_optional_fields_may_be_null_and_others_not():
    proposal = answer_schema(CARD, EVERYTHING)["properties"]["proposals"]["items"]["properties"]
    training = proposal["training"]["properties"]
    nullable = [
        name for name, node in (proposal | training).items() if {"type": "null"} in node.get("anyOf", [])
    ]
    assert nullable == ["parent", "resources", "classWeights", "augment", "clipNorm", "earlyStopping"]


SAMPLES = {"integer": [1], "number": [0.5], "boolean": [True], "array": [[1], [1, 1], [{"type": "ReLU"}]]}


def types(kind="image"):
    schema = layer_schema(Card.from_dict(CARDS[kind]))
    return {one["properties"]["type"]["enum"][0]: one["properties"] for one in schema["anyOf"]}


EVERY = types() | types("text")


def test_the_schema_of_a_layer_names_every_argument_of_every_type():
    assert set(TABLE) - set(types()) == {
        "Embedding", "PositionalEmbedding", "LSTM", "GRU", "TransformerEncoderLayer", "MaskedMeanPool",
        "MaskedMaxPool", "LastToken",
    }  # fmt: skip
    assert {name[-2:] for name in set(TABLE) - set(types("text"))} == {"2d"}
    for name, properties in EVERY.items():
        assert set(properties) == {"type", *TABLE[name].arguments}


def reads(kind, value):
    try:
        kind.read(value)
    except Unreadable:
        return False
    return True


@pytest.mark.parametrize("name", EVERY)
def test_whatever_the_schema_of_a_layer_allows_is_of_a_kind_that_is_read(name):
    for key, argument in TABLE[name].arguments.items():
        alternatives = EVERY[name][key].get("anyOf", [EVERY[name][key]])
        assert ({"type": "null"} in alternatives) == (argument.default is not REQUIRED)
        for one in alternatives:
            if one["type"] == "string":
                assert all(reads(argument.kind, word) for word in one["enum"])
            elif one["type"] != "null":
                assert any(reads(argument.kind, value) for value in SAMPLES[one["type"]])


def test_words_that_an_argument_takes_are_in_its_schema():
    padding = types()["Conv2d"]["padding"]["anyOf"]
    assert {"type": "string", "enum": ["same", "valid"]} in padding
    assert {"type": "string", "enum": ["classes"]} in EVERY["Linear"]["out_features"]["anyOf"]
    assert {"type": "string", "enum": ["vocabulary"]} in EVERY["Embedding"]["num_embeddings"]["anyOf"]


def test_the_format_is_strict():
    asked = response_format(CARD, Offer())
    assert (asked["type"], asked["json_schema"]["strict"]) == ("json_schema", True)
    assert asked["json_schema"]["schema"] == answer_schema(CARD, Offer())
