from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.loopback import Loopback, loopback
from seedbed_runner.sources.settings import SourceSettings


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Loopback]:
    (tmp_path / "web").mkdir()
    with loopback(tmp_path / "web") as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, server: Loopback) -> SourceSettings:
    (tmp_path / "data").mkdir()
    names = ("OPENML", "CIFAR", "MNIST", "FASHION_MNIST", "SVHN")
    mirrors = {f"SEEDBED_{name}_URL": f"{server.address}/{name.lower()}" for name in names}
    places = {"SEEDBED_DATA": str(tmp_path / "data"), "SEEDBED_CACHE": str(tmp_path / "cache")}
    return SourceSettings.from_environment(mirrors | places)
