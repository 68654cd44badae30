import math
from typing import Any

import numpy as np
import pytest
import torch

from seedbed.api.training import Training
from seedbed_runner.child import plain
from seedbed_runner.errors import ModelFailure
from seedbed_runner.loop import (
    Diagnostics,
    autocast_for,
    build_optimizer,
    clip_gradients,
    layout_for,
    predict,
    split_batches,
    train_model,
)  # fmt: skip
from seedbed_runner.randomness import deterministic, fresh_model, streams

CPU = torch.device("cpu")


def blobs(rows: int = 60, classes: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.arange(rows) % classes
    noise = torch.from_numpy(np.random.default_rng(0).standard_normal((rows, 4)).astype(np.float32))
    return noise + 3 * torch.eye(4)[labels], labels


def train(
    model: torch.nn.Module | None = None, data: Any = None, seed: int = 0, **training: Any
) -> tuple[torch.nn.Module, Diagnostics]:
    drawn = streams(seed)
    model = model or fresh_model(lambda: torch.nn.Linear(4, 3), drawn)
    document = Training.model_validate({"epochs": 3, "batchSize": 20} | training).document()
    with deterministic(threads=1):
        return model, train_model(model, *(data or blobs()), document, drawn, CPU)


def test_one_epoch_of_sgd_is_what_is_done_by_hand() -> None:
    inputs, labels = blobs()
    drawn = streams(7)
    settings = {"optimizer": {"type": "SGD", "lr": 0.5, "momentum": 0.0}, "schedule": {"type": "Constant"}}
    model, diagnostics = train(seed=7, epochs=1, **settings)
    torch.manual_seed(drawn.initialisation)
    by_hand = torch.nn.Linear(4, 3)
    order = torch.randperm(60, generator=torch.Generator().manual_seed(drawn.order))
    losses = []
    for batch in (order[:20], order[20:40], order[40:]):
        loss = torch.nn.functional.cross_entropy(by_hand(inputs[batch]), labels[batch])
        gradients = torch.autograd.grad(loss, list(by_hand.parameters()))
        with torch.no_grad():
            for weight, gradient in zip(by_hand.parameters(), gradients, strict=True):
                weight -= 0.5 * gradient
        losses.append(loss.item())
    assert torch.allclose(model.weight, by_hand.weight, atol=1e-6)  # type: ignore[arg-type]
    assert diagnostics.train_loss == pytest.approx([np.mean(losses)])
    assert diagnostics.learning_rate == [0.5] and diagnostics.best_epoch == 1
    assert diagnostics.gradient_norm == pytest.approx([math.hypot(*(g.norm().item() for g in gradients))])


def test_it_learns_and_the_seed_decides() -> None:
    inputs, labels = blobs()
    first, _ = train(epochs=20, optimizer={"lr": 0.1})
    again, _ = train(epochs=20, optimizer={"lr": 0.1})
    other, _ = train(epochs=20, optimizer={"lr": 0.1}, seed=1)
    assert (predict(first, inputs.numpy(), CPU, "float32").argmax(1) == labels).float().mean() > 0.95
    assert torch.equal(first.weight, again.weight)  # type: ignore[arg-type]
    assert not torch.equal(first.weight, other.weight)  # type: ignore[arg-type]


def test_no_hyperparameter_is_ignored() -> None:
    base, _ = train()
    changes: list[dict[str, Any]] = [
        {"epochs": 4}, {"batchSize": 30}, {"labelSmoothing": 0.1}, {"clipNorm": 0.01},
        {"precision": "bfloat16"},
        {"optimizer": {"lr": 0.01}}, {"optimizer": {"weightDecay": 1.0}},
        {"optimizer": {"type": "Adam", "weightDecay": 1.0}},
        {"optimizer": {"type": "SGD"}}, {"optimizer": {"type": "SGD", "momentum": 0.1}},
        {"schedule": {"type": "Constant"}}, {"schedule": {"type": "OneCycle"}},
        {"schedule": {"warmupEpochs": 1}},
        {"schedule": {"type": "Step", "stepEpochs": 1}},
        {"schedule": {"type": "Step", "stepEpochs": 1, "gamma": 0.5}},
    ]  # fmt: skip
    weights = [train(**change)[0].weight for change in [{}, *changes]]
    assert torch.equal(weights[0], base.weight)  # type: ignore[arg-type]
    for i, weight in enumerate(weights):
        assert not any(torch.equal(weight, other) for other in weights[:i]), changes[i - 1]  # type: ignore[arg-type]


def test_dropout_has_a_stream_of_its_own() -> None:
    def build() -> torch.nn.Module:
        return torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Linear(4, 3))

    torch.manual_seed(0)
    first = train(fresh_model(build, streams(3)), seed=3)[0][1]  # type: ignore[index]
    torch.manual_seed(99)
    second = train(fresh_model(build, streams(3)), seed=3)[0][1]  # type: ignore[index]
    assert torch.equal(first.weight, second.weight)


