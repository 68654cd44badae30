"""What a run's seal amounts to, given whose code it runs; and whether that is what was demanded."""

from typing import get_args

from seedbed_runner.contract.records import Assurance, RunRequest
from seedbed_runner.sandbox.sealing import Seal

_OUR_OWN = ({"layers"}, {"torchvision"})  # models whose code is ours
_STRENGTH: tuple[Assurance, ...] = get_args(Assurance)  # weakest first


def assurance_of(request: RunRequest, seal: Seal) -> Assurance:
    """The assurance of a run that trains under `seal`."""
    if set(request.model) in _OUR_OWN:
        return "trusted-code"
    return "sealed" if request.declared else seal.level


def meets(request: RunRequest, seal: Seal) -> bool:
    """Whether that is at least what the request demands; code of ours may be asked to be sealed, too."""
    strongest = max(assurance_of(request, seal), seal.level, key=_STRENGTH.index)
    return _STRENGTH.index(strongest) >= _STRENGTH.index(request.demand)
