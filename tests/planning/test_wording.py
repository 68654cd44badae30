from fakes.planning import card, line
from seedbed.api.training import EarlyStopping, Optimizer, Training
from seedbed.planning.wording import difference, expected_effect, hypothesis
from seedbed_runner.contract.records import Card

CNN = {"family": "cnn", "size": 2, "depth": 3, "norm": True, "activation": "ReLU", "dropout": 0.3}
OLD = Training(optimizer=Optimizer(lr=0.001))


def test_only_what_differs_is_named():
    new = Training(optimizer=Optimizer(lr=0.0032), early_stopping=EarlyStopping())
    wider = {**CNN, "size": 3, "norm": False}
    assert difference(new, wider, OLD, CNN) == (
        "width 32 → 64, normalisation on → off, lr 0.001 → 0.0032, early stopping off → patience 5"
    )
    assert difference(OLD, CNN, OLD, CNN) == ""


def test_another_family_and_another_planners_model():
    mlp = {**CNN, "family": "linear"}
    phrase = "CNN (width 32, depth 3, normalisation on, activation ReLU, dropout 0.3)"
    assert difference(OLD, mlp, OLD, CNN) == f"{phrase} → linear model"
    assert difference(OLD, CNN, OLD, None) == f"another model: {phrase}"


def test_sgd_says_its_momentum():
    sgd = Training(optimizer=Optimizer(type="SGD", lr=0.001))
    assert difference(sgd, CNN, OLD, CNN) == "optimizer AdamW → SGD (momentum 0.9)"


def test_hypotheses_say_what_was_done():
    data = Card.from_dict(card())
    assert "a sound start on Handwritten digits" in hypothesis("default", CNN, data, 0)
    assert "drawn at random" in hypothesis("random", CNN, data, 3)
    assert "a model of the 7 outcomes known" in hypothesis("model", CNN, data, 7)
    assert hypothesis("random", {**CNN, "family": "residual_mlp"}, data, 3).startswith(
        "Residual MLP (width 128"
    )


def test_the_expected_effect_is_measured_at_the_best():
    best = line(4, 0.9731)
    assert expected_effect("default", "accuracy", None) == "A first score, to compare others with."
    assert expected_effect("model", "accuracy", best) == (
        "More than 0.9731, the best accuracy on validation so far (experiment 4)."
    )
    assert "the draw is blind" in expected_effect("random", "accuracy", best)