def test_a_loss_that_is_no_number_ends_the_run() -> None:
    with pytest.raises(ModelFailure, match="the loss became nan in epoch 1") as caught:
        train(torch.nn.Sequential(torch.nn.Linear(4, 3), NotANumber()))
    assert caught.value.reason == "NonFinite"


class NotANumber(torch.nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values * float("nan")


def test_early_stopping_ends_early_and_restores_the_best() -> None:
    data = blobs(rows=1200)
    stopping = {"patience": 2, "fraction": 0.25}
    model, diagnostics = train(data=data, epochs=50, optimizer={"lr": 0.3}, earlyStopping=stopping)
    ran = len(diagnostics.train_loss)
    assert ran == diagnostics.best_epoch + 2 < 50
    assert len(diagnostics.slice_score) == ran
    assert max(diagnostics.slice_score) == diagnostics.slice_score[diagnostics.best_epoch - 1]
    whole, told = train(data=data, epochs=diagnostics.best_epoch, optimizer={"lr": 0.3})
    assert told.slice_score == [] and not torch.equal(model.weight, whole.weight)  # type: ignore[arg-type]


def test_a_small_slice_switches_early_stopping_off() -> None:
    _, diagnostics = train(epochs=6, earlyStopping={"patience": 1, "fraction": 0.5})
    assert len(diagnostics.train_loss) == 6 and diagnostics.slice_score == [] and diagnostics.best_epoch == 6


def test_a_last_batch_of_one_row_is_dropped_only_for_batch_norm() -> None:
    rows = torch.arange(41)
    assert [len(batch) for batch in split_batches(rows, 20, drop_single=True)] == [20, 20]
    assert [len(batch) for batch in split_batches(rows, 20, drop_single=False)] == [20, 20, 1]
    assert [len(batch) for batch in split_batches(rows[:35], 20, drop_single=True)] == [20, 15]
    assert [len(batch) for batch in split_batches(rows[:1], 20, drop_single=True)] == [1]
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    train(model, data=blobs(rows=41))  # without dropping, batch norm refuses a single row


def test_clipping_scales_all_gradients_together() -> None:
    model = torch.nn.Linear(2, 1, bias=False)
    model.weight.grad = torch.tensor([[3.0, 4.0]])
    assert clip_gradients(model, None) == 5.0 and model.weight.grad.tolist() == [[3, 4]]
    assert clip_gradients(model, 1.0) == 5.0
    assert model.weight.grad.tolist()[0] == pytest.approx([0.6, 0.8], abs=1e-5)


def test_images_on_a_gpu_lie_channel_by_channel_and_are_kept_in_rows() -> None:
    images, table, gpu = torch.zeros(2, 3, 4, 4), torch.zeros(2, 3), torch.device("cuda")
    assert layout_for(gpu, images) is torch.channels_last
    assert {layout_for(gpu, table), layout_for(torch.device("cpu"), images)} == {torch.preserve_format}
    given = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    kept = plain(given)
    assert kept.is_contiguous() and torch.equal(kept, given)


def test_optimizers_get_their_settings() -> None:
    model = torch.nn.Linear(1, 1)
    settings = {"lr": 0.2, "weightDecay": 0.3, "momentum": 0.4}
    sgd = build_optimizer(model, {"type": "SGD"} | settings)
    assert isinstance(sgd, torch.optim.SGD)
    assert (sgd.defaults["momentum"], sgd.defaults["nesterov"]) == (0.4, False)
    for kind in (torch.optim.Adam, torch.optim.AdamW):
        made = build_optimizer(model, {"type": kind.__name__} | settings)
        assert isinstance(made, kind) and type(made).__name__ == kind.__name__
        assert (made.defaults["lr"], made.defaults["weight_decay"]) == (0.2, 0.3)


def rescaled(augment: Any = None, groups: tuple[float, ...] = (0.1,)) -> tuple[torch.nn.Module, Diagnostics]:
    """Five epochs with an optimizer that gives the model's weights such rates, one group each."""
    drawn = streams(0)
    model = fresh_model(lambda: torch.nn.Linear(4, 3), drawn)
    document = Training.model_validate({"epochs": 5, "batchSize": 20, "optimizer": {"lr": 0.1}}).document()

    def build(model: torch.nn.Module, settings: Any) -> torch.optim.Optimizer:
        pairs = zip(model.parameters(), groups * 2, strict=False)
        return torch.optim.AdamW([{"params": [value], "lr": rate} for value, rate in pairs], weight_decay=0.0)

    with deterministic(threads=1):
        told = train_model(model, *blobs(), document, drawn, CPU, optimizer_of=build, augment=augment)
    return model, told


def test_the_schedule_moves_each_group_s_rate_in_proportion() -> None:
    own, _ = train(epochs=5, optimizer={"lr": 0.1})
    same, told = rescaled()
    assert torch.equal(same.weight, own.weight)  # type: ignore[arg-type]
    other, twice = rescaled(groups=(0.2, 0.1))
    both, _ = rescaled(groups=(0.2, 0.2))
    assert not torch.equal(other.weight, own.weight)  # type: ignore[arg-type]
    assert not torch.equal(other.bias, both.bias)  # type: ignore[arg-type]
    assert twice.learning_rate == [2 * rate for rate in told.learning_rate]


def test_batches_for_training_are_augmented_by_a_stream_of_their_own() -> None:
    seen: list[torch.Tensor] = []

    def augment(batch: torch.Tensor) -> torch.Tensor:
        seen.append(torch.rand(2))
        return batch.mul_(1)

    plain, _ = rescaled()
    model, _ = rescaled(augment)
    first, count = torch.stack(seen), len(seen)
    assert count == 5 * 3 and len(first.unique()) == 2 * count
    assert torch.equal(model.weight, plain.weight)  # type: ignore[arg-type]
    seen.clear()
    noisy, _ = rescaled(lambda batch: augment(batch) + torch.rand(len(batch), 4))
    assert len(seen) == count and not torch.equal(noisy.weight, plain.weight)  # type: ignore[arg-type]
    torch.manual_seed(streams(0).augmentation)
    assert torch.equal(first.flatten(), torch.rand(2 * count))


def test_float16_needs_cuda() -> None:
    with pytest.raises(ModelFailure, match="precision float16 needs CUDA") as caught:
        autocast_for("float16", CPU)
    assert caught.value.reason == "NoDevice"


def test_predictions_are_float32_whatever_the_precision_and_do_not_train() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Dropout(0.9))
    inputs = blobs(rows=1100)[0].numpy()
    first, again = (predict(model, inputs, CPU, "bfloat16") for _ in range(2))
    assert first.shape == (1100, 3) and first.dtype == torch.float32 and torch.equal(first, again)
    assert not model.training
