import asyncio

import aiohttp
from aiohttp import web

from seedbed.cluster.informer import METADATA_ONLY, kopf_settings, metadata_only


def test_kopf_compares_nothing_and_lists_in_parts():
    settings = kopf_settings()
    assert not settings.posting.enabled and settings.scanning.disabled
    assert settings.persistence.diffbase_storage.build(body={"spec": {"goal": "digits"}}) == {}
    assert settings.persistence.diffbase_storage.fetch(body={}) is None
    assert settings.watching.chunk_size == 500
    assert list(settings.watching.label_selectors.values()) == ["seedbed.dev/kind"] * 2


async def asked_for(paths):
    """What a server is asked to accept at each path."""
    accepted = []

    async def answer(request):
        accepted.append(request.headers["Accept"])
        return web.Response()

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession(middlewares=(metadata_only,)) as session:
        for path in paths:
            async with session.get(f"http://127.0.0.1:{port}{path}"):
                pass
    await runner.cleanup()
    return accepted


def test_watches_of_jobs_and_pods_alone_ask_for_metadata():
    root, watch = "/apis/batch/v1/namespaces/team/jobs", "watch=true&labelSelector=seedbed.dev/kind"
    paths = [
        f"{root}?{watch}",
        f"/api/v1/pods?{watch}",
        root,
        f"/apis/seedbed.dev/v1alpha1/experiments?{watch}",
    ]
    assert asyncio.run(asked_for(paths)) == [METADATA_ONLY, METADATA_ONLY, "*/*", "*/*"]
