import asyncio

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.parser import text_string_to_metric_families

from seedbed.cluster.exposition import serving
from seedbed.errors import InvalidInput


def test_what_a_scrape_gets():
    registry = CollectorRegistry()
    Gauge("seedbed_x", "A gauge", ["goal_namespace"], registry=registry).labels("team").set(3)

    async def main():
        async with serving(registry, 0) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/metrics") as answer:
                assert answer.headers["Content-Type"].startswith("text/plain")
                text = await answer.text()
            async with session.get("/") as answer:
                assert answer.status == 404
        return text

    (family,) = text_string_to_metric_families(asyncio.run(main()))
    assert [(sample.labels, sample.value) for sample in family.samples] == [({"goal_namespace": "team"}, 3.0)]


def test_a_port_that_is_taken_is_a_sentence():
    async def main():
        async with serving(CollectorRegistry(), 0) as port:
            sentence = f"^metrics.port: port {port} can't be listened on .Address already in use.: name "
            with pytest.raises(InvalidInput, match=sentence):
                async with serving(CollectorRegistry(), port):
                    pass

    asyncio.run(main())
