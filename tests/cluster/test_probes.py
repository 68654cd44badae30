import asyncio
import socket

import aiohttp
import kopf

from seedbed.cluster.probes import LONGEST_SILENCE, LONGEST_WORK, Health, register


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_it_is_well_while_the_queue_moves_and_the_watch_hears():
    clock = Clock()
    health = Health(lambda: 12.0, clock)
    for _ in range(200):
        health.sent("a")
        health.heard("a")
        clock.now += 5
    assert health.trouble() is None


def test_a_key_that_is_due_for_too_long_is_trouble():
    assert "has been due for 901 s" in Health(lambda: LONGEST_WORK + 1, Clock()).trouble()


def test_a_deaf_watch_is_trouble_in_whichever_namespace():
    clock = Clock()
    health = Health(lambda: 0.0, clock)
    health.sent("a")
    for _ in range(40):
        health.sent("b")
        health.heard("b")
        clock.now += 5
    assert "heard nothing for 200 s" in health.trouble()
    health.heard("a")
    assert health.trouble() is None


def test_while_nothing_can_be_written_nothing_is_missed():
    clock = Clock()
    health = Health(lambda: 0.0, clock)
    health.sent("a")
    health.heard("a")
    clock.now += 100 * LONGEST_SILENCE
    assert health.trouble() is None


def test_the_endpoint_answers_with_the_ages_or_an_error():
    """Over kopf's own endpoint, without a cluster: its activities need none."""
    age = {"seconds": 3.0}
    registry = kopf.OperatorRegistry()
    register(Health(lambda: age["seconds"]), registry)
    assert asyncio.run(_ask(registry)) == (200, {"seconds": {"queue": 3.0, "watches": 0.0}})
    age["seconds"] = LONGEST_WORK + 1
    assert asyncio.run(_ask(registry))[0] == 500


async def _ask(registry):
    from kopf._cogs.structs.ephemera import AnyMemo, Memo
    from kopf._core.engines.indexing import OperatorIndexers
    from kopf._core.engines.probing import health_reporter

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}/healthz"
    ready = asyncio.Event()
    server = asyncio.create_task(
        health_reporter(
            endpoint, memo=AnyMemo(Memo()), indices=OperatorIndexers().indices, registry=registry,
            settings=kopf.OperatorSettings(), ready_flag=ready,
        )
    )  # fmt: skip
    await ready.wait()
    async with aiohttp.ClientSession() as session, session.get(endpoint) as answer:
        found = answer.status, await answer.json() if answer.status == 200 else None
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)
    return found
