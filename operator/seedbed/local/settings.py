"""What a laptop's commands run with: flags, then the environment, then the config file, then defaults.

Called by every command. The file is `~/.config/seedbed/config.yaml` (`$XDG_CONFIG_HOME/seedbed/config.yaml`
where that is set); the environment's names are SEEDBED_FOLDER, SEEDBED_DEVICE, SEEDBED_CORES,
SEEDBED_ALLOW_UNSEALED, SEEDBED_DATA, SEEDBED_CACHE, SEEDBED_OFFLINE, SEEDBED_ALLOW_UNVERIFIED, and those of
`providers`. Each layer is checked by itself, so that a mistake is told
with the place where it stands.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from seedbed.errors import InvalidInput
from seedbed.local.providers import FLAGS, read_providers
from seedbed.planning.llm.provider import Provider

_TAKES = {
    "folder": "must be the path of a folder",
    "device": "must be auto, cpu or cuda",
    "cores": "must be a whole number of at least 1",
    "allow_unsealed": "must be true or false",
    "data": "must be the path of a folder that is there",
    "cache": "must be the path of a folder",
    "offline": "must be true or false",
    "allow_unverified": "must be true or false",
}


def _there(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("no such folder")
    return path


def _expanded(value: Any) -> Any:
    """`~` is the home folder; no text at all is no path."""
    return Path(value).expanduser() if isinstance(value, str) and value else None if value == "" else value


class Settings(BaseModel):
    """The folder that holds the goals, and what its runs may use; `cores` None: all there are.

    `providers` are the model servers by name, for goals whose planner is an LLM.
    `allow_unsealed`: whether models that are code may run where this machine can't seal them in.
    `data`: a folder with data of one's own; `cache`: where downloads are kept, None: the runner's default.
    `offline`: nothing is downloaded. `allow_unverified`: files in `data` may differ from the published ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Annotated[Path, BeforeValidator(_expanded)] = Path("seedbed-runs")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    cores: Annotated[int, Field(ge=1)] | None = None
    providers: dict[str, Provider] = Field(default_factory=dict)
    allow_unsealed: bool = False
    data: Annotated[Path, AfterValidator(_there), BeforeValidator(_expanded)] | None = None
    cache: Annotated[Path, BeforeValidator(_expanded)] | None = None
    offline: bool = False
    allow_unverified: bool = False


def read_settings(environment: Mapping[str, str] = os.environ, **flags: Any) -> Settings:
    """Settings of this process; a flag that is None was not given.

    Raises:
        InvalidInput: a setting that is unknown or has a wrong value; says where it stands.
    """
    merged: dict[str, Any] = {}
    config = config_path(environment)
    written = _file_values(config)
    servers = written.pop("providers", None)
    llm = {name: flags.pop(name, None) for name in FLAGS.values()}
    merged["providers"] = read_providers(servers, f"{config}: providers", environment, llm)
    for name, value in written.items():
        merged[name] = _checked(name, value, f"{config}: `{name}`")
    for name in _TAKES:
        variable = f"SEEDBED_{name.upper()}"
        if text := environment.get(variable):
            merged[name] = _checked(name, text, variable)
    for name, value in flags.items():
        if value is not None:
            merged[name] = _checked(name, value, f"`--{name}`")
    return Settings(**merged)


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the config file is, if there is one."""
    home = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "seedbed" / "config.yaml"


def _checked(name: str, value: Any, where: str) -> Any:
    """One setting's value, as `Settings` keeps it."""
    try:
        return getattr(Settings(**{name: value}), name)
    except ValidationError:
        raise InvalidInput(f"{where} is {value!r} but {_TAKES[name]}") from None


def _file_values(path: Path) -> dict[str, Any]:
    """What the config file sets; nothing when there is none."""
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path}: can't be read: {getattr(error, 'strerror', None) or 'not text'}"
        ) from None
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path}: not YAML: {str(error).splitlines()[0]}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InvalidInput(f"{path}: write settings such as `cores: 4`, one a line")
    known = list(Settings.model_fields)
    for key in content:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
            raise InvalidInput(f"{path}: unknown setting `{key}`; {hint}")
    return content
