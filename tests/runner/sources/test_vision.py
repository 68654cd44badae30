import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fakes.datafiles import cifar_archive, cifar_files, drawn, idx_files, md5, svhn_files, write_cifar10
from fakes.loopback import Loopback
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.models.torchvision_import import torchvision_datasets
from seedbed_runner.sources.settings import SourceSettings
from seedbed_runner.sources.vision import load_vision


@pytest.fixture
def publish(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Serve a tiny set under the addresses of a real one, and let torchvision expect its checksums."""
    published = torchvision_datasets()

    def cifar(coarse: bool) -> None:
        made = published.CIFAR100 if coarse else published.CIFAR10
        files = cifar_files(200 if coarse else 20, coarse)
        archive = cifar_archive(files, made.base_folder)
        server.put(f"cifar/{made.filename}", archive)
        monkeypatch.setattr(made, "tgz_md5", md5(archive))
        for part in ("train_list", "test_list"):
            monkeypatch.setattr(made, part, [[name, md5(files[name])] for name, _ in getattr(made, part)])
        monkeypatch.setattr(made, "meta", made.meta | {"md5": md5(files[made.meta["filename"]])})

    def idx(made: Any, where: str) -> None:
        files = idx_files()
        for name, data in files.items():
            server.put(f"{where}/{name}", data)
        monkeypatch.setattr(made, "resources", [(name, md5(files[name])) for name, _ in made.resources])

    def svhn() -> None:
        files = svhn_files()
        for name, data in files.items():
            server.put(f"svhn/{name}", data)
        lists = {
            split: [url, name, md5(files.get(name, b""))]
            for split, (url, name, _) in published.SVHN.split_list.items()
        }
        monkeypatch.setattr(published.SVHN, "split_list", lists)

    ways = {
        "cifar10": lambda: cifar(coarse=False), "cifar100": lambda: cifar(coarse=True), "svhn": svhn,
        "mnist": lambda: idx(published.MNIST, "mnist"),
        "fashion_mnist": lambda: idx(published.FashionMNIST, "fashion_mnist"),
    }  # fmt: skip
    return lambda name: ways[name]()


@pytest.mark.parametrize(
    ("name", "train", "test", "shape", "classes"),
    [
        ("cifar10", 100, 20, (3, 32, 32), 10),
        ("cifar100", 200, 200, (3, 32, 32), 100),
        ("mnist", 40, 20, (1, 28, 28), 10),
        ("fashion_mnist", 40, 20, (1, 28, 28), 10),
        ("svhn", 40, 20, (3, 32, 32), 10),
    ],
)
def test_each_is_downloaded_once_and_read_pixel_by_pixel(
    name: str, train: int, test: int, shape: tuple[int, ...], classes: int, settings: SourceSettings,
    publish: Callable[[str], None], server: Loopback,
) -> None:  # fmt: skip
    publish(name)
    found = load_vision(name, settings)
    assert found.train.shape == (train, *shape) and found.test.shape == (test, *shape)
    assert found.train.dtype == np.uint8 and len(found.classes) == classes
    seed = {"cifar10": 5, "cifar100": 1}.get(name, test)
    images, labels = drawn(test, shape[0], shape[1], classes, seed)
    assert (found.test == images).all() and (found.test_labels == labels).all()
    assert found.origin.verified and found.origin.source.startswith(server.address)
    assert found.origin.fetched.endswith("Z") and len(found.origin.files) >= 2
    asked = len(server.asked)
    again = load_vision(name, replace(settings, offline=True))
    assert (again.train == found.train).all() and len(server.asked) == asked
    assert again.origin == found.origin


def test_what_differs_from_its_checksum_is_refused(
    settings: SourceSettings, publish: Callable[[str], None], server: Loopback
) -> None:
    publish("cifar10")
    server.put("cifar/cifar-10-python.tar.gz", b"something else")
    with pytest.raises(
        Infrastructure, match="cifar10 is not on this machine, and its download from http.*corrupted"
    ):
        load_vision("cifar10", settings)
    assert [path.name for path in settings.cache.iterdir() if not path.name.startswith(".")] == []


def test_a_download_that_breaks_off_is_told_and_the_next_goes_on_with_the_files_that_were_whole(
    settings: SourceSettings, publish: Callable[[str], None], server: Loopback
) -> None:
    publish("mnist")
    server.cut.add("t10k-images-idx3-ubyte.gz")
    with pytest.raises(
        Infrastructure, match="mnist is not on this machine.*looked in the data folder .*/data"
    ):
        load_vision("mnist", settings)
    server.cut.clear()
    server.asked.clear()
    assert len(load_vision("mnist", settings).train) == 40
    assert not [path for path in server.asked if path.startswith("mnist/train-")]


def test_what_is_not_published_there_is_told_with_what_to_do(settings: SourceSettings) -> None:
    with pytest.raises(Infrastructure) as told:
        load_vision("svhn", settings)
    assert "HTTP Error 404" in str(told.value)
    assert "research-agent datasets fetch svhn" in str(told.value)
    assert "put train_32x32.mat and test_32x32.mat into a folder" in str(told.value)


def test_offline_nothing_is_downloaded(
    settings: SourceSettings, publish: Callable[[str], None], server: Loopback
) -> None:
    publish("cifar10")
    with pytest.raises(BadInput, match="cifar10 is not on this machine, and offline nothing is downloaded"):
        load_vision("cifar10", replace(settings, offline=True))
    assert server.asked == []


def test_a_changed_file_of_the_cache_is_told(
    settings: SourceSettings, publish: Callable[[str], None]
) -> None:
    publish("svhn")
    load_vision("svhn", settings)
    damaged = next(settings.cache.glob("svhn-*/test_32x32.mat"))
    damaged.write_bytes(damaged.read_bytes()[:-10])
    with pytest.raises(Infrastructure, match="test_32x32.mat is not what was downloaded: remove that folder"):
        load_vision("svhn", settings)


@pytest.mark.parametrize("place", ["", "mnist"])
def test_published_archives_in_the_users_folder_are_used_and_nothing_is_downloaded(
    place: str, settings: SourceSettings, publish: Callable[[str], None], server: Loopback
) -> None:
    publish("mnist")
    assert settings.data is not None
    into = settings.data / (place or "MNIST/raw")
    into.mkdir(parents=True)
    for path in (server.folder / "mnist").iterdir():
        (into / path.name).write_bytes(path.read_bytes())
    found = load_vision("mnist", settings)
    assert found.origin.verified and found.origin.source.startswith(str(settings.data))
    assert server.asked == [] and not settings.cache.exists()
    assert len(list(into.iterdir())) == 4  # and nothing is unpacked there


def test_files_of_ones_own_in_the_format_must_be_allowed_and_are_recorded(settings: SourceSettings) -> None:
    assert settings.data is not None
    write_cifar10(settings.data)
    with pytest.raises(
        BadInput, match="data_batch_1 is not the published file of CIFAR-10.*--allow-unverified"
    ):
        load_vision("cifar10", settings)
    found = load_vision("cifar10", replace(settings, allow_unverified=True))
    assert found.train.shape == (100, 3, 32, 32) and not found.origin.verified
    assert found.origin.remarks == ("the files are not those that CIFAR-10 was published as",)
    assert set(found.origin.files) == {f"cifar-10-batches-py/{name}" for name in cifar_files(1)}


@pytest.mark.parametrize("name", ["mnist", "svhn"])
def test_the_same_of_formats_without_pickles(name: str, settings: SourceSettings) -> None:
    assert settings.data is not None
    (settings.data / name).mkdir()
    for file, data in (idx_files() if name == "mnist" else svhn_files()).items():
        (settings.data / name / file).write_bytes(data)
    with pytest.raises(BadInput, match="is not the published file"):
        load_vision(name, settings)
    assert len(load_vision(name, replace(settings, allow_unverified=True)).train) == 40


def test_unpacked_files_without_a_checksum_are_not_taken_for_the_published_ones(
    settings: SourceSettings,
) -> None:
    assert settings.data is not None
    (settings.data / "MNIST" / "raw").mkdir(parents=True)
    for name in idx_files():
        (settings.data / "MNIST" / "raw" / name.removesuffix(".gz")).write_bytes(b"")
    with pytest.raises(BadInput, match="has no checksum that tells it from MNIST"):
        load_vision("mnist", settings)


def test_a_part_of_the_files_is_told(settings: SourceSettings) -> None:
    assert settings.data is not None
    (write_cifar10(settings.data) / "test_batch").unlink()
    with pytest.raises(BadInput, match="a part of cifar10 only: cifar-10-batches-py/test_batch is missing"):
        load_vision("cifar10", replace(settings, allow_unverified=True))


class _Attack:
    def __reduce__(self) -> Any:
        return os.mkdir, ("/nowhere/at/all",)


def test_a_pickle_that_would_run_code_is_refused(settings: SourceSettings) -> None:
    assert settings.data is not None
    (write_cifar10(settings.data) / "data_batch_3").write_bytes(pickle.dumps(_Attack()))
    with pytest.raises(
        BadInput, match="data_batch_3 is not a pickle of arrays and text only: it asks for posix.mkdir"
    ):
        load_vision("cifar10", replace(settings, allow_unverified=True))


def test_an_archive_of_ones_own_is_not_unpacked(settings: SourceSettings) -> None:
    assert settings.data is not None
    archive = cifar_archive(cifar_files(2), "cifar-10-batches-py")
    (settings.data / "cifar-10-python.tar.gz").write_bytes(archive)
    with pytest.raises(BadInput, match="unpack it yourself"):
        load_vision("cifar10", replace(settings, allow_unverified=True))


def test_labels_beyond_the_classes_are_refused(settings: SourceSettings) -> None:
    assert settings.data is not None
    place = write_cifar10(settings.data)
    batch = pickle.loads((place / "test_batch").read_bytes())
    (place / "test_batch").write_bytes(pickle.dumps(batch | {"labels": [11] * 20}))
    with pytest.raises(BadInput, match="labels from 11 to 11, but CIFAR-10 has 10 classes"):
        load_vision("cifar10", replace(settings, allow_unverified=True))


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SEEDBED_DATA": "/no/such/folder"}, "SEEDBED_DATA is /no/such/folder but there is no such folder"),
        ({"SEEDBED_OFFLINE": "perhaps"}, "SEEDBED_OFFLINE is 'perhaps' but must be true or false"),
        ({"SEEDBED_CIFAR_URL": "mirror.example"}, "must be an address that begins with http"),
    ],
)  # fmt: skip
def test_wrong_settings_are_told(environment: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        SourceSettings.from_environment(environment)
