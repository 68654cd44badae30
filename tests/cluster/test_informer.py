import asyncio
import json

import aiohttp
from aiohttp import web
from kopf._cogs.clients.api import iter_jsonlines  # as it reads a watch

from seedbed.cluster.informer import METADATA_ONLY, Answer, kopf_settings, metadata_only


def test_kopf_compares_nothing_and_lists_in_parts():
    settings = kopf_settings()
    assert not settings.posting.enabled and settings.scanning.disabled
    assert settings.persistence.diffbase_storage.build(body={"spec": {"goal": "digits"}}) == {}
    assert settings.persistence.diffbase_storage.fetch(body={}) is None
    assert settings.watching.chunk_size == 500
    assert list(settings.watching.label_selectors.values()) == ["seedbed.dev/kind"] * 2


async def asked_for(*paths, answered=None):
    """What a server is asked to accept at each path, and what is made of its answer."""
    accepted, taken = [], []

    async def answer(request):
        accepted.append(request.headers["Accept"])
        return web.json_response(answered)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession(middlewares=(metadata_only,), response_class=Answer) as session:
        for path in paths:
            async with session.get(f"http://127.0.0.1:{port}{path}") as response:
                taken.append(await response.json())
    await runner.cleanup()
    return accepted, taken


def test_of_jobs_and_pods_alone_only_the_metadata_are_asked_for():
    watch = "?watch=true&labelSelector=seedbed.dev/kind"
    jobs, pods = "/apis/batch/v1/namespaces/team/jobs", "/api/v1/pods"
    others = "/apis/seedbed.dev/v1alpha1/experiments"
    accepted, _ = asyncio.run(asked_for(jobs, jobs + watch, pods + watch, others, others + watch))
    one, many = METADATA_ONLY.format(""), METADATA_ONLY.format("List")
    assert accepted == [many, one, one, "*/*", "*/*"]


def test_an_empty_list_of_metadata_is_a_list():
    _, taken = asyncio.run(asked_for("/api/v1/pods", answered={"items": None}))
    assert taken == [{"items": []}]


def test_who_manages_a_field_is_not_kept():
    metadata = {"name": "x", "managedFields": [{"manager": "kubelet"}]}
    _, taken = asyncio.run(asked_for("/api/v1/pods", answered={"items": [{"metadata": metadata}]}))
    assert taken == [{"items": [{"metadata": {"name": "x"}}]}]


async def watched(*parts):
    """What is made of a watch that comes in these parts."""

    async def answer(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for part in parts:
            await response.write(part)
            await asyncio.sleep(0.01)
        return response

    application = web.Application()
    application.router.add_get("/pods", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession(response_class=Answer) as session:
        async with session.get(f"http://127.0.0.1:{port}/pods?watch=true") as response:
            lines = [json.loads(line) async for line in iter_jsonlines(response.content)]
    await runner.cleanup()
    return lines


def test_kopf_is_told_events_as_they_are_but_for_who_manages_a_field():
    def event(name, **more):
        return {"type": "ADDED", "object": {"metadata": {"name": name, "uid": "é"} | more}}

    gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410}}
    sent = [event("a", managedFields=[{"manager": "kubelet"}]), event("b"), gone]
    text = b"".join(json.dumps(each).encode() + b"\n" for each in sent)
    for cuts in ([len(text)], [10, 11, 200], [text.index(b"\n"), text.index(b"\n") + 1]):
        parts = [text[i:j] for i, j in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert asyncio.run(watched(*filter(None, parts))) == [event("a"), event("b"), gone]
