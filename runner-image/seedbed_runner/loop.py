"""The training loop: one function, hyperparameters at the top. Run by the train child and by the evaluator.

The whole split lies on the device as one tensor and batches are index lookups: for data of this size a loader
costs more than the training.
"""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import torch
from numpy.typing import NDArray
from torch.nn.modules.batchnorm import _BatchNorm

from seedbed_runner import optimizers
from seedbed_runner.batches import BatchFunction, as_it_is
from seedbed_runner.errors import ModelFailure
from seedbed_runner.losses import loss_of, slice_score
from seedbed_runner.models.built import Augmentation, OptimizerBuilder
from seedbed_runner.randomness import Streams, with_stream
from seedbed_runner.schedule import factor
from seedbed_runner.stopping import EarlyStopper, hold_out

_PREDICT_ROWS = 512


@dataclass
class Diagnostics:
    """What the trainer says of itself, one value an epoch; never part of a verdict.

    Attributes:
        train_loss: mean over the epoch's batches.
        learning_rate: at the epoch's last step.
        gradient_norm: at the epoch's last step, before clipping; None where it overflowed.
        slice_score: accuracy, or R², on the early-stopping slice; empty when there is none.
        best_epoch: the epoch, from 1, whose weights were kept.
        ended_at: when its batches were through, in seconds since the epoch of the clock; two trainings that
            are equal but for it are equal.
    """

    train_loss: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    gradient_norm: list[float | None] = field(default_factory=list)
    slice_score: list[float] = field(default_factory=list)
    best_epoch: int = 0
    ended_at: list[float] = field(default_factory=list, compare=False)

    def document(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def note(self, epoch: int, loss: float, rate: float, norm: float) -> None:
        """Take down an epoch.

        Raises:
            ModelFailure: NonFinite, when its loss is.
        """
        if not math.isfinite(loss):
            raise ModelFailure(
                "NonFinite", f"the loss became {loss} in epoch {epoch}: try a lower learning rate"
            )
        self.train_loss.append(loss)
        self.learning_rate.append(rate)
        self.gradient_norm.append(norm if math.isfinite(norm) else None)
        self.best_epoch = epoch
        self.ended_at.append(time.time())


def train_model(
    model: torch.nn.Module,
    train_inputs: torch.Tensor,
    train_labels: torch.Tensor,
    training: Mapping[str, Any],
    streams: Streams,
    device: torch.device,
    report: Callable[[Diagnostics], None] = lambda diagnostics: None,
    optimizer_of: OptimizerBuilder | None = None,
    augment: Augmentation | None = None,
    read: BatchFunction = as_it_is,
) -> Diagnostics:
    """Train `model` in place.

    Args:
        model: as `randomness.fresh_model` built it.
        train_inputs: rows × input shape, as they are stored, on the CPU.
        train_labels: rows, on the CPU: int64 classes, or scaled float32 values.
        training: `spec.training` as JSON, every default filled in.
        streams: order, dropout and augmentation are used here.
        device: where to train.
        report: called after each epoch.
        optimizer_of: makes the optimizer; None: `training` names it.
        augment: what becomes of each training batch; None: it stays as it is.
        read: makes the model's input of a batch, before `augment`.

    Raises:
        ModelFailure: NonFinite, when an epoch's loss is; NoDevice, for float16 without CUDA.
    """
    epochs, batch_size = training["epochs"], training["batchSize"]
    clip_norm, schedule = training.get("clipNorm"), training["schedule"]
    precision, stopping = training["precision"], training.get("earlyStopping")

    torch.manual_seed(streams.dropout)
    order = torch.Generator().manual_seed(streams.order)
    model.to(device, memory_format=layout_for(device, train_inputs))  # type: ignore[call-overload]
    optimizer = (optimizer_of or build_optimizer)(model, training["optimizer"])
    peak_rates = [group["lr"] for group in optimizer.param_groups]
    change = with_stream(augment, streams.augmentation, device) if augment else as_it_is
    autocast = autocast_for(precision, device)
    scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")
    held = torch.from_numpy(hold_out(train_labels.numpy(), stopping))
    kept = ~held if held.any() else slice(None)  # all rows: a view, not a copy
    inputs, labels = train_inputs[kept].to(device), train_labels[kept].to(device)
    slice_inputs, slice_labels = train_inputs[held].numpy(), train_labels[held]
    stopper = EarlyStopper(model, stopping["patience"]) if stopping and held.any() else None
    split = partial(split_batches, size=batch_size, drop_single=has_batch_norm(model))
    steps, loss_function = len(split(torch.arange(len(labels)))), loss_of(training, labels)
    diagnostics = Diagnostics()

    for epoch in range(1, epochs + 1):
        model.train()
        loss_sum = torch.zeros((), device=device)
        batches = split(torch.randperm(len(labels), generator=order).to(device))
        for step, batch in enumerate(batches):
            share = factor((epoch - 1) * steps + step, schedule, epochs, steps)
            for group, peak in zip(optimizer.param_groups, peak_rates, strict=True):
                group["lr"] = peak * share
            rows = change(read(inputs[batch]))
            with autocast():
                loss = loss_function(model(rows), labels[batch])
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            if clip_norm or step == steps - 1:  # the norm costs a pass over all gradients
                scaler.unscale_(optimizer)
                norm = clip_gradients(model, clip_norm)
            scaler.step(optimizer)
            scaler.update()
            loss_sum += loss.detach()
        diagnostics.note(epoch, loss_sum.item() / steps, float(optimizer.param_groups[0]["lr"]), norm)
        if stopper:
            score, held_loss = slice_score(
                predict(model, slice_inputs, device, precision, read), slice_labels
            )
            diagnostics.slice_score.append(score)
            stop = stopper.see(epoch, score, held_loss)
            diagnostics.best_epoch = stopper.best_epoch
        report(diagnostics)
        if stopper and stop:
            break
    if stopper:
        stopper.restore()
    return diagnostics


def layout_for(device: torch.device, inputs: torch.Tensor) -> torch.memory_format:
    """How weights lie in memory: of images on CUDA channel by channel, as its convolutions like it."""
    images = device.type == "cuda" and inputs.dim() == 4  # (rows, channels, height, width)
    return torch.channels_last if images else torch.preserve_format


def build_optimizer(model: torch.nn.Module, settings: Mapping[str, Any]) -> torch.optim.Optimizer:
    """The optimizer that `spec.training.optimizer` describes."""
    kind, own = settings["type"], {"lr": settings["lr"], "weight_decay": settings["weightDecay"]}
    if kind not in optimizers.KINDS:
        raise ValueError(f"{kind!r} is no optimizer")
    if kind == "SGD":
        own["momentum"] = settings["momentum"]
    made: torch.optim.Optimizer = optimizers.KINDS[kind](model.parameters(), **own)
    return made


def autocast_for(precision: str, device: torch.device) -> Callable[[], AbstractContextManager[Any]]:
    """A factory of the context in which forward passes run.

    Raises:
        ModelFailure: NoDevice, for float16 without CUDA: its gradients would need a scaler that CPUs lack.
    """
    if precision == "float16" and device.type != "cuda":
        raise ModelFailure("NoDevice", "precision float16 needs CUDA: use bfloat16 or float32")
    kind = {"float32": None, "bfloat16": torch.bfloat16, "float16": torch.float16}[precision]
    return partial(torch.autocast, device.type, dtype=kind or torch.bfloat16, enabled=kind is not None)


def has_batch_norm(model: torch.nn.Module) -> bool:
    """Whether a batch of a single row would have no variance to normalise by."""
    return any(isinstance(module, _BatchNorm) for module in model.modules())


def split_batches(permuted: torch.Tensor, size: int, drop_single: bool) -> list[torch.Tensor]:
    """An epoch's row indices in batches; a last one of a single row is dropped if so asked."""
    batches = list(torch.split(permuted, size))
    if drop_single and len(batches) > 1 and len(batches[-1]) == 1:
        batches.pop()
    return batches


def clip_gradients(model: torch.nn.Module, max_norm: float | None) -> float:
    """The norm of all gradients together; scaled down to `max_norm` where it is given and exceeded."""
    weights = [weight for weight in model.parameters() if weight.grad is not None]
    if max_norm is not None:
        return float(torch.nn.utils.clip_grad_norm_(weights, max_norm))
    norms = [torch.linalg.vector_norm(weight.grad) for weight in weights]
    return float(torch.linalg.vector_norm(torch.stack(norms)))


def predict(
    model: torch.nn.Module,
    inputs: NDArray[Any],
    device: torch.device,
    precision: str,
    read: BatchFunction = as_it_is,
    at_once: int = _PREDICT_ROWS,
) -> torch.Tensor:
    """What the model gives for `inputs`: rows × classes, float32, on the CPU.

    Args:
        model: in any mode; it is in evaluation mode afterwards.
        inputs: rows × input shape, in their stored type.
        device: where the model is.
        precision: of the forward pass.
        read: what the model is given of a batch.
        at_once: rows a batch.
    """
    model.eval()
    parts = []
    with torch.inference_mode(), autocast_for(precision, device)():
        for start in range(0, len(inputs), at_once):
            batch = torch.tensor(inputs[start : start + at_once], device=device)
            parts.append(model(read(batch)).float().cpu())
    return torch.cat(parts)
