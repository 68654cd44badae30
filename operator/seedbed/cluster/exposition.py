"""Serves a registry's metrics at /metrics, on a port of its own.

In the operator's event loop: what is reported may then look at the queue and the census without a lock, and a
loop that hangs is a target that is down.
"""

import contextlib
import os
import socket
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.aiohttp import make_aiohttp_handler

from seedbed.errors import InvalidInput


@contextlib.asynccontextmanager
async def serving(registry: CollectorRegistry, port: int) -> AsyncIterator[int]:
    """Serve for the time of the block; the port, which was chosen if 0 was given.

    Raises:
        InvalidInput: the port can't be had.
    """
    app = web.Application()
    app.router.add_get("/metrics", make_aiohttp_handler(registry))
    runner = web.AppRunner(app, access_log=None)
    with _listening(port) as listener:
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            yield listener.getsockname()[1]
        finally:
            await runner.cleanup()


def _listening(port: int) -> socket.socket:
    """A socket on every address of this machine, IPv4's and, where there are any, IPv6's."""
    both = socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            ("", port), family=socket.AF_INET6 if both else socket.AF_INET, dualstack_ipv6=both
        )
    except OSError as error:
        raise InvalidInput(
            f"metrics.port: port {port} can't be listened on ({os.strerror(error.errno or 0)}): name another "
            "one, or 0 for no metrics"
        ) from error
