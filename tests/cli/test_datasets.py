import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fakes.datafiles import write_cifar10
from seedbed.cli.main import main
from seedbed.local.settings import Settings
from seedbed.local.sources import preparing_environment
from seedbed_runner.contract.catalogue import CATALOGUE, FORMS
from seedbed_runner.contract.datasets import dataset_forms, dataset_names


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEEDBED_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["datasets", *arguments])


def test_the_list_has_every_name_and_form_and_says_what_is_here(no_cache: Path) -> None:
    (no_cache / "svhn-0123456789ab").mkdir(parents=True)
    (no_cache / "svhn-0123456789ab" / "origin.json").write_text("{}")
    listed = json.loads(run("list", "--json").stdout)
    here = {row["name"]: row["here"] for row in listed["datasets"]}
    assert sorted(here) == dataset_names() and set(FORMS) <= set(dataset_forms())
    assert here["digits"] == "comes with scikit-learn" and here["svhn"] == "in the cache"
    assert here["cifar10"] == "to be fetched (170 MB)"
    assert "table:NAME: NAME.csv or NAME.parquet of the data folder" in run("list").stdout


def test_show_says_where_it_is_looked_for_and_what_to_bring(tmp_path: Path) -> None:
    said = run("show", "CIFAR-10", "--data", str(tmp_path), "--offline").stdout
    for line in (
        "published:    www.cs.toronto.edu/~kriz", f"data folder:  {tmp_path}",
        f"cache:        {tmp_path}/cache",
        "bring:        cifar-10-python.tar.gz, in the data folder", "offline:      nothing is downloaded",
    ):  # fmt: skip
        assert line in said
    assert "the folder NAME of the data folder" in run("show", "images:pets").stdout


def test_an_unknown_name_is_told() -> None:
    done = run("show", "cifar11")
    assert done.exit_code == 2 and "did you mean cifar10" in done.stderr
    assert "--dataset" not in done.stderr


@pytest.mark.slow
def test_check_loads_as_an_experiment_would(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text("rooms,price\n" + "".join(f"{k},{k * 1.5}\n" for k in range(30)))
    done = run("check", "table:houses", "--target", "price", "--data", str(tmp_path))
    assert done.exit_code == 0 and "table:houses: Table houses: 30 rows, a regression" in done.stdout
    assert "houses.csv  sha256:" in done.stdout
    done = run("check", "table:houses", "--target", "cost", "--data", str(tmp_path))
    assert done.exit_code == 2 and "has no column 'cost'; there are: rooms, price" in done.stderr


@pytest.mark.slow
def test_fetch_ends_with_the_reason_and_check_never_asks_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDBED_CIFAR_URL", "http://127.0.0.1:9")
    done = run("fetch", "cifar10")
    assert (
        done.exit_code == 1
        and "its download from http://127.0.0.1:9/cifar-10-python.tar.gz failed" in done.stderr
    )
    done = run("check", "cifar10")
    assert done.exit_code == 2 and "offline nothing is downloaded" in done.stderr
    write_cifar10(tmp_path / "data")
    done = run("check", "cifar10", "--data", str(tmp_path / "data"), "--allow-unverified")
    assert done.exit_code == 0, done.stderr
    assert "cifar10: CIFAR-10: 120 rows, 20 of them the official test split, 10 classes" in done.stdout
    assert "the files are not those that CIFAR-10 was published as" in done.stdout


def test_only_the_preparing_process_hears_of_data_and_hubs(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, offline=True)
    given = preparing_environment(
        settings, {"HF_TOKEN": "secret", "SEEDBED_SVHN_URL": "http://m", "OTHER": "x"}
    )
    assert given["SEEDBED_DATA"] == str(tmp_path) and given["SEEDBED_OFFLINE"] == "true"
    assert given["SEEDBED_ALLOW_UNVERIFIED"] == "false" and given["HF_HUB_OFFLINE"] == "1"
    assert given["HF_TOKEN"] == "secret" and given["SEEDBED_SVHN_URL"] == "http://m"
    assert "OTHER" not in given and given["OMP_NUM_THREADS"] == "1"


def test_the_catalogue_agrees_with_what_is_loaded() -> None:
    from seedbed_runner.sources.openml import SETS as TABLES

    for name, table in TABLES.items():
        assert CATALOGUE[name].rows == table.rows and CATALOGUE[name].title == table.title
        assert CATALOGUE[name].source == f"www.openml.org/d/{table.data_id}"


@pytest.mark.slow
def test_a_terminal_is_told_what_is_going_on(tmp_path: Path) -> None:
    terminal, its_end = pty.openpty()
    command = [Path(sys.executable).with_name("research-agent"), "datasets", "check", "iris"]
    environment = {**os.environ, "SEEDBED_CACHE": str(tmp_path), "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=its_end, text=True, env=environment)
    os.close(its_end)
    with open(terminal, "rb", buffering=0) as reader:
        said = reader.read(65_536).decode()
    assert done.returncode == 0 and "iris: Iris flowers" in done.stdout
    assert "loading iris" in said
