"""The layer types for texts: items are token ids (length), then one vector a position (length × width).

Id 0 is padding. `Embedding` turns ids into vectors, and from there on each layer here leaves padding out: it
is no part of an average or a maximum, is not attended to, and ends what a recurrent layer reads. Layers that
work position by position (Linear, LayerNorm, activations, Dropout) may stand between; what mixes or moves
positions (Conv1d, Transpose, Flatten) ends that, and `resolve` says so.
"""

from seedbed_runner.contract.layers import text_effects
from seedbed_runner.contract.layers.arguments import (
    CHANNELS,
    FLAG,
    TOKENS,
    VOCABULARY,
    WIDTH,
    Argument,
    choice,
    real,
    whole,
)
from seedbed_runner.contract.layers.effects import Arguments, EffectOf
from seedbed_runner.contract.layers.layertype import LayerType

_VECTORS = (2,)  # length × width
_RATE = real(0, 1)
_EPS = Argument(real(1e-12, 1), 1e-5)


def _recurrent(effect_of: EffectOf) -> LayerType:
    arguments = {
        "hidden_size": Argument(CHANNELS),
        "num_layers": Argument(whole(1, 8), 1),
        "bias": Argument(FLAG, True),
        "dropout": Argument(_RATE, 0.0),
        "bidirectional": Argument(FLAG, False),
    }
    return LayerType(
        arguments,
        effect_of,
        _VECTORS,
        inferred=("input_size", "batch_first"),
        rule=_recurrent_rule,
        needs_positions=True,
        keeps_positions=True,
    )


def _recurrent_rule(arguments: Arguments) -> str | None:
    if arguments["dropout"] and arguments["num_layers"] == 1:
        return "dropout acts between its layers, but num_layers is 1: put a Dropout after it instead"
    return None


def _pooling() -> LayerType:
    return LayerType({}, text_effects.token_pooling, _VECTORS, needs_positions=True)


_EMBEDDING = LayerType(
    {
        "num_embeddings": Argument(TOKENS, VOCABULARY),
        "embedding_dim": Argument(WIDTH),
    },
    text_effects.embedding,
    integers="needed",
    inferred=("padding_idx",),
    keeps_positions=True,
)
_TRANSFORMER = LayerType(
    {
        "nhead": Argument(whole(1, 256)),
        "dim_feedforward": Argument(CHANNELS, 2048),
        "dropout": Argument(_RATE, 0.1),
        "activation": Argument(choice("relu", "gelu"), "relu"),
        "layer_norm_eps": _EPS,
        "norm_first": Argument(FLAG, False),
        "bias": Argument(FLAG, True),
    },
    text_effects.transformer,
    _VECTORS,
    inferred=("d_model", "batch_first"),
    needs_positions=True,
    keeps_positions=True,
)

TEXTS: dict[str, LayerType] = {
    "Embedding": _EMBEDDING,
    "PositionalEmbedding": LayerType(
        {},
        text_effects.positions,
        _VECTORS,
        inferred=("length", "width"),
        needs_positions=True,
        keeps_positions=True,
    ),
    "LSTM": _recurrent(text_effects.lstm),
    "GRU": _recurrent(text_effects.gru),
    "TransformerEncoderLayer": _TRANSFORMER,
    "MaskedMeanPool": _pooling(),
    "MaskedMaxPool": _pooling(),
    "LastToken": _pooling(),
}
