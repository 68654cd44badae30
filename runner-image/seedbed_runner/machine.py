"""The step `machine`: what this machine can seal, and what it can train on. Trusted; it seals a fork to find out."""

from seedbed_runner import sandbox
from seedbed_runner.contract.machine import Machine
from seedbed_runner.contract.records import RunRequest
from seedbed_runner.errors import Infrastructure
from seedbed_runner.printable import printable


def inspect() -> Machine:
    """What a run would get here."""
    found = _seal()  # strictly before torch is imported, which may start threads
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
    found: sandbox.Seal | str, torch: str = "", trouble: str = "", devices: tuple[str, ...] | list[str] = ()
) -> Machine:
    if isinstance(found, str):
        return Machine("none", {"seal": found}, 0, torch, trouble, list(devices))
    return Machine(found.level, found.lacking, found.landlock, torch, trouble, list(devices))


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
        raise Infrastructure(
            "NotSealed", f"the run's code must be sealed in, which this machine can't: {lacking}"
        )
