import importlib
import subprocess
import sys

import pytest
from click.testing import CliRunner

from seedbed.cli.exits import IN_WORDS
from seedbed.cli.group import errors_as_sentences
from seedbed.cli.main import COMMANDS, main


def run(*arguments, **options):
    return CliRunner().invoke(main, list(arguments), **options)


def test_help_teaches_and_lists_every_command_and_exit_code():
    result = run("--help")
    assert result.exit_code == 0
    for name, (_, sentence) in COMMANDS.items():
        assert name in result.stdout and sentence in result.stdout
    for line in IN_WORDS.splitlines()[2:]:
        assert line.strip() in result.stdout
    assert run().stdout == result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_sentence_and_an_example(name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"research-agent {name}" in result.stdout.partition("Example:")[2]


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from seedbed.cli.main import main; main(['--help'], standalone_mode=False);"
        "heavy = {'pydantic', 'scipy', 'numpy', 'rich', 'optuna', 'matplotlib', 'yaml', 'seedbed.api'};"
        "print('imported:', sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.endswith("imported: []\n")


@pytest.mark.parametrize("name", ["run", "resume"])
def test_a_commands_help_does_not_import_what_it_drives_with(name):
    module = COMMANDS[name][0]
    code = f"import sys, {module}; print('scipy' in sys.modules, 'optuna' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "False False\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_names_a_command_each(name):
    assert importlib.import_module(COMMANDS[name][0]).command.name == name


def test_an_error_is_one_sentence_on_stderr_with_its_code(tmp_path):
    result = run("status", "digits", "--folder", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert result.stderr == f"research-agent: there is no digits in {tmp_path / 'none'}: it is empty\n"
    assert result.stdout == ""


def test_unknown_commands_are_refused():
    result = run("rum")
    assert result.exit_code == 2 and "No such command 'rum'" in result.stderr


def test_the_one_lines_options_do_not_go_with_a_command():
    result = run("--goal", "x", "list")
    assert result.exit_code == 2
    assert "--goal before a command is for the one line without one: put it behind it" in result.stderr


def test_ctrl_c_in_a_command_is_130(capsys):
    from click.exceptions import Exit

    with pytest.raises(Exit) as raised, errors_as_sentences():
        raise KeyboardInterrupt
    assert raised.value.exit_code == 130
    assert capsys.readouterr().err == "research-agent: interrupted\n"


def test_a_reader_that_leaves_is_no_error(tmp_path):
    command = f"{sys.executable} -c 'from seedbed.cli.main import main; main()' --help | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout.startswith("Usage:") and done.stderr == ""
