"""An API server that runs CEL rules, and what tests ask of it.

It is that of KUBECONFIG if it is new enough. Else SEEDBED_TEST_CRD_SERVER names one (its address;
SEEDBED_TEST_CRD_TOKEN is its bearer token), which may serve custom resources only and certify itself.
"""

import asyncio
import contextlib
import os
import re

import pytest
from kubernetes.aio.client import ApiClient, Configuration

from seedbed.cluster.connection import connected
from seedbed.cluster.rest import Rest, path_of

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
STRICT = "?dryRun=All&fieldValidation=Strict"


def cel_server():
    """The server; a test that has none is skipped."""
    if os.environ.get("KUBECONFIG") and Server(connected).ask(runs_rules):
        return Server(connected)
    if os.environ.get("SEEDBED_TEST_CRD_SERVER"):
        return Server(connected_by_token)
    pytest.skip("no API server that runs CEL: neither KUBECONFIG's nor a SEEDBED_TEST_CRD_SERVER")


class Server:
    """An API server with CEL."""

    def __init__(self, connect):
        self._connect = connect

    def ask(self, body):
        """Run `body(rest)` on a connection of its own."""

        async def main():
            async with self._connect() as client:
                return await body(Rest(client))

        return asyncio.run(main())

    def create(self, document, how=STRICT):
        return self.ask(lambda rest: rest.create(address(document["kind"]) + how, document))

    def merge(self, document, patch, how=STRICT, subresource=""):
        """`document` with a patch applied."""
        at = address(document["kind"], document["metadata"]["name"], subresource)
        return self.ask(lambda rest: rest.merge(at + how, patch))

    def replace(self, document, how=STRICT, subresource=""):
        at = address(document["kind"], document["metadata"]["name"], subresource)
        return self.ask(lambda rest: rest.replace(at + how, document))

    def delete(self, document):
        return self.ask(lambda rest: rest.delete(address(document["kind"], document["metadata"]["name"])))


def address(kind, name="", subresource=""):
    return path_of("seedbed.dev/v1alpha1", "default", f"{kind.lower()}s", name, subresource)


@contextlib.asynccontextmanager
async def connected_by_token():
    configuration = Configuration(host=os.environ["SEEDBED_TEST_CRD_SERVER"])
    configuration.verify_ssl = False
    configuration.api_key = {"BearerToken": f"Bearer {os.environ['SEEDBED_TEST_CRD_TOKEN']}"}
    async with ApiClient(configuration) as client:
        yield client


async def runs_rules(rest):
    """Whether the API server is of Kubernetes 1.25 or newer."""
    version = await rest.get("/version")
    major, minor = (int(re.match(r"\d+", version[part])[0]) for part in ("major", "minor"))
    return (major, minor) >= (1, 25)


async def define(rest, definition):
    """Create or replace a CustomResourceDefinition, and wait until it is established."""
    at = f"{DEFINITIONS}/{definition['metadata']['name']}"
    if (there := await rest.get(at)) is None:
        await rest.create(DEFINITIONS, definition)
    else:
        definition["metadata"]["resourceVersion"] = there["metadata"]["resourceVersion"]
        await rest.replace(at, definition)
    async with asyncio.timeout(30):
        while "Established" not in await true_conditions(rest, at):
            await asyncio.sleep(0.1)


async def true_conditions(rest, at):
    conditions = (await rest.get(at))["status"].get("conditions") or ()
    return [each["type"] for each in conditions if each["status"] == "True"]
