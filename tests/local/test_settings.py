from pathlib import Path

import pytest

from seedbed.errors import InvalidInput
from seedbed.local.settings import Settings, config_path, read_settings


@pytest.fixture
def environment(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def write(environment, text):
    path = config_path(environment)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_defaults_when_nothing_is_said(environment):
    assert read_settings(environment) == Settings(folder=Path("seedbed-runs"), device="auto", cores=None)


def test_flags_before_environment_before_file(environment):
    write(environment, "folder: from-file\ndevice: cuda\ncores: 3\n")
    assert read_settings(environment) == Settings(folder=Path("from-file"), device="cuda", cores=3)
    environment |= {"SEEDBED_DEVICE": "cpu", "SEEDBED_CORES": "5"}
    assert read_settings(environment) == Settings(folder=Path("from-file"), device="cpu", cores=5)
    chosen = read_settings(environment, cores=7, device=None, folder="flag")
    assert chosen == Settings(folder=Path("flag"), device="cpu", cores=7)


def test_code_runs_unsealed_only_where_that_is_said(environment):
    assert not read_settings(environment).allow_unsealed
    assert read_settings(environment | {"SEEDBED_ALLOW_UNSEALED": "true"}).allow_unsealed
    assert not read_settings(environment | {"SEEDBED_ALLOW_UNSEALED": "0"}).allow_unsealed
    assert read_settings(environment, allow_unsealed=True).allow_unsealed
    write(environment, "allow_unsealed: true\n")
    assert read_settings(environment, allow_unsealed=None).allow_unsealed


def test_home_is_expanded(environment):
    assert read_settings(environment | {"SEEDBED_FOLDER": "~/runs"}).folder == Path.home() / "runs"


def test_the_file_is_below_the_home_folder_by_default():
    assert config_path({}) == Path.home() / ".config" / "seedbed" / "config.yaml"


def test_an_empty_file_sets_nothing(environment):
    write(environment, "# nothing yet\n")
    assert read_settings(environment) == Settings()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("foldr: a\n", "unknown setting `foldr`; did you mean `folder`?"),
        (
            "colour: red\n",
            "unknown setting `colour`; there are: folder, device, cores, providers, allow_unsealed, data, "
            "cache, offline, allow_unverified",
        ),
        ("cores: many\n", "`cores` is 'many' but must be a whole number of at least 1"),
        ("cores: 0\n", "`cores` is 0 but must be a whole number of at least 1"),
        ("allow_unsealed: perhaps\n", "`allow_unsealed` is 'perhaps' but must be true or false"),
        ("device: tpu\n", "`device` is 'tpu' but must be auto, cpu or cuda"),
        ("folder: ''\n", "`folder` is '' but must be the path of a folder"),
        ("- cores\n", "write settings such as `cores: 4`, one a line"),
        ("cores: [\n", "not YAML: while parsing a flow node"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(environment, text, sentence):
    path = write(environment, text)
    with pytest.raises(InvalidInput) as raised:
        read_settings(environment)
    assert str(raised.value) == f"{path}: {sentence}"


def test_a_mistake_in_the_environment_names_the_variable(environment):
    with pytest.raises(InvalidInput) as raised:
        read_settings(environment | {"SEEDBED_CORES": "-1"})
    assert str(raised.value) == "SEEDBED_CORES is '-1' but must be a whole number of at least 1"


def test_a_mistake_in_a_flag_names_the_flag(environment):
    with pytest.raises(InvalidInput, match="^`--device` is 'tpu' but must be auto, cpu or cuda$"):
        read_settings(environment, device="tpu")
