import json

import numpy as np
import pytest
import torch
from torch import nn

import seedbed
from seedbed import QuickEvalConfig, quick_evaluate_once
from seedbed.api.dataset import Dataset
from seedbed_runner.errors import BadInput, ModelFailure
from seedbed_runner.prepare import prepare
from seedbed_runner.quick.judge import Judge

QUICK = {"dataset_name": "iris", "num_seeds": 3, "epochs": 5}


def linear(shape, classes):
    return nn.Linear(*shape, classes)


def test_it_gives_what_it_promises():
    told = []
    result = quick_evaluate_once(linear, QuickEvalConfig(**QUICK, target_accuracy=0.2), progress=told.append)
    accuracy = result.aggregated["val_accuracy"]
    assert set(accuracy) == {"mean", "std", "ci_95", "n", "values"}
    assert accuracy["n"] == 3 and accuracy["values"] == [seed.metrics["accuracy"] for seed in told]
    assert accuracy["mean"] == pytest.approx(np.mean(accuracy["values"]))
    assert accuracy["std"] == pytest.approx(np.std(accuracy["values"], ddof=1))
    assert result.goal_achieved is (result.lower_bound >= 0.2)
    assert result.statement.endswith("not a claim after a search")
    assert result.parameters == 4 * 3 + 3
    json.dumps(result.to_dict())


def test_the_same_call_gives_the_same_bits_and_leaves_torch_as_it_was():
    torch.manual_seed(5)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first = quick_evaluate_once(linear, QuickEvalConfig(**QUICK))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads and not torch.are_deterministic_algorithms_enabled()
    torch.rand(7)
    again = quick_evaluate_once(linear, QuickEvalConfig(**QUICK))
    assert again.aggregated == first.aggregated


def test_a_seed_gives_the_same_alone_and_after_others():
    both = quick_evaluate_once(nn.Sequential(nn.Linear(4, 3)), QuickEvalConfig(**QUICK))
    alone = quick_evaluate_once(
        nn.Sequential(nn.Linear(4, 3)), QuickEvalConfig(**(QUICK | {"num_seeds": 1, "first_seed": 2}))
    )
    assert alone.seeds[0].metrics == both.seeds[2].metrics


def test_it_scores_the_validation_split_of_a_prepared_dataset(tmp_path):
    dataset = Dataset(name="iris").document()
    card = prepare(dataset, tmp_path)
    prepared = np.load(card.parent / "validation_inputs.npy")
    mine = Judge(QuickEvalConfig(**QUICK)).rows().validation
    assert np.array_equal(np.sort(prepared, axis=0), np.sort(mine, axis=0))


def test_a_subset_is_drawn_once_and_is_smaller():
    def inputs(**more):
        return Judge(QuickEvalConfig(**QUICK, **more)).rows().inputs

    small = inputs(subset_size=20)
    assert len(small) == 20 and np.array_equal(small, inputs(subset_size=20))
    assert len(inputs(subset_size=10**6)) == len(inputs())


def test_one_seed_says_nothing_of_a_target():
    result = quick_evaluate_once(linear, QuickEvalConfig(**(QUICK | {"num_seeds": 1}), target_accuracy=0.1))
    assert result.goal_achieved is None and "one seed" in result.statement


def test_without_a_target_nothing_is_tested():
    assert quick_evaluate_once(linear, QuickEvalConfig(**QUICK)).goal_achieved is None


class Exploding(nn.Module):
    """Gives infinities on every second call of the class."""

    built = 0

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 3)
        type(self).built += 1
        self.factor = float("inf") if self.built % 2 == 0 else 1.0

    def forward(self, x):
        return self.head(x) * self.factor


def test_a_failed_seed_is_counted_and_never_filled_in():
    Exploding.built = 0
    result = quick_evaluate_once(Exploding, QuickEvalConfig(**QUICK, target_accuracy=0.0, workers=1))
    assert [bool(seed.failure) for seed in result.seeds] == [False, True, False]
    assert result.aggregated["val_accuracy"]["n"] == 2
    assert result.goal_achieved is False and "seed 1 failed (1 of 3 seeds did)" in result.statement


