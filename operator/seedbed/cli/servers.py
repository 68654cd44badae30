"""Whether goals whose planner is an LLM can be asked here at all; said before anything is started.

What can only be known by a call (a wrong key, a model that the server lacks) is the search's to tell.
"""

import importlib.util
from collections.abc import Iterable

from seedbed.api import Experiment, ResearchGoal
from seedbed.api.goal import PlannerSpec
from seedbed.errors import InvalidInput
from seedbed.local.providers import DEFAULT, KEY_VARIABLE, VARIABLES
from seedbed.local.settings import Settings, config_path
from seedbed.planning.llm.failures import ModelNotOffered, NoSuchProvider
from seedbed.planning.llm.providers import Providers


def require_servers(work: Iterable[ResearchGoal | Experiment], settings: Settings) -> None:
    """Refuse goals that ask a model server which is not set up.

    Raises:
        InvalidInput: with how to set it up.
    """
    for goal in work:
        if not isinstance(goal, ResearchGoal) or goal.spec.planner.type != "LLM":
            continue
        try:
            Providers(settings.providers).of(goal.spec.planner)
        except NoSuchProvider as error:
            raise InvalidInput(f"{goal.metadata.name}: {error}. {_setting_up(goal.spec.planner)}") from None
        except ModelNotOffered as error:
            raise InvalidInput(
                f"{goal.metadata.name}: {error}. Add it to its `models` in {config_path()}, or leave "
                "spec.planner.model out"
            ) from None
        if not _has_sdk():
            raise InvalidInput(
                f"{goal.metadata.name}: spec.planner.type: LLM needs the package openai: "
                "pip install 'seedbed[llm]', or write type: Search"
            )


def _has_sdk() -> bool:
    try:
        return importlib.util.find_spec("openai") is not None
    except ValueError:  # an import of it was blocked
        return False


def _setting_up(planner: PlannerSpec) -> str:
    server = f"{{baseUrl: URL, model: {planner.model or 'MODEL'}, keyEnv: VARIABLE}}"
    written = f"rite in {config_path()}: `providers: {{{planner.provider}: {server}}}`"
    if planner.provider != DEFAULT:
        return f"W{written}"
    variables = f"{' and '.join(VARIABLES.values())} (and {KEY_VARIABLE} if it needs a key)"
    return f"Set {variables}, or w{written}"
