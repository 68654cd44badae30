"""The loop that one would write by hand: what `benchmarks/evaluator.py` holds the evaluator against.

Batches are rows of tensors in memory, by index; one thread; the same rows, model, epochs, batch size and
optimizer as the evaluator's, and torch's own cosine schedule.
"""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from seedbed import QuickEvalConfig
from seedbed_runner.data import load
from seedbed_runner.models import build_model
from seedbed_runner.models.defaults import default_layers
from seedbed_runner.split import divide


def train_by_hand(asked: QuickEvalConfig) -> list[float]:
    """Accuracy on the validation split of each seed."""
    torch.set_num_threads(1)
    source = load(asked.data())
    divided = divide(source, asked.data()["split"])
    rows = np.arange(len(divided.labels["train"]))[: asked.subset_size]
    inputs = torch.from_numpy(divided.inputs["train"][rows])
    labels = torch.from_numpy(divided.labels["train"][rows])
    validation = torch.from_numpy(divided.inputs["validation"])
    truth = torch.from_numpy(divided.labels["validation"])
    layers = {"layers": default_layers(source.kind)}
    scores = []
    for seed in range(asked.num_seeds):
        torch.manual_seed(seed)
        model = build_model(layers, inputs.shape[1:], source.classes, divided.vocabulary)
        optimizer = torch.optim.AdamW(
            model.parameters(), lr=asked.learning_rate, weight_decay=asked.weight_decay
        )
        steps = -(-len(labels) // asked.batch_size) * asked.epochs
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(asked.epochs):
            model.train()
            for batch in torch.randperm(len(labels)).split(asked.batch_size):
                loss = cross_entropy(model(inputs[batch]), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.inference_mode():
            guessed = torch.cat([model(part).argmax(1) for part in validation.split(512)])
        scores.append((guessed == truth).float().mean().item())
    return scores
