from dataclasses import replace

import numpy as np
import pytest

from fakes.loopback import Loopback
from fakes.openml import serve_tiny, serve_titanic, tiny_rows
from seedbed_runner.data.table import Table
from seedbed_runner.errors import BadInput, Infrastructure
from seedbed_runner.sources.openml import SETS, by_id, load_openml
from seedbed_runner.sources.settings import SourceSettings


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """scikit-learn waits between its tries."""
    monkeypatch.setattr("sklearn.datasets._openml.time.sleep", lambda seconds: None)


def test_the_real_titanic_is_downloaded_once_and_checked(settings: SourceSettings, server: Loopback) -> None:
    serve_titanic(server)
    frame, origin, target = load_openml(SETS["titanic"], settings)
    assert (len(frame), target) == (1309, "survived")
    assert frame["survived"].astype(str).value_counts().to_dict() == {"0": 809, "1": 500}
    assert int(frame["age"].isna().sum()) == 263
    assert (
        origin.verified
        and origin.revision == "data id 40945, version 1, md5 60ac7205eee0ba5045c90b3bba95b1c4"
    )
    assert origin.source == f"{server.address}/openml/d/40945"
    asked = len(server.asked)
    again, known, _ = load_openml(SETS["titanic"], replace(settings, offline=True))
    assert again.equals(frame) and known == origin and len(server.asked) == asked


def test_a_copied_cache_serves_where_there_is_no_network(settings: SourceSettings, server: Loopback) -> None:
    serve_titanic(server)
    load_openml(SETS["titanic"], settings)
    elsewhere = replace(settings, data=settings.cache, cache=settings.cache / "none", offline=True)
    assert len(load_openml(SETS["titanic"], elsewhere)[0]) == 1309


def test_another_file_than_the_description_says_is_refused(
    settings: SourceSettings, server: Loopback
) -> None:
    serve_tiny(server, 7, md5_checksum="0" * 32)
    with pytest.raises(
        Infrastructure, match="openml:7 is not on this machine, and its download.*md5 checksum"
    ):
        load_openml(by_id(7), settings)


def test_another_table_than_was_meant_is_refused(settings: SourceSettings, server: Loopback) -> None:
    serve_tiny(server, SETS["titanic"].data_id)
    titanic = replace(SETS["titanic"], target="class")
    with pytest.raises(BadInput, match="has another titanic .md5 .* than is meant .md5 60ac7205"):
        load_openml(titanic, settings)
    serve_tiny(server, SETS["adult"].data_id)
    with pytest.raises(BadInput, match="gave 40 rows of adult, which has 48842"):
        load_openml(SETS["adult"], settings)


def test_a_file_that_breaks_off_is_refused(
    settings: SourceSettings, server: Loopback, impatient: None
) -> None:
    serve_tiny(server, 7)
    server.cut.add("tiny.arff")
    with pytest.raises(Infrastructure, match="openml:7 is not on this machine, and its download"):
        load_openml(by_id(7), settings)
    server.cut.clear()
    assert len(load_openml(by_id(7), settings)[0]) == 40


def test_a_table_that_openml_does_not_have_is_told(settings: SourceSettings, impatient: None) -> None:
    with pytest.raises(Infrastructure, match="HTTP Error 404.*research-agent datasets fetch adult"):
        load_openml(SETS["adult"], settings)


def test_a_missing_column_is_told(settings: SourceSettings, server: Loopback) -> None:
    serve_tiny(server, 7)
    with pytest.raises(Infrastructure, match="target_column='salary'"):
        load_openml(replace(by_id(7), target="salary"), settings)


def test_offline_nothing_is_asked_of_openml(settings: SourceSettings, server: Loopback) -> None:
    serve_titanic(server)
    with pytest.raises(BadInput, match="titanic is not on this machine, and offline nothing is downloaded"):
        load_openml(SETS["titanic"], replace(settings, offline=True))
    assert server.asked == []


def test_gaps_and_words_of_an_arff_file(
    settings: SourceSettings, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seedbed_runner.data import load

    serve_tiny(server, 7)
    monkeypatch.setenv("SEEDBED_OPENML_URL", f"{server.address}/openml")
    monkeypatch.setenv("SEEDBED_CACHE", str(settings.cache))
    source = load({"name": "openml:7", "features": ["age", "work"]})
    assert isinstance(source.inputs, Table) and source.class_names == ("<=50K", ">50K")
    assert source.inputs.number_names == ("age",) and source.inputs.category_names == ("work",)
    assert np.flatnonzero(np.isnan(source.inputs.numbers[:, 0])).tolist() == [3, 10, 17, 24, 31, 38]
    assert [words[0] for words in source.inputs.categories[:6]] == [
        "Private", "State gov", "Private", "State gov", None, "State gov",
    ]  # fmt: skip
    assert source.labels.tolist() == [0, 1] * 20 and tiny_rows().count("?") == 14
    assert source.provenance is not None and source.provenance.revision is not None
    assert source.provenance.revision.startswith("data id 7, version 2, md5 ")


def test_titanic_leaves_out_what_gives_the_answer_away(
    settings: SourceSettings, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seedbed_runner.data import load

    serve_titanic(server)
    monkeypatch.setenv("SEEDBED_OPENML_URL", f"{server.address}/openml")
    monkeypatch.setenv("SEEDBED_CACHE", str(settings.cache))
    source = load({"name": "titanic"})
    assert isinstance(source.inputs, Table)
    assert source.inputs.number_names == ("pclass", "age", "sibsp", "parch", "fare")
    assert source.inputs.category_names == ("sex", "embarked")
    assert "left out: name, ticket, cabin, boat, body, home.dest" in source.notes[0]
    with pytest.raises(BadInput, match="titanic takes no `target`"):
        load({"name": "titanic", "target": "boat"})
