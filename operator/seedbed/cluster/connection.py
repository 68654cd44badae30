"""The API server: how this process reaches it, and what its refusals say.

In a pod by the service account, elsewhere by the kubeconfig that kubectl would use.
"""

import contextlib
import json
import os
from collections.abc import AsyncIterator
from urllib.request import getproxies

import aiohttp
from kubernetes.aio.client import ApiClient, ApiException, Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

from seedbed.errors import InvalidInput

UNREACHABLE = (aiohttp.ClientError, TimeoutError, ConnectionError)


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[ApiClient]:
    """A client of the API server for the time of the block.

    Raises:
        InvalidInput: there is neither a service account nor a kubeconfig.
    """
    configuration = Configuration()
    try:
        load_incluster_config(configuration)  # type: ignore[no-untyped-call]
    except ConfigException:
        try:
            await load_kube_config(kubeconfig(), client_configuration=configuration)  # type: ignore[no-untyped-call]
        except ConfigException as error:
            raise InvalidInput(
                f"no cluster is named: this is no pod, and the kubeconfig can't be used ({error}); "
                "set KUBECONFIG to one that kubectl can use"
            ) from error
    # A session that trusts the environment looks for a .netrc before every request, in a thread.
    configuration.client_session_kwargs = {"trust_env": bool(getproxies())}
    async with ApiClient(configuration) as client:
        yield client


def kubeconfig() -> str | None:
    """The files that KUBECONFIG names at this moment (the client would look when it is imported)."""
    return os.environ.get("KUBECONFIG") or None


def refusal(error: ApiException) -> str:
    """What the API server said, in a line: its message, or else the status."""
    try:
        said = json.loads(error.body or "")["message"]
    except (ValueError, KeyError, TypeError):
        said = error.reason or "no reason given"
    return f"{' '.join(str(said).split())} ({error.status})"


def in_words(error: BaseException) -> str:
    """Trouble with the API server, in a line."""
    if isinstance(error, ApiException):
        return refusal(error)
    return f"the API server can't be reached: {str(error) or type(error).__name__}"
