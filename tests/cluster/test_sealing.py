"""A profile whose runtime class is the seal, and what its runs then declare."""

import pytest
from pydantic import ValidationError

from seedbed.cluster.profiles import RunProfile


def test_a_runtime_class_that_seals_has_a_name():
    with pytest.raises(ValidationError, match="there is no runtimeClass: name the one that seals"):
        RunProfile.model_validate({"image": "runner", "runtimeClassSeals": True})
    named = {"image": "runner", "runtimeClassSeals": True, "runtimeClass": "gvisor"}
    assert RunProfile.model_validate(named).runtime_class_seals
    assert not RunProfile.model_validate({"image": "runner", "runtimeClass": "gvisor"}).runtime_class_seals
