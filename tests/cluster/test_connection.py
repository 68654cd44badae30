import asyncio

import aiohttp
import pytest
from kubernetes.aio.client import ApiException

from seedbed.cluster.connection import connected, in_words, refusal
from seedbed.errors import InvalidInput


def test_a_refusal_is_the_servers_sentence_in_a_line():
    error = ApiException(status=403, reason="Forbidden", body='{"message": "jobs is\\n forbidden"}')
    assert refusal(error) == "jobs is forbidden (403)"
    assert refusal(ApiException(status=502, reason="Bad Gateway", body="<html>")) == "Bad Gateway (502)"


def test_what_does_not_answer_is_said_to_be_away():
    error = aiohttp.ClientError("connection refused")
    assert in_words(error) == "the API server can't be reached: connection refused"
    assert in_words(TimeoutError()) == "the API server can't be reached: TimeoutError"


def test_without_a_cluster_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))

    async def main():
        async with connected():
            raise AssertionError("there is none")

    with pytest.raises(InvalidInput, match="no cluster is named: .*; set KUBECONFIG"):
        asyncio.run(main())
