"""The configurations in examples/datasets: each is valid, and its model fits the shape of its data."""

from pathlib import Path

import pytest
import torch

from seedbed.api import Experiment
from seedbed.api.documents import parse_manifest
from seedbed_runner.contract.datasets import loader_of
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.data.hub_tasks import ALIASES, TASKS
from seedbed_runner.models.build import build
from seedbed_runner.sources.openml import SETS as TABLES
from seedbed_runner.sources.torchvision_sets import SETS as IMAGES

EXAMPLES = Path(__file__).parents[2] / "examples" / "datasets"
# Shape of one row, and outputs, by the name of the file; of tables a number of features that they could have.
SHAPES = {
    "cifar10": ([3, 32, 32], 10), "cifar100": ([3, 32, 32], 100), "mnist": ([1, 28, 28], 10),
    "fashion_mnist": ([1, 28, 28], 10), "svhn": ([3, 32, 32], 10), "images": ([3, 64, 64], 2),
    "titanic": ([12], 2), "adult": ([108], 2), "creditcard": ([30], 2), "table": ([9], 1),
}  # fmt: skip
# Outputs by the name of the file.
TEXTS = {
    "qnli": 2, "mnli": 3, "mrpc": 2, "qqp": 2, "rte": 2, "stsb": 1, "wnli": 2, "boolq": 2, "cb": 3, "copa": 2,
    "super_rte": 2, "wic": 2, "wsc": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_an_example_is_valid_and_learns_a_step(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    experiment = parse_manifest(path.read_bytes(), str(path))[0]
    assert isinstance(experiment, Experiment) and loader_of(experiment.spec.dataset.name)
    assert experiment.spec.named_metric in (None, *METRICS)
    shape, outputs = SHAPES[name]
    torch.manual_seed(0)
    network = build(experiment.spec.model.document(), shape, outputs).model
    rows = torch.randn(8, *shape)
    answers = network(rows)
    assert answers.shape == (8, outputs)
    answers.square().mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("name", TEXTS)
def test_an_example_of_texts_is_valid_and_learns_a_step(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    experiment = parse_manifest(path.read_bytes(), str(path))[0]
    assert isinstance(experiment, Experiment)
    dataset, outputs = experiment.spec.dataset, TEXTS[name]
    assert loader_of(dataset.name) and dataset.tokens is not None
    task = TASKS[dataset.name]
    assert experiment.spec.named_metric in (None, task.metric)
    length, vocabulary = dataset.tokens.length, dataset.tokens.vocabulary
    assert length is not None and vocabulary is not None
    torch.manual_seed(0)
    network = build(experiment.spec.model.document(), [length], outputs, vocabulary).model
    answers = network(torch.randint(1, vocabulary, (8, length)))
    assert answers.shape == (8, outputs)
    answers.square().mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_every_text_task_has_an_example() -> None:
    goals = {"cola", "sst2", "imdb"}
    manifests = {name: (EXAMPLES / f"{name}.yaml").read_bytes() for name in TEXTS}
    named = {parse_manifest(text, name)[0].spec.dataset.name for name, text in manifests.items()}
    assert named | {ALIASES.get(name, name) for name in goals} == set(TASKS)
    assert all((EXAMPLES.parent / f"{name}.yaml").exists() for name in goals)


def test_every_dataset_of_images_and_tables_has_an_example() -> None:
    own = {"images", "table"}
    assert {*IMAGES, *TABLES, *own} == set(SHAPES)
    assert set(SHAPES) <= {path.stem for path in EXAMPLES.glob("*.yaml")}
