"""One bucket of an S3 store, as the trusted steps of a run use it; the operator sets it in their environment.

    SEEDBED_S3_ENDPOINT                       the store's address; not set: Amazon S3
    SEEDBED_S3_BUCKET, _PREFIX, _REGION       where in it; every key is below the prefix
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY  or whatever else boto3 takes for credentials

`fetch`, `score` and `prepare` only: the train step has none of this.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from seedbed_runner.contract.stores import CLIENT, explain, full_key
from seedbed_runner.errors import BadInput, Infrastructure

_TRANSFER = TransferConfig(max_concurrency=4)  # 8 MiB each: these steps have little memory
_COLLISIONS = 5


class Bucket:
    """Objects below one prefix of one bucket. Every trouble is `Infrastructure`, in a sentence."""

    def __init__(
        self, name: str, *, endpoint: str | None = None, prefix: str = "", region: str = "us-east-1"
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self.prefix = prefix.strip("/")
        style = {"addressing_style": "path" if endpoint else "auto"}
        with self._told():
            self._client: Any = boto3.Session().client(
                "s3", endpoint_url=endpoint, region_name=region, config=Config(**CLIENT, s3=style)
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Bucket":
        """The bucket that the environment names.

        Raises:
            BadInput: it names none.
        """
        return cls(
            required(environment, "SEEDBED_S3_BUCKET"),
            endpoint=environment.get("SEEDBED_S3_ENDPOINT") or None,
            prefix=environment.get("SEEDBED_S3_PREFIX", ""),
            region=environment.get("SEEDBED_S3_REGION") or "us-east-1",
        )

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None if there is no such object."""
        with self._told():
            try:
                data: bytes = self._client.get_object(Bucket=self.name, Key=self._key(key))["Body"].read()
            except self._client.exceptions.NoSuchKey:
                return None
        return data

    def keys(self, prefix: str) -> list[str]:
        """The keys of all objects that begin with a prefix, sorted."""
        with self._told():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=self._key(prefix)
            )
            found = [item["Key"] for page in pages for item in page.get("Contents", [])]
        own = f"{self.prefix}/" if self.prefix else ""
        return sorted(key.removeprefix(own) for key in found)

    def download(self, key: str, path: Path) -> None:
        """Bring an object into a file.

        Raises:
            Infrastructure: DataMissing, if there is no such object.
        """
        with self._told():
            try:
                self._client.download_file(self.name, self._key(key), str(path), Config=_TRANSFER)
            except ClientError as error:
                if status(error) != 404:
                    raise
                raise Infrastructure(
                    "DataMissing", f"{self.where(key)} is missing: prepare the dataset again"
                ) from error

    def upload(self, file: BinaryIO, key: str) -> None:
        """Write an object, in parts if it is large, whatever was there before."""
        with self._told():
            self._client.upload_fileobj(file, self.name, self._key(key), Config=_TRANSFER)

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write an object unless there is one already; whether it was written."""
        for _ in range(_COLLISIONS):
            with self._told():
                try:
                    self._client.put_object(Bucket=self.name, Key=self._key(key), Body=data, IfNoneMatch="*")
                    return True
                except ClientError as error:
                    if status(error) == 412:
                        return False
                    if status(error) != 409:
                        raise
            # 409: another write of this key is under way, and may yet fail
            if self.get(key) is not None:
                return False
            time.sleep(0.2)
        raise Infrastructure("StoreFailed", f"{self.where(key)} can't be written: others keep writing it")

    def where(self, key: str) -> str:
        """The object's place, for a sentence."""
        return f"s3://{self.name}/{self._key(key)}"

    def _key(self, key: str) -> str:
        return full_key(self.prefix, key)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, Boto3Error, ValueError) as error:
            raise Infrastructure(*explain(error, self.name, self.endpoint)) from error


def status(error: ClientError) -> int:
    """The HTTP status that a store answered with."""
    code: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return code


def required(environment: Mapping[str, str], name: str) -> str:
    """A variable that the operator sets.

    Raises:
        BadInput: it did not.
    """
    if not environment.get(name):
        raise BadInput(f"{name} is not set: with --store the environment says what to do")
    return environment[name]
