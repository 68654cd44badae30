from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.planning.defaults import defaults, smaller
from seedbed.planning.families import FAMILIES, width, words
from seedbed.planning.space import FAMILIES_OF, as_before, model_of, space, training_of
from seedbed_runner.contract.layers import resolve
from seedbed_runner.contract.records import Card

IMAGES = st.tuples(st.integers(1, 4), st.integers(1, 70), st.integers(1, 70)).map(
    lambda shape: ("image", shape)
)
TEXTS = st.integers(4, 600).map(lambda length: ("text", (length,)))
TABLES = st.integers(1, 300).map(lambda features: ("tabular", (features,)))


def card(kind, shape, classes, train):
    sizes = {"train": train, "validation": 20, "test": 20}
    known = Card("k", "n", "t", kind, list(shape), classes, sizes, 0.5, 1.0, {}, 0, "s", "d", False, {})
    return replace(known, vocabulary=500 if kind == "text" else 0)


@settings(max_examples=150, deadline=None)
@given(IMAGES | TABLES | TEXTS, st.integers(2, 20), st.integers(20, 10**6), st.integers(0, 10**9))
def test_every_draw_fits_its_data(data, classes, train, seed):
    """Any family, also one that is not of the data's kind but can take it."""
    known = card(*data, classes, train)
    random = Random(seed)
    others = () if known.kind == "text" else ("linear", "residual_mlp")
    drawn = {
        name: dimension.draw(random)
        for name, dimension in space(known, (*FAMILIES_OF[known.kind], *others), "f1_macro").items()
    }
    layers = model_of(drawn, known).layers
    assert resolve(layers, known.input_shape, classes, known.vocabulary).parameters > 0
    assert training_of(drawn).epochs == drawn["epochs"]


@pytest.mark.parametrize(("kind", "shape"), [("image", (1, 8, 8)), ("tabular", (4,)), ("text", (32,))])
@pytest.mark.parametrize("train", [20, 89, 1079, 10**6])
def test_defaults_and_what_is_smaller_lie_in_the_space(kind, shape, train):
    known = card(kind, shape, 3, train)
    dimensions = space(known, FAMILIES_OF[kind], "accuracy")
    for default in defaults(known):
        ladder = list(smaller(default))
        sizes = [
            resolve(model_of(step, known).layers, shape, 3, known.vocabulary).parameters * step["epochs"]
            for step in ladder
        ]
        assert sizes == sorted(sizes, reverse=True)
        for step in ladder:
            whole = {**step, **as_before(dimensions)}
            assert {name: dimension.read(whole[name]) for name, dimension in dimensions.items()} == whole


DRAWN = {"family": "cnn", "size": 1, "depth": 2, "norm": True, "activation": "ReLU", "dropout": 0.1}


def outputs(family, shape, **more):
    built = FAMILIES[family].build({**DRAWN, "family": family, **more}, shape)
    plan = resolve(built, shape, 10)
    return [
        step.output_shape for step in plan.steps if step.type in ("Conv2d", "Linear", "Residual", "MaxPool2d")
    ]


def test_a_cnn_doubles_its_width_and_halves_its_sides():
    expected = [(16, 32, 32), (16, 16, 16), (32, 16, 16), (32, 8, 8), (10,)]
    assert outputs("cnn", (3, 32, 32)) == expected
    assert outputs("cnn", (1, 3, 3)) == [(16, 3, 3), (32, 3, 3), (10,)]


def test_a_residual_cnn_halves_from_its_second_stage_on():
    assert outputs("residual_cnn", (3, 32, 32)) == [(16, 32, 32), (16, 32, 32), (32, 16, 16), (10,)]


def test_mlps():
    assert outputs("mlp", (5,)) == [(64,), (64,), (10,)]
    assert outputs("residual_mlp", (5,), depth=3) == [(64,)] * 4 + [(10,)]
    assert outputs("linear", (1, 8, 8)) == [(10,)]


def test_families_for_texts():
    def built(family, **more):
        layers = FAMILIES[family].build({**DRAWN, "family": family, "size": 1, **more}, (20,))
        plan = resolve(layers, (20,), 3, 100)
        return [(step.type, step.output_shape) for step in plan.steps if step.parameters]

    embedding, output = ("Embedding", (20, 64)), ("Linear", (3,))
    assert built("bag", norm=False) == [embedding, ("Linear", (64,)), output]
    conv = ("Conv1d", (64, 20))
    assert built("text_cnn", norm=False) == [embedding, conv, conv, output]
    assert built("recurrent") == [
        ("Embedding", (20, 32)), ("GRU", (20, 64)), ("LayerNorm", (20, 64)), output,
    ]  # fmt: skip
    layer = ("TransformerEncoderLayer", (20, 64))
    assert built("transformer", norm=False) == [
        embedding, ("PositionalEmbedding", (20, 64)), layer, layer, output,
    ]  # fmt: skip


def test_words():
    assert width(DRAWN) == 16
    assert words(DRAWN) == {
        "model": "CNN", "width": "16", "depth": "2", "normalisation": "on", "activation": "ReLU",
        "dropout": "0.1",
    }  # fmt: skip
    assert words({**DRAWN, "family": "linear"}) == {"model": "linear model"}
