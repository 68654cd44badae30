from dataclasses import replace

from fakes.cluster import experiment, request
from seedbed.cluster.names import (
    MAX_JOB_NAME,
    card_key,
    prepare_job_name,
    request_hash,
    run_job_name,
    run_labels,
)

UID = "0e0c7a3e-8a51-4b8e-a1d4-3f2b6c1d9e00"


def test_a_run_is_named_by_everything_that_tells_attempts_apart():
    assert run_job_name("digits-e001", UID, 100000, 2) == "digits-e001-s100000-a2-0e0c7a3e"


def test_a_long_name_is_cut_and_its_end_kept():
    name = run_job_name("x" * 63, UID, 2**53 - 1, 12)
    assert len(name) == MAX_JOB_NAME
    assert name.endswith("xxx-s9007199254740991-a12-0e0c7a3e")


def test_a_namesake_made_again_gets_other_jobs():
    assert run_job_name("e", UID, 0, 1) != run_job_name("e", "1" + UID[1:], 0, 1)


def test_datasets_of_two_stores_are_prepared_apart():
    first, second = (prepare_job_name("0123456789abcdef", store) for store in ("default", "other"))
    assert first.startswith("prepare-0123456789abcdef-") and first != second
    assert len(prepare_job_name("0123456789abcdef", "s" * 63)) <= MAX_JOB_NAME


def test_the_card_of_a_dataset():
    assert card_key("team", "0123456789abcdef") == "team/datasets/0123456789abcdef/public/card.json"


def test_labels_name_the_goal_only_where_there_is_one():
    made = experiment("digits")
    labels = run_labels(made, 7, 2)
    assert labels == {
        "seedbed.dev/kind": "run",
        "seedbed.dev/goal": "digits",
        "seedbed.dev/experiment": "digits-e001",
        "seedbed.dev/seed": "7",
        "seedbed.dev/attempt": "2",
    }
    alone = made.model_copy(update={"spec": made.spec.model_copy(update={"goal": None})})
    assert "seedbed.dev/goal" not in run_labels(alone, 7, 2)


def test_the_hash_tells_requests_apart():
    asked = request(experiment("digits"))
    assert request_hash(asked) == request_hash(replace(asked))
    assert request_hash(asked) != request_hash(replace(asked, seed=1))
