from typing import get_args

import pytest

from seedbed.cluster.reasons import KNOWN, OTHER, classed
from seedbed.engine.verdict import InconclusiveReason, NotAchievedReason
from seedbed_runner.contract.records import MODEL_FAILURES
from seedbed_runner.contract.stores import explain


def test_what_the_engine_and_the_contract_name_is_known():
    named = {*MODEL_FAILURES, *get_args(NotAchievedReason), *get_args(InconclusiveReason)}
    assert {classed(reason) for reason in named} == named


CODES = ["NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SlowDown", "SSLError", "NotImplemented"]


@pytest.mark.parametrize("code", CODES)
def test_so_is_what_a_store_may_say(code):
    error = Exception("why")
    error.response = {"Error": {"Code": code}}
    reason, _ = explain(error, "bucket", None)
    assert classed(reason) == reason


def test_anything_else_is_other_and_nothing_is_nothing():
    assert classed("Made" + "Up" * 20) == OTHER and classed(None) == classed("") == ""
    assert OTHER not in KNOWN
