"""The model servers of a laptop: those of the config file, and one that the environment or flags describe.

`settings` calls this. The environment (SEEDBED_LLM_BASE_URL, SEEDBED_LLM_MODEL, SEEDBED_LLM_API_KEY) and the
flags of the one-line form are about the provider called `default`. With an address they replace the file's:
its models and above all its key belong to another server. Without one they change its model or its key.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from seedbed.api.common import Name
from seedbed.api.mistakes import sentences
from seedbed.errors import InvalidInput
from seedbed.planning.llm.provider import Provider, Server

DEFAULT = "default"
VARIABLES = {"baseUrl": "SEEDBED_LLM_BASE_URL", "model": "SEEDBED_LLM_MODEL"}
KEY_VARIABLE = "SEEDBED_LLM_API_KEY"
FLAGS = {"baseUrl": "llm_base_url", "model": "llm_model", "key": "llm_api_key"}
_KEYS = frozenset({"key", "keyEnv", "keyFile"})


def read_providers(
    written: Any, place: str, environment: Mapping[str, str], flags: Mapping[str, str | None]
) -> dict[str, Provider]:
    """The providers of this process by name.

    Args:
        written: what the config file has under `providers`; None where it has nothing.
        place: where that stands, for sentences.
        environment: of this process.
        flags: `llm_base_url`, `llm_model` and `llm_api_key` as they were given.

    Raises:
        InvalidInput: a description that is wrong or not whole; one sentence a mistake, with its place.
    """
    providers = _of_file(written, place)
    given = {field: flags[name] for field, name in FLAGS.items() if flags.get(name) is not None}
    places = {field: f"`{_flag(field)}`" for field in given}
    for field, variable in VARIABLES.items():
        if field not in given and (text := environment.get(variable)):
            given[field], places[field] = text, variable
    if "key" not in given and environment.get(KEY_VARIABLE):
        given["keyEnv"] = KEY_VARIABLE
    default = _default(given, places, providers.get(DEFAULT))
    return providers | ({DEFAULT: default} if default else {})


def _of_file(written: Any, place: str) -> dict[str, Provider]:
    if written is None:
        return {}
    if not isinstance(written, dict):
        raise InvalidInput(f"{place}: write names, each with a `baseUrl` and a `model`")
    found, problems = {}, []
    for name, server in written.items():
        try:
            TypeAdapter(Name).validate_python(name, strict=True)
        except ValidationError:
            problems.append(f"{name}: is no name: write at most 63 lower-case letters, digits and dashes")
            continue
        try:
            checked = Server.model_validate(server, strict=True, by_alias=True, by_name=False)
            found[name] = Provider.named(name, checked)
        except ValidationError as error:
            problems += [_under(name, sentence) for sentence in sentences(Server, error)]
    if problems:
        raise InvalidInput("\n".join(f"{place}.{problem}" for problem in problems))
    return found


def _under(name: str, sentence: str) -> str:
    """A sentence about a server with its name; one about the whole of it begins with no field."""
    field = sentence.partition(":")[0]
    return f"{name}.{sentence}" if field.isidentifier() else f"{name}: {sentence}"


def _default(given: dict[str, Any], places: dict[str, str], below: Provider | None) -> Provider | None:
    """What environment and flags make of the file's provider `default`, if there is one."""
    if "baseUrl" in given:
        if "model" not in given:
            raise InvalidInput(
                f"{places['baseUrl']} is there, but no model: set {VARIABLES['model']} or give "
                f"`{_flag('model')}`"
            )
        document = given
    elif below is not None:
        kept = below.document()
        document = {key: value for key, value in kept.items() if not given.keys() & _KEYS or key not in _KEYS}
        document |= given
    else:
        # The environment may hold the rest of what flags give in another call.
        flag = next((place for place in places.values() if place.startswith("`")), None)
        if flag is not None:
            raise InvalidInput(
                f"{flag} is about a model server, but none is set up: give `{_flag('baseUrl')}`"
            )
        return None
    try:
        return Provider.model_validate(document)
    except ValidationError as error:
        told = (sentence.partition(": ") for sentence in sentences(Server, error))
        raise InvalidInput("\n".join(f"{places[field]}: {words}" for field, _, words in told)) from None


def _flag(field: str) -> str:
    return "--" + FLAGS[field].replace("_", "-")
