"""Artifacts of a cluster: objects in an S3 store, each written once.

The operator's own credentials come from where boto3 looks for them: its environment, or a workload identity.
boto3 blocks, so every call runs in a thread. Two operators, or a run's scorer and an operator, may write the
same record: the store itself must refuse the second, and `check` finds out whether it does.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from seedbed.cluster.profiles import StoreSettings
from seedbed.errors import StorageFailed
from seedbed_runner.contract.stores import CLIENT, explain, full_key

CHECKED = ".seedbed/conditional-writes"  # no namespace has such a name
_COLLISIONS = 5


class S3Artifacts:
    """`world.Artifacts` over one store; keys are below the store's prefix."""

    def __init__(self, settings: StoreSettings) -> None:
        """Connects to nothing yet.

        Raises:
            StorageFailed: the settings are not usable, in a sentence.
        """
        self.settings = settings
        style = {"addressing_style": "path" if settings.endpoint else "auto"}
        with self._told():
            # The session's region is that of STS too, which a workload identity asks.
            self._client: Any = boto3.Session(region_name=settings.region).client(
                "s3",
                endpoint_url=settings.endpoint,
                config=Config(**CLIENT, s3=style),
            )

    async def get(self, key: str) -> bytes | None:
        """The bytes under `key`, or None.

        Raises:
            StorageFailed: the store can't be reached or refuses, in a sentence.
        """
        return await asyncio.to_thread(self.read, key)

    async def put(self, key: str, data: bytes) -> bool:
        """Write unless there is something under `key` already; whether it was written.

        Raises:
            StorageFailed: the store can't be reached or refuses, in a sentence.
        """
        return await asyncio.to_thread(self._write, key, data)

    async def check(self) -> str | None:
        """What is wrong with this store, in a sentence; None: it can be reached, read and written once."""
        try:
            return await asyncio.to_thread(self._check)
        except StorageFailed as error:
            return str(error)

    def read(self, key: str) -> bytes | None:
        """`get` for callers outside an event loop."""
        with self._told():
            try:
                answer = self._client.get_object(Bucket=self.settings.bucket, Key=self._key(key))
                data: bytes = answer["Body"].read()
            except self._client.exceptions.NoSuchKey:
                return None
        return data

    def keys(self, prefix: str) -> list[str]:
        """Every key below `prefix`, sorted; for callers outside an event loop.

        Raises:
            StorageFailed: the store can't be reached or refuses, in a sentence.
        """
        place, above = self._key(f"{prefix}/" if prefix else ""), len(self._key(""))
        with self._told():
            listing = self._client.get_paginator("list_objects_v2")
            pages = listing.paginate(Bucket=self.settings.bucket, Prefix=place)
            return sorted(item["Key"][above:] for page in pages for item in page.get("Contents", ()))

    def download(self, key: str, path: Path) -> bool:
        """Bring an object of any size into a file; False when there is no such object."""
        with self._told():
            try:
                self._client.download_file(self.settings.bucket, self._key(key), str(path))
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                    raise
                return False
        return True

    def _write(self, key: str, data: bytes) -> bool:
        for _ in range(_COLLISIONS):
            with self._told():
                try:
                    self._client.put_object(
                        Bucket=self.settings.bucket, Key=self._key(key), Body=data, IfNoneMatch="*"
                    )
                    return True
                except ClientError as error:
                    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                    if status == 412:
                        return False
                    if status != 409:
                        raise
            # 409: another write of this key is under way, and may yet fail
            if self.read(key) is not None:
                return False
            time.sleep(0.2)
        raise StorageFailed(f"s3://{self.settings.bucket}/{self._key(key)}: others keep writing it")

    def _check(self) -> str | None:
        """Always the same key: nothing piles up, and no right to delete is needed."""
        where = self.settings.endpoint or "Amazon S3"
        self._write(CHECKED, b"the first one counts\n")
        if self._write(CHECKED, b"the first one counts\n"):
            return (
                f"{where} takes a conditional write (If-None-Match) for a key that is there already, so two "
                "scorers could both record a run: use a store that refuses it"
            )
        if self.read(CHECKED) is None:
            return f"{where} does not give back what was written to bucket {self.settings.bucket!r}"
        return None

    def _key(self, key: str) -> str:
        return full_key(self.settings.prefix, key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, ValueError) as error:
            _, sentence = explain(error, self.settings.bucket, self.settings.endpoint)
            raise StorageFailed(sentence) from error
