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
    assert space(known(train), ("cnn",))["early_stopping"].values == choices


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
