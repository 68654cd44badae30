from pathlib import Path

import pytest
from pydantic import ValidationError

from seedbed.planning.llm.failures import BadKey
from seedbed.planning.llm.provider import NO_KEY, Provider

URL = "https://models.example.com/v1/"


def test_a_key_comes_from_where_the_settings_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("from-file\n")
    monkeypatch.setenv("A_KEY", "from-environment")
    for options, expected in (
        ({"keyFile": file}, "from-file"),
        ({"keyEnv": "A_KEY"}, "from-environment"),
        ({"key": "from-flag"}, "from-flag"),
        ({}, NO_KEY),
    ):
        provider = Provider.model_validate({"baseUrl": URL, "model": "m", **options})
        assert provider.read_key().get_secret_value() == expected
    file.write_text("rotated")
    assert Provider(base_url=URL, model="m", key_file=file).read_key().get_secret_value() == "rotated"


def test_a_key_is_not_shown() -> None:
    provider = Provider.model_validate({"baseUrl": URL, "model": "m", "key": "a-secret"})
    shown = f"{provider!r} {provider} {provider.document()} {provider.read_key()!r}"
    assert "a-secret" not in shown
    assert "key" not in provider.document()
    assert provider.label == "provider default (m at models.example.com)"


@pytest.mark.parametrize("content", ["", " \n", "two words", "ключ", "a\x00b", "a\nb"])
def test_what_no_header_can_carry_is_no_key(content: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(content)
    with pytest.raises(
        BadKey, match="the file .*/key (is empty or not set|holds something that can't be a key)"
    ):
        Provider(base_url=URL, model="m", key_file=tmp_path / "key").read_key()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadKey, match="can't read its key in .*/nowhere: .*No such file"):
        Provider(base_url=URL, model="m", key_file=tmp_path / "nowhere").read_key()


@pytest.mark.parametrize(
    "url",
    [
        "models.example.com/v1",
        "ftp://h/v1",
        "https:///v1",
        "http://user:pw@h/v1",
        "http://h:99999/v1",
        "http://h/v1?k=1",
    ],
)
def test_an_address_that_is_none_or_holds_a_password(url: str) -> None:
    with pytest.raises(ValidationError, match="write an address like https://host:8000/v1"):
        Provider(base_url=url, model="m")


def test_one_key_is_enough() -> None:
    with pytest.raises(ValidationError, match="at most one of keyEnv, keyFile and key"):
        Provider.model_validate({"baseUrl": URL, "model": "m", "keyEnv": "A", "key": "b"})
