import pytest
import torch

from seedbed_runner.models import build_model
from seedbed_runner.models.texts import (
    LastToken,
    MaskedMaxPool,
    MaskedMeanPool,
    padding_of,
)
from seedbed_runner.reinitialise import model_builder

EMBEDDING = {"type": "Embedding", "embedding_dim": 8}
OUTPUT = {"type": "Linear", "out_features": "classes"}
POOLS = ("MaskedMeanPool", "MaskedMaxPool", "LastToken")
MODELS = {
    **{pool: [{"type": pool}] for pool in POOLS},
    "lstm": [
        {"type": "LSTM", "hidden_size": 4, "bidirectional": True, "num_layers": 2}, {"type": "MaskedMaxPool"},
    ],
    "gru": [{"type": "GRU", "hidden_size": 4}, {"type": "LastToken"}],
    "transformer": [
        {"type": "PositionalEmbedding"},
        {"type": "TransformerEncoderLayer", "nhead": 2, "dim_feedforward": 8, "norm_first": True},
        {"type": "TransformerEncoderLayer", "nhead": 2, "dim_feedforward": 8},
        {"type": "MaskedMeanPool"},
    ],
    "residual": [
        {
            "type": "Residual",
            "layers": [{"type": "GRU", "hidden_size": 8}, {"type": "Linear", "out_features": 6}],
        },
        {"type": "LayerNorm"},
        {"type": "MaskedMeanPool"},
    ],
}  # fmt: skip


def built(name, length=6):
    torch.manual_seed(0)
    return build_model({"layers": [EMBEDDING, *MODELS[name], OUTPUT]}, (length,), 3, 20).eval()


def test_where_padding_is():
    ids = torch.tensor([[3, 0, 4, 0, 0], [0, 0, 0, 0, 0], [1, 2, 3, 4, 5]])
    assert padding_of(ids).tolist() == [
        [False, False, False, True, True], [False, True, True, True, True], [False] * 5,
    ]  # fmt: skip


def test_pools_by_hand():
    x = torch.tensor([[[1.0, -5.0], [3.0, -7.0], [100.0, 100.0]]])
    padding = torch.tensor([[False, False, True]])
    assert MaskedMeanPool()(x, padding).tolist() == [[2.0, -6.0]]
    assert MaskedMaxPool()(x, padding).tolist() == [[3.0, -5.0]]
    assert LastToken()(x, padding).tolist() == [[3.0, -7.0]]


@pytest.mark.parametrize("name", MODELS)
def test_padding_changes_nothing(name):
    """A text gives the same among longer ones, whatever the padding's own vector is."""
    model = built(name)
    ids = torch.tensor([[3, 4, 0, 0, 0, 0], [5, 6, 7, 8, 9, 10], [0, 0, 0, 0, 0, 0]], dtype=torch.int32)
    with torch.no_grad():
        before = model(ids)
        model[0].weight[0] = 1000.0
        after = model(ids)
        short = model(ids[:1])
    assert torch.isfinite(before).all()
    torch.testing.assert_close(after[:2], before[:2])
    torch.testing.assert_close(short, before[:1])


@pytest.mark.parametrize("name", MODELS)
def test_every_weight_gets_a_gradient_and_padding_keeps_its_zeros(name):
    model = built(name).train()
    ids = torch.tensor([[3, 4, 5, 6, 7, 8], [5, 6, 7, 0, 0, 0]], dtype=torch.int32)
    model(ids).square().sum().backward()
    assert all(weight.grad is not None for weight in model.parameters())
    assert model[0].weight[0].abs().sum() == 0 == model[0].weight.grad[0].abs().sum()


def test_an_lstm_is_torchs():
    model, ids = built("lstm"), torch.tensor([[3, 4, 5, 6, 7, 8]])
    with torch.no_grad():
        states, _ = model[1].layer(model[0](ids))
        expected = model[3](states.amax(1))
        torch.testing.assert_close(model(ids), expected)


def test_training_is_bit_for_bit_the_same_again():
    from seedbed_runner.randomness import deterministic

    def trained(name):
        torch.manual_seed(5)
        model = built(name).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
        ids = torch.randint(0, 20, (16, 6), generator=torch.Generator().manual_seed(1))
        for _ in range(3):
            optimizer.zero_grad()
            model(ids).square().mean().backward()
            optimizer.step()
        return [weight.detach().clone() for weight in model.parameters()]

    with deterministic(1):
        for name in MODELS:
            assert all(map(torch.equal, trained(name), trained(name)))


def test_an_instance_is_initialised_anew():
    build = model_builder(built("transformer"), (6,), 3)
    torch.manual_seed(1)
    one, other = build(), build()
    assert not torch.equal(one[1].weight, other[1].weight)
