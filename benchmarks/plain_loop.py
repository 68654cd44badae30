"""The loop that one would write by hand: what `benchmarks/evaluator.py` holds the evaluator against.

Batches are rows of tensors in memory, by index; one thread; the same rows, model, epochs, batch size and
optimizer as the evaluator's, and torch's own cosine schedule.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from seedbed import QuickEvalConfig
from seedbed_runner.data import load
from seedbed_runner.models import build_model
from seedbed_runner.models.defaults import default_layers
from seedbed_runner.scaling import Scaling
from seedbed_runner.split import divide

Wrapper = Callable[[torch.nn.Module], torch.nn.Module]


def train_by_hand(asked: QuickEvalConfig, wrapped: Wrapper = lambda model: model) -> list[float]:
    """Accuracy on the validation split of each seed; `wrapped` may look on at the model."""
    torch.set_num_threads(1)
    device = torch.device("cpu" if asked.device == "auto" else asked.device)
    source = load(asked.data())
    divided = divide(source, asked.data()["split"])
    rows = np.arange(len(divided.labels["train"]))[: asked.subset_size]
    inputs = torch.from_numpy(divided.inputs["train"][rows]).to(device)
    labels = torch.from_numpy(divided.labels["train"][rows]).to(device)
    validation = torch.from_numpy(divided.inputs["validation"]).to(device)
    truth = torch.from_numpy(divided.labels["validation"]).to(device)
    layers = {"layers": default_layers(source.kind)}
    read = pixels(divided.scaling, device) if divided.scaling else lambda batch: batch
    scores = []
    for seed in range(asked.num_seeds):
        torch.manual_seed(seed)
        model = wrapped(build_model(layers, inputs.shape[1:], source.classes, divided.vocabulary)).to(device)
        optimizer = torch.optim.AdamW(
            model.parameters(), lr=asked.learning_rate, weight_decay=asked.weight_decay
        )
        steps = -(-len(labels) // asked.batch_size) * asked.epochs
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(asked.epochs):
            model.train()
            for batch in torch.randperm(len(labels), device=device).split(asked.batch_size):
                loss = cross_entropy(model(read(inputs[batch])), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.inference_mode():
            guessed = torch.cat([model(read(part)).argmax(1) for part in validation.split(512)])
        scores.append((guessed == truth).float().mean().item())
    return scores


def pixels(scaling: Scaling, device: torch.device) -> Callable[[torch.Tensor], torch.Tensor]:
    """Bytes to numbers of mean 0 and deviation 1 a channel."""
    mean, deviation = (
        torch.tensor(values, dtype=torch.float32, device=device).reshape(1, -1, 1, 1)
        for values in (scaling.mean, scaling.deviation)
    )
    return lambda batch: (batch.float() - mean) / deviation
