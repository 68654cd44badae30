import pytest

from seedbed.errors import InvalidInput
from seedbed.local.settings import config_path, read_settings
from seedbed.planning.llm.provider import Provider

FILE = """
providers:
  default: {baseUrl: "http://localhost:11434/v1", model: qwen3, keyEnv: A_KEY, models: [llama3]}
  lab: {baseUrl: "http://lab:8000/v1/", model: tiny, keyFile: ~/key}
"""
URL = "https://models.example.com/v1"


@pytest.fixture
def environment(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def write(environment, text):
    path = config_path(environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_the_files_providers_have_the_names_that_goals_use(environment):
    write(environment, FILE)
    found = read_settings(environment).providers
    assert found["default"].document() == {
        "name": "default", "baseUrl": "http://localhost:11434/v1", "model": "qwen3", "models": ["llama3"],
        "keyEnv": "A_KEY",
    }  # fmt: skip
    assert found["lab"].label == "provider lab (tiny at lab:8000)"
    assert found["lab"].key_file.is_absolute()


def test_nothing_said_is_no_provider(environment):
    assert read_settings(environment).providers == {}
    assert read_settings(environment | {"SEEDBED_LLM_API_KEY": "k", "SEEDBED_LLM_MODEL": "m"}).providers == {}


def test_the_environment_describes_the_default_and_its_key_stays_there(environment):
    environment |= {"SEEDBED_LLM_BASE_URL": URL, "SEEDBED_LLM_MODEL": "m", "SEEDBED_LLM_API_KEY": "secret"}
    found = read_settings(environment).providers
    assert found == {"default": Provider(base_url=URL, model="m", key_env="SEEDBED_LLM_API_KEY")}
    assert "secret" not in repr(found)


def test_another_address_never_gets_the_files_key(environment):
    write(environment, FILE)
    environment |= {"SEEDBED_LLM_BASE_URL": URL, "SEEDBED_LLM_MODEL": "m"}
    found = read_settings(environment).providers
    assert found["default"] == Provider(base_url=URL, model="m")
    assert found["lab"].model == "tiny"


def test_model_and_key_can_be_changed_alone(environment):
    write(environment, FILE)
    found = read_settings(environment, llm_model="llama3", llm_api_key="secret").providers["default"]
    assert (found.model, found.base_url, found.key_env) == ("llama3", "http://localhost:11434/v1", None)
    assert found.read_key().get_secret_value() == "secret"
    kept = read_settings(environment | {"SEEDBED_LLM_MODEL": "llama3"}).providers["default"]
    assert (kept.model, kept.key_env) == ("llama3", "A_KEY")


def test_flags_go_before_the_environment(environment):
    environment |= {"SEEDBED_LLM_BASE_URL": "http://other/v1", "SEEDBED_LLM_MODEL": "other"}
    environment |= {"SEEDBED_LLM_API_KEY": "theirs"}
    flags = {"llm_base_url": URL, "llm_model": "m"}
    found = read_settings(environment, **flags).providers["default"]
    assert found == Provider(base_url=URL, model="m", key_env="SEEDBED_LLM_API_KEY")
    found = read_settings(environment, **flags, llm_api_key="mine").providers["default"]
    assert found.read_key().get_secret_value() == "mine"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("providers: 3", "providers: write names, each with a `baseUrl` and a `model`"),
        ("providers: {Big: {}}",
         "providers.Big: is no name: write at most 63 lower-case letters, digits and dashes"),
        ("providers: {lab: http://lab}",
         "providers.lab: write an object with baseUrl, model, not 'http://lab'"),
        ("providers: {lab: {baseUrl: lab, model: m}}",
         "providers.lab.baseUrl: write an address like https://host:8000/v1: no user name, password, ? or #"),
        ("providers: {lab: {baseUrl: 'http://lab/v1'}}",
         "providers.lab.model: missing; write text of 1 to 200 characters"),
        ("providers: {lab: {baseUrl: 'http://lab/v1', model: m, key: secret}}",
         "providers.lab.key: unknown field; did you mean keyEnv or keyFile?"),
        ("providers: {lab: {baseUrl: 'http://lab/v1', model: m, keyEnv: sk-secret}}",
         "providers.lab.keyEnv: write the name of an environment variable, such as OPENAI_API_KEY, "
         "not a key"),
        ("providers: {lab: {baseUrl: 'http://lab/v1', model: m, keyEnv: A, keyFile: b}}",
         "providers.lab: give at most one of keyEnv, keyFile and key"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_one_sentence(environment, text, sentence):
    path = write(environment, text)
    with pytest.raises(InvalidInput) as raised:
        read_settings(environment)
    assert str(raised.value) == f"{path}: {sentence}"
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("variables", "flags", "sentence"),
    [
        ({"BASE_URL": URL}, {},
         "SEEDBED_LLM_BASE_URL is there, but no model: set SEEDBED_LLM_MODEL or give `--llm-model`"),
        ({}, {"llm_base_url": URL},
         "`--llm-base-url` is there, but no model: set SEEDBED_LLM_MODEL or give `--llm-model`"),
        ({}, {"llm_model": "m"},
         "`--llm-model` is about a model server, but none is set up: give `--llm-base-url`"),
        ({"BASE_URL": "http://u:secret@h/v1", "MODEL": "m"}, {},
         "SEEDBED_LLM_BASE_URL: write an address like https://host:8000/v1: no user name, password, ? or #"),
        ({"BASE_URL": URL}, {"llm_model": ""}, "`--llm-model`: write text of 1 to 200 characters, not ''"),
    ],
)  # fmt: skip
def test_a_mistake_elsewhere_names_the_variable_or_the_flag(environment, variables, flags, sentence):
    environment |= {f"SEEDBED_LLM_{name}": value for name, value in variables.items()}
    with pytest.raises(InvalidInput) as raised:
        read_settings(environment, **flags)
    assert str(raised.value) == sentence
