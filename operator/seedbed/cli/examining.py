"""What `doctor` looks at, one finding each: what it found, and how to get what is missing."""

import importlib.util
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seedbed.errors import InvalidInput, LauncherFailed, SeedbedError
from seedbed.local.machine import inspect_machine
from seedbed.local.settings import Settings, config_path, read_settings
from seedbed_runner.contract.machine import Machine

ROOM = 2**30  # bytes that a goal's data and runs may well need

_REMEDIES = {
    "landlock": "Landlock is in Linux 5.13 and newer: `cat /sys/kernel/security/lsm` must name it (boot "
    "with `lsm=landlock,…`), and a container's own filter must let its calls through (Docker 23, containerd "
    "1.6 or newer do).",
    "seccomp": "The filter is for Linux on x86-64 with seccomp. Elsewhere run code in a virtual machine, or "
    "in a cluster under a runtime class that its profile declares (docs/security.md).",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `missing` limits what a goal may ask for, `wrong` must be put right."""

    what: str
    state: Literal["good", "missing", "wrong"]
    said: str
    remedy: str = ""


def examine(folder: str | None, environment: Mapping[str, str] = os.environ) -> list[Finding]:
    """Everything, in the order in which it is shown."""
    try:
        settings = read_settings(environment, folder=folder)
    except InvalidInput as error:
        return [*_machine(Settings()), Finding("settings", "wrong", str(error))]
    found = [*_machine(settings), _settings(settings, environment), *_servers(settings)]
    return [*found, _folder(settings.folder), *_bucket(environment)]


def _machine(settings: Settings) -> Iterator[Finding]:
    try:
        machine = inspect_machine()
    except LauncherFailed as error:
        yield Finding("runner", "wrong", str(error), "Install it: pip install 'seedbed[runner]'.")
        return
    yield _seal(machine, settings.allow_unsealed)
    if machine.trouble:
        remedy = "Install it: pip install 'seedbed[runner]' (a torch build for the CPU is enough)."
        yield Finding("torch", "wrong", f"can't be imported ({machine.trouble})", remedy)
        return
    yield Finding("torch", "good", machine.torch)
    yield _device(machine, settings.device)


def _seal(machine: Machine, allowed: bool) -> Finding:
    what = "seal"
    if machine.seal == "sealed":
        said = f"complete (Landlock version {machine.landlock}, seccomp): models that are code are sealed in"
        return Finding(what, "good", said)
    lacking = "; ".join(machine.lacking.values())
    said = f"{machine.seal}: {lacking}; layers and torchvision's classifiers run all the same"
    remedy = " ".join(_REMEDIES[each] for each in machine.lacking if each in _REMEDIES)
    if allowed:
        said += "; code runs unsealed, as the settings allow, and no claim is made of it"
    else:
        said += "; code does not run"
    return Finding(what, "missing", said, remedy)


def _device(machine: Machine, asked: str) -> Finding:
    there = ", ".join(machine.devices)
    if asked == "cuda" and not there:
        remedy = "Leave the device out, or install a torch build with CUDA and the driver."
        return Finding("device", "wrong", "the settings say cuda, but torch sees none", remedy)
    if asked == "cpu" or not there:
        return Finding("device", "good", "cpu")
    return Finding("device", "good", f"cuda ({there})")


def _settings(settings: Settings, environment: Mapping[str, str]) -> Finding:
    path = config_path(environment)
    where = str(path) if path.exists() else f"defaults (there is no {path})"
    return Finding("settings", "good", where)


def _servers(settings: Settings) -> Iterator[Finding]:
    for name, provider in settings.providers.items():
        said = f"{provider.base_url}, model {provider.model}"
        if importlib.util.find_spec("openai") is None:
            yield Finding(
                f"model server {name}", "wrong", said, "Install its client: pip install 'seedbed[llm]'."
            )
        else:
            yield Finding(f"model server {name}", "good", f"{said} (not called)")


def _folder(folder: Path) -> Finding:
    there = next(each for each in (folder.resolve(), *folder.resolve().parents) if each.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        return Finding("folder", "wrong", f"{folder}: can't be written", "Give another one: --folder DIR.")
    free = shutil.disk_usage(there).free
    said = f"{folder}: {free / 2**30:.1f} GiB free"
    if free < ROOM:
        return Finding("folder", "wrong", said, "Make room, or give another one: --folder DIR.")
    return Finding("folder", "good", said)


def _bucket(environment: Mapping[str, str]) -> Iterator[Finding]:
    name = environment.get("SEEDBED_S3_BUCKET")
    if not name:
        return
    try:
        from seedbed.verify.bucket import BucketRecords

        BucketRecords.named(name, environment).results("doctor/none")
    except ImportError:
        yield Finding("bucket", "wrong", f"{name}: boto3 is missing", "pip install 'seedbed[operator]'.")
    except SeedbedError as error:
        yield Finding("bucket", "wrong", f"{name}: {error}")
    else:
        yield Finding("bucket", "good", f"{name}: can be listed")
