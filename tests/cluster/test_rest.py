import asyncio
import json

import aiohttp
import pytest
from kubernetes.aio.client import ApiClient, ApiException

from seedbed.cluster.rest import Rest, path_of
from seedbed.errors import AlreadyExists, ClusterFailed, ClusterRefused, Conflict, NotFound


def test_paths():
    assert path_of("v1", "team", "pods") == "/api/v1/namespaces/team/pods"
    assert path_of("batch/v1", "team", "jobs", "j") == "/apis/batch/v1/namespaces/team/jobs/j"
    status = path_of("seedbed.dev/v1alpha1", "team", "experiments", "e", "status")
    assert status == "/apis/seedbed.dev/v1alpha1/namespaces/team/experiments/e/status"


def test_a_name_leads_nowhere_else():
    path = path_of("v1", "team", "pods", "../../kube-system/secrets?x=1#y")
    assert path == "/api/v1/namespaces/team/pods/..%2F..%2Fkube-system%2Fsecrets%3Fx%3D1%23y"


class Broken:
    """A transport that fails with one error."""

    def __init__(self, error):
        self.error = error

    async def param_serialize(self, *_, **__):
        raise self.error


def failing(error, call=lambda rest: rest.replace("/", {})):
    return asyncio.run(call(Rest(Broken(error))))


def refused(status, **body):
    return ApiException(status=status, reason="Reason", body=json.dumps(body))


@pytest.mark.parametrize(
    ("error", "kind", "sentence"),
    [
        (refused(404, message="no such thing"), NotFound, "no such thing (404)"),
        (refused(409, reason="AlreadyExists", message="there is one"), AlreadyExists, "there is one (409)"),
        (refused(409, reason="Conflict", message="modified"), Conflict, "modified (409)"),
        (refused(403, message="exceeded quota: q"), ClusterRefused, "exceeded quota: q (403)"),
        (refused(422, message="spec.x:\n bad"), ClusterRefused, "spec.x: bad (422)"),
        (refused(500, message="etcd is gone"), ClusterFailed, "etcd is gone (500)"),
        (ApiException(status=429, reason="Too Many Requests"), ClusterFailed, "Too Many Requests (429)"),
        (TimeoutError(), ClusterFailed, "the API server can't be reached: TimeoutError"),
        (aiohttp.ClientError("reset"), ClusterFailed, "the API server can't be reached: reset"),
    ],
)
def test_every_refusal_is_one_of_our_errors(error, kind, sentence):
    with pytest.raises(kind) as raised:
        failing(error)
    assert type(raised.value) is kind and str(raised.value) == sentence


def test_what_is_gone_is_none_and_needs_no_deleting():
    assert failing(refused(404), lambda rest: rest.get("/")) is None
    assert failing(refused(404), lambda rest: rest.delete("/")) is None


def test_each_request_is_told_with_what_came_of_it():
    told = []
    for error in (refused(404), refused(500), TimeoutError()):
        rest = Rest(Broken(error), lambda *request: told.append(request))
        with pytest.raises((NotFound, ClusterFailed)):
            asyncio.run(rest.replace("/x", {}))
    assert told == [("PUT", "/x", "404"), ("PUT", "/x", "500"), ("PUT", "/x", "error")]


def test_the_clients_transport_is_as_it_is_used_here():
    assert all(hasattr(ApiClient, name) for name in ("param_serialize", "call_api", "response_deserialize"))
