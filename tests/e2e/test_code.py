"""A model as code on a laptop: refused unless it is allowed, then run, shown and verified; never a claim."""

import sys

import pytest
from click.testing import CliRunner

from fakes.mistakes import EXAMPLES
from seedbed.cli.main import main

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the warm parent needs Linux's /proc"),
]
MACHINE = {"CUDA_VISIBLE_DEVICES": "", "SEEDBED_ALLOW_UNSEALED": "", "COLUMNS": "200"}
EXAMPLE = (EXAMPLES / "code.yaml").read_text().replace("epochs: 10", "epochs: 2")


def research_agent(*arguments, given=None):
    done = CliRunner().invoke(main, [str(each) for each in arguments], input=given, env=MACHINE)
    return done.exit_code, done.stdout + done.stderr


def test_code_runs_where_it_is_allowed_and_nowhere_else(tmp_path):
    folder = tmp_path / "runs"
    run = ("run", "-", "--folder", folder, "--plain")
    code, said = research_agent(*run, given=EXAMPLE)
    assert code == 2 and not folder.exists()
    assert "digits-code: `spec.model.source` has code run that nothing seals in" in said

    code, said = research_agent(*run, "--allow-unsealed", given=EXAMPLE)
    assert code == 0, said
    code, said = research_agent("show", "--folder", folder)
    assert code == 0 and "digits-code · Completed" in said and "code, 23 lines; AdamW" in said
    assert "none: the model's code ran where nothing sealed it in, so no claim is made of it" in said

    code, said = research_agent("verify", "--folder", folder)
    assert code == 4 and "CannotRun" in said and "add `--allow-unsealed`" in said
    code, said = research_agent("verify", "--folder", folder, "--allow-unsealed")
    assert code == 0 and "1 run made again on this machine: Identical" in said


def test_code_that_fails_says_in_which_line(tmp_path):
    wrong = EXAMPLE.replace("nn.Linear(width, classes)", "nn.Linear(width + 1, classes)")
    code, said = research_agent("run", "-", "--folder", tmp_path, "--allow-unsealed", "--plain", given=wrong)
    assert code == 3
    assert "seed 0 failed: Shape: " in said and "line 15 of the source: " in said
