"""The step `machine`: what this machine can seal, and what it can train on.

Trusted; it seals a fork to learn that. `fetch` asks it too, before it brings data, for a run with code.
"""

from collections.abc import Sequence

from seedbed_runner import sandbox
from seedbed_runner.contract.machine import Machine
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.errors import Infrastructure
from seedbed_runner.printable import printable


def inspect(seal_only: bool = False) -> Machine:
    """What a run would get here; torch is not looked at if `seal_only`."""
    found = _seal()  # strictly before torch is imported, which may start threads
    if seal_only:
        return _machine(found)
    try:
        import torch
    except (ImportError, OSError) as error:
        return _machine(found, trouble=printable(f"{type(error).__name__}: {error}"))
    names = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return _machine(found, torch=torch.__version__, devices=names)


def _seal() -> sandbox.Seal | str:
    try:
        return sandbox.probe()
    except sandbox.SealFailed as error:
        return printable(str(error))


def _machine(
    found: sandbox.Seal | str, torch: str = "", trouble: str = "", devices: Sequence[str] = ()
) -> Machine:
    rest = (torch, trouble, list(devices))
    if isinstance(found, str):
        return Machine("none", {"seal": found}, 0, *rest)
    return Machine(found.level, found.lacking, found.landlock, *rest)


def require_seal(request: RunRequest) -> None:
    """Refuse a run that demands a seal which this machine lacks, before anything is brought or trained.

    Raises:
        Infrastructure: NotSealed, with what is lacking.
    """
    if request.demand != "sealed" or request.declared:
        return
    found = _machine(_seal())
    if found.seal != "sealed":
        lacking = "; ".join(found.lacking.values())
        raise Infrastructure("NotSealed", f"its code must be sealed in, which this node can't: {lacking}")
