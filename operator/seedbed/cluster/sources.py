"""Where preparations find data, as the admin decides: mirrors, a proxy, a hub's token, or none of it.

It reaches the step `prepare` alone, as the variables that `seedbed_runner` reads; no run has any of it.
"""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from seedbed.api.common import Model
from seedbed.cluster.profiles import StoreSettings, Text
from seedbed_runner.contract.origins import ALLOW_UNVERIFIED, OFFLINE

_ADDRESS = r"^(https?://[^/?#@]+(/[^?#]*)?)?$"


def _address(text: str) -> str:
    if not re.fullmatch(_ADDRESS, text):
        raise ValueError("write an address like https://host:8000/path: no user name, password, ? or #")
    return text


Address = Annotated[
    str, Field(max_length=500, json_schema_extra={"pattern": _ADDRESS}), AfterValidator(_address)
]


class Mirrors(Model):
    """Addresses that stand in for the beginning of the published ones; empty: the published one."""

    hugging_face: Address = ""
    openml: Address = ""
    cifar: Address = ""
    mnist: Address = ""
    fashion_mnist: Address = ""
    svhn: Address = ""

    def variables(self) -> dict[str, str]:
        """By the names that the runner knows."""
        return {
            "HF_ENDPOINT": self.hugging_face,
            "SEEDBED_OPENML_URL": self.openml,
            "SEEDBED_CIFAR_URL": self.cifar,
            "SEEDBED_MNIST_URL": self.mnist,
            "SEEDBED_FASHION_MNIST_URL": self.fashion_mnist,
            "SEEDBED_SVHN_URL": self.svhn,
        }


class Proxy(Model):
    """The way out of the cluster; a store with an address of its own is reached without it."""

    http: Address = ""
    https: Address = ""
    not_for: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)

    def variables(self, store: StoreSettings) -> dict[str, str]:
        """As urllib, httpx and botocore read them."""
        if not (self.http or self.https):
            return {}
        own = [urlsplit(store.endpoint).hostname or ""] if store.endpoint else []
        return {
            "HTTP_PROXY": self.http, "HTTPS_PROXY": self.https, "NO_PROXY": ",".join([*self.not_for, *own]),
        }  # fmt: skip


class Sources(Model):
    """Where data are looked for beside the store."""

    offline: bool = Field(default=False, description="Nothing is downloaded.")
    allow_unverified: bool = Field(
        default=False, description="Files in the store may differ from those that were published."
    )
    mirrors: Mirrors = Mirrors()
    proxy: Proxy = Proxy()
    token_secret: Text = Field(
        default="", description="A Secret with HF_TOKEN, in those namespaces with goals that have one."
    )

    def variables(self, store: StoreSettings) -> dict[str, str]:
        """What a preparation into this store is told, besides the token; offline, of no way out at all."""
        told = {ALLOW_UNVERIFIED: "true"} if self.allow_unverified else {}
        if self.offline:
            return told | {OFFLINE: "true", "HF_HUB_OFFLINE": "1"}
        ways = self.mirrors.variables() | self.proxy.variables(store)
        return told | {name: value for name, value in ways.items() if value}