def test_when_every_seed_fails_there_is_no_result():
    class Broken(Exploding):
        def forward(self, x):
            return self.head(x) * float("nan")

    with pytest.raises(ModelFailure, match="every seed failed: the loss became nan"):
        quick_evaluate_once(Broken, QuickEvalConfig(**QUICK))


def test_a_model_of_the_wrong_width_is_a_sentence():
    with pytest.raises(BadInput, match=r"gives \(2, 5\) for 2 rows, but 3 classes were due"):
        quick_evaluate_once(lambda: nn.Linear(4, 5), QuickEvalConfig(**QUICK))


def test_a_model_that_takes_other_rows_is_a_sentence():
    with pytest.raises(BadInput, match="does not take rows of shape 4: mat1 and mat2"):
        quick_evaluate_once(lambda: nn.Linear(7, 3), QuickEvalConfig(**QUICK))


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"target_accuracy": 97}, r"`target_accuracy` is 97 but must be in \[0, 1\); did you mean 0.97\?"),
        ({"num_seeds": 0}, "`num_seeds` is 0 but must be a whole number, at least 1"),
        ({"epochs": 2.5}, "`epochs` is 2.5 but must be a whole number, at least 1"),
        ({"first_seed": -1}, "`first_seed` is -1 but must be a whole number, at least 0"),
        ({"learning_rate": float("nan")}, "`learning_rate` is nan but must be above 0"),
        ({"optimizer": "adam"}, "`optimizer` is 'adam' but must be SGD or Adam or AdamW"),
        ({"learning_rate": -1.0}, "`learning_rate` is -1.0 but must be above 0"),
        ({"subset_size": 1}, "`subset_size` is 1 but must be a whole number, at least 2"),
    ],
)
def test_impossible_settings_are_refused(update, sentence):
    with pytest.raises(BadInput, match=sentence):
        QuickEvalConfig(**(QUICK | update))


def test_an_unknown_dataset_names_the_near_ones():
    with pytest.raises(BadInput, match="did you mean iris"):
        quick_evaluate_once(linear, QuickEvalConfig(dataset_name="irs"))


def test_the_package_gives_the_evaluator_and_nothing_else():
    assert seedbed.quick_evaluate_once is quick_evaluate_once
    with pytest.raises(AttributeError, match="no attribute 'slow_evaluate'"):
        _ = seedbed.slow_evaluate


def test_seeds_at_once_give_the_bits_of_seeds_in_turn():
    quick = {**QUICK, "num_seeds": 3, "measure_costs": True}
    in_turn, at_once = (
        quick_evaluate_once(linear, QuickEvalConfig(**quick, workers=workers)) for workers in (1, 2)
    )
    assert (in_turn.workers, at_once.workers) == (1, 2)
    assert at_once.aggregated == in_turn.aggregated
    assert at_once.costs.flops == in_turn.costs.flops == 2 * 4 * 3


def test_a_metric_that_does_not_apply_is_refused_before_training():
    def never():
        raise AssertionError

    with pytest.raises(BadInput, match="f1 is of two classes, these data have 3: use f1_macro"):
        quick_evaluate_once(never, QuickEvalConfig(**QUICK, metric="f1"))
    with pytest.raises(BadInput, match="rmse is a metric of regression, these data are for one of: accuracy"):
        quick_evaluate_once(never, QuickEvalConfig(**QUICK, metric="rmse"))
    with pytest.raises(BadInput, match="'f2' is no metric"):
        QuickEvalConfig(metric="f2")


def test_a_target_of_a_metric_that_is_to_be_small():
    result = quick_evaluate_once(linear, QuickEvalConfig(**QUICK, metric="log_loss", target=1e3))
    assert result.goal_achieved and result.lower_bound > result.aggregated["val_log_loss"]["mean"]
    assert "upper bound of the mean validation log loss" in result.statement


def test_synthetic_data_have_a_manifests_defaults() -> None:
    config = QuickEvalConfig("synthetic", dataset={"synthetic": {"samples": 300}})
    asked = Dataset.model_validate({"name": "synthetic", "synthetic": {"samples": 300}}).document()
    assert config.data()["synthetic"] == asked["synthetic"]
