import json

import pytest
from click.testing import CliRunner

from seedbed.cli import examining
from seedbed.cli.main import main
from seedbed.errors import LauncherFailed
from seedbed_runner.contract.machine import Machine

SEALED = Machine("sealed", {}, 7, "2.13.0", "", [])
BARE = Machine("none", {"landlock": "this kernel has no Landlock", "seccomp": "no filter"}, 0, "2.13.0")


@pytest.fixture
def doctor(monkeypatch, tmp_path):
    def run(machine, *arguments, **environment):
        monkeypatch.setattr(examining, "inspect_machine", lambda: machine)
        home = {"XDG_CONFIG_HOME": str(tmp_path), "SEEDBED_FOLDER": str(tmp_path), "SEEDBED_DEVICE": ""}
        done = CliRunner().invoke(main, ["doctor", *arguments], env=home | environment)
        return done.exit_code, done.stdout + done.stderr

    return run


def test_a_machine_that_has_all(doctor):
    code, said = doctor(SEALED)
    assert code == 0 and "✓ seal: complete (Landlock version 7, seccomp)" in said and "✗" not in said


def test_what_can_not_be_sealed_is_missing_and_says_how_to_get_it(doctor):
    code, said = doctor(BARE)
    assert code == 0 and "– seal: none: this kernel has no Landlock; no filter; layers" in said
    assert "code does not run" in said and "Linux 5.13 and newer" in said
    assert "code runs unsealed, as the settings allow" in doctor(BARE, SEEDBED_ALLOW_UNSEALED="true")[1]


def test_what_must_be_put_right_is_an_error(doctor):
    code, said = doctor(Machine("sealed", {}, 7, "", "ImportError: no torch"))
    assert code == 1 and "✗ torch: can't be imported (ImportError: no torch)" in said
    code, said = doctor(SEALED, SEEDBED_DEVICE="cuda")
    assert code == 1 and "✗ device: the settings say cuda, but torch sees none" in said
    code, said = doctor(SEALED, SEEDBED_CORES="none")
    assert code == 1 and "✗ settings: SEEDBED_CORES is" in said


def test_a_runner_that_does_not_answer(monkeypatch):
    def broken():
        raise LauncherFailed("no answer")

    monkeypatch.setattr(examining, "inspect_machine", broken)
    (found,) = examining._machine(examining.Settings())
    assert (found.state, found.said) == ("wrong", "no answer")


def test_the_same_for_programs(doctor):
    code, said = doctor(SEALED, "--json")
    found = {each["what"]: each["state"] for each in json.loads(said)}
    assert code == 0 and found == dict.fromkeys(("seal", "torch", "device", "settings", "folder"), "good")
