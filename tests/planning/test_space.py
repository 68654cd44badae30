import pytest

from fakes.planning import card
from seedbed.planning.defaults import defaults
from seedbed.planning.space import batch_sizes, space, training_of, usual_epochs
from seedbed_runner.contract.records import Card


def known(train):
    return Card.from_dict(card(train=train))


@pytest.mark.parametrize(("train", "epochs"), [(20, 100), (400, 40), (1079, 15), (36_000, 8)])
def test_epochs_follow_the_size_of_the_data(train, epochs):
    assert usual_epochs(known(train)) == epochs


@pytest.mark.parametrize(
    ("train", "sizes"), [(20, (16,)), (89, (16,)), (341, (16, 32, 64)), (5000, (16, 32, 64, 128, 256))]
)
def test_batches_leave_four_steps_a_pass(train, sizes):
    assert batch_sizes(known(train)) == sizes


@pytest.mark.parametrize(("train", "choices"), [(999, (False,)), (1000, (False, True))])
def test_early_stopping_needs_a_slice_of_200(train, choices):
    assert space(known(train), ("cnn",), "accuracy")["early_stopping"].values == choices


def test_settings_become_a_training():
    settings = {**defaults(known(1079))[0], "lr": 0.003, "weight_decay": 0.02, "early_stopping": True}
    training = training_of(settings)
    assert (training.optimizer.type, training.optimizer.lr, training.optimizer.weight_decay) == (
        "AdamW",
        0.003,
        0.02,
    )
    assert training.early_stopping is not None
    sgd = training_of({**settings, "optimizer": "SGD", "early_stopping": False})
    assert (sgd.optimizer.type, sgd.optimizer.lr, sgd.optimizer.weight_decay) == ("SGD", 0.03, 0.002)
    assert sgd.early_stopping is None


def augmentations(**of):
    dimension = space(Card.from_dict(card(**of.pop("made", {})) | of), ("cnn",), "accuracy").get("augment")
    return dimension and dimension.values


PHOTOGRAPHS = {"made": {"shape": (3, 32, 32)}, "class_names": ["cat", "dog"]}


@pytest.mark.parametrize(
    ("of", "values"),
    [
        ({}, ("", "Crop")),
        (PHOTOGRAPHS, ("", "Crop", "Flip+Crop")),
        (PHOTOGRAPHS | {"class_names": ["0", "1"]}, ("", "Crop")),
        (PHOTOGRAPHS | {"class_names": ["00014", "stop"]}, ("", "Crop")),
        (PHOTOGRAPHS | {"class_names": []}, ("", "Crop")),
        ({"class_names": ["cat", "dog"]}, ("", "Crop")),
        ({"name": "synthetic"}, None),
        ({"task": "regression"}, None),
        ({"made": {"kind": "tabular", "shape": (13,)}}, None),
        ({"made": {"kind": "text", "shape": (32,)}}, None),
    ],
)  # fmt: skip
def test_images_may_be_moved_and_photographs_mirrored(of, values):
    assert augmentations(**of) == values


@pytest.mark.parametrize(
    ("imbalance", "metric", "weighted"),
    [
        (2.0, "f1_macro", True),
        (9.0, "balanced_accuracy", True),
        (1.9, "f1_macro", False),
        (9.0, "accuracy", False),
        (9.0, "roc_auc", False),
    ],
)
def test_classes_are_weighted_where_some_are_rare_and_each_counts_alike(imbalance, metric, weighted):
    data = Card.from_dict(card("tabular", (13,)) | {"imbalance": imbalance})
    assert ("class_weights" in space(data, ("mlp",), metric)) == weighted


def test_what_is_done_to_images_and_classes_is_in_the_training_alone_where_it_is_wanted():
    settings = defaults(known(1079))[0]
    plain = training_of(settings)
    assert plain.augment is None and plain.class_weights is None
    assert training_of({**settings, "augment": "", "class_weights": False}) == plain
    asked = training_of({**settings, "augment": "Flip+Crop", "class_weights": True})
    assert (asked.augment, asked.class_weights) == (["Flip", "Crop"], "Balanced")
