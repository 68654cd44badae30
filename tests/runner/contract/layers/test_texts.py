import pytest

from seedbed_runner.contract.layers import LayerError, check, resolve

EMBEDDING = {"type": "Embedding", "embedding_dim": 16}
OUTPUT = {"type": "Linear", "out_features": "classes"}
POOL = {"type": "MaskedMeanPool"}


def steps(*layers, length=20):
    return resolve([EMBEDDING, *layers, POOL, OUTPUT], (length,), 2, 100).steps


def test_an_embedding_has_the_datas_vocabulary():
    embedding = steps()[0]
    assert embedding.arguments == {"num_embeddings": 100, "embedding_dim": 16, "padding_idx": 0}
    assert (embedding.output_shape, embedding.parameters, embedding.multiply_adds) == ((20, 16), 1600, 0)


def test_an_lstm_of_two_layers_both_ways_by_hand():
    """4 gates of 8: the first layer reads 16 values, the second the 16 of both directions."""
    layer = steps({"type": "LSTM", "hidden_size": 8, "num_layers": 2, "bidirectional": True})[1]
    weights = 2 * 4 * 8 * (16 + 8) + 2 * 4 * 8 * (16 + 8)
    assert layer.output_shape == (20, 16)
    assert layer.parameters == weights + 2 * 2 * 4 * 8 * 2
    assert layer.multiply_adds == 20 * weights
    assert sum(layer.inside) == 2 * 2 * 20 * 32 and len(layer.inside) == 80


def test_a_gru_without_bias_by_hand():
    layer = steps({"type": "GRU", "hidden_size": 8, "bias": False})[1]
    assert (layer.output_shape, layer.parameters) == ((20, 8), 3 * 8 * (16 + 8))


def test_a_transformer_layer_by_hand():
    layer = steps({"type": "TransformerEncoderLayer", "nhead": 4, "dim_feedforward": 32})[1]
    assert layer.output_shape == (20, 16)
    assert layer.parameters == 4 * 16 * 16 + 4 * 16 + 2 * 16 * 32 + 32 + 16 + 2 * 2 * 16
    assert layer.multiply_adds == 20 * (4 * 16 * 16 + 2 * 16 * 32) + 2 * 20 * 20 * 16


def test_a_residual_over_positions_is_projected_feature_by_feature():
    layer = steps({"type": "Residual", "layers": [{"type": "GRU", "hidden_size": 24}]})[1]
    assert (layer.shortcut.type, layer.shortcut.parameters) == ("Linear", 16 * 24)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            [EMBEDDING, {"type": "Transpose", "dim0": 1, "dim1": 2}, POOL, OUTPUT],
            "layers[2] MaskedMeanPool: needs the positions of a text, which a layer before it mixed, moved "
            "or pooled (16×20 comes in): put it before such a layer, or take AdaptiveMaxPool1d and Flatten",
        ),
        (
            [EMBEDDING, POOL, {"type": "GRU", "hidden_size": 4}, OUTPUT],
            "which a layer before it mixed, moved",
        ),
        ([EMBEDDING, OUTPUT], "end with {type: MaskedMeanPool} and {type: Linear, out_features: classes}"),
        ([{"type": "LSTM", "hidden_size": 4}, OUTPUT], "tokens (whole numbers) come in: put an Embedding"),
        (
            [EMBEDDING | {"num_embeddings": 99}, POOL, OUTPUT],
            "num_embeddings 99 is less than the 100 tokens of the data's vocabulary: leave it out",
        ),
        (
            [EMBEDDING, {"type": "TransformerEncoderLayer", "nhead": 3}, POOL, OUTPUT],
            "nhead 3 does not divide the 16 features that come in (20×16)",
        ),
    ],
)
def test_what_does_not_fit_a_text_says_why(layers, message):
    with pytest.raises(LayerError) as caught:
        resolve(layers, (20,), 2, 100)
    assert message in str(caught.value)


def test_data_that_are_no_texts():
    with pytest.raises(LayerError, match="needs the positions of a text, but the data are no texts"):
        resolve([POOL, OUTPUT], (20, 3), 2)


def test_dropout_of_a_single_recurrent_layer_is_a_mistake():
    (said,) = check([{"type": "LSTM", "hidden_size": 4, "dropout": 0.5}, OUTPUT])
    assert said.endswith(
        "dropout acts between its layers, but num_layers is 1: put a Dropout after it instead"
    )
