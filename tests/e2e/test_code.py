"""A model as code on a laptop: sealed in, or refused; a goal confirms it by predicting twice."""

import asyncio
import sys

import pytest
import yaml
from click.testing import CliRunner

from fakes.memory import goal
from fakes.mistakes import EXAMPLES
from seedbed.api.training import ModelSpec, Optimizer, Training
from seedbed.cli.documents import FolderDocuments
from seedbed.cli.main import main
from seedbed.cli.write_report import write_report
from seedbed.local.folder import Folder
from seedbed.local.loop import local_world, run_goal
from seedbed.planning.contract import Proposal
from seedbed.world import Profile
from seedbed_runner.contract.records import RunResult

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the warm parent needs Linux's /proc"),
]
MACHINE = {"CUDA_VISIBLE_DEVICES": "", "SEEDBED_ALLOW_UNSEALED": "", "COLUMNS": "200"}
EXAMPLE = (EXAMPLES / "code.yaml").read_text().replace("epochs: 10", "epochs: 2")


def research_agent(*arguments, given=None):
    done = CliRunner().invoke(main, [str(each) for each in arguments], input=given, env=MACHINE)
    return done.exit_code, done.stdout + done.stderr


def test_code_runs_sealed_in_and_elsewhere_only_where_it_is_allowed(tmp_path, monkeypatch):
    folder = tmp_path / "runs"
    run = ("run", "-", "--folder", folder, "--plain")
    with monkeypatch.context() as patch:
        patch.setattr("seedbed.local.permission.missing_seal", lambda: "this kernel has no Landlock")
        code, said = research_agent(*run, given=EXAMPLE)
        assert code == 2 and not folder.exists()
        assert "digits-code: `spec.model.source` has code run that this machine can't seal in (this" in said

    code, said = research_agent(*run, given=EXAMPLE)
    assert code == 0, said
    code, said = research_agent("show", "--folder", folder)
    assert code == 0 and "digits-code · Completed" in said and "code, 23 lines; AdamW" in said
    assert "sealed: the model's code ran without network, labels or credentials" in said

    with monkeypatch.context() as patch:
        patch.setattr("seedbed.verify.verifier.missing_seal", lambda: "this kernel has no Landlock")
        code, said = research_agent("verify", "--folder", folder)
        assert code == 4 and "CannotRun" in said and "add `--allow-unsealed`" in said
    code, said = research_agent("verify", "--folder", folder)
    assert code == 0 and "1 run made again on this machine: Identical" in said


def test_code_that_fails_says_in_which_line(tmp_path):
    wrong = EXAMPLE.replace("nn.Linear(width, classes)", "nn.Linear(width + 1, classes)")
    code, said = research_agent("run", "-", "--folder", tmp_path, "--plain", given=wrong)
    assert code == 3
    assert "seed 0 failed: Shape: " in said and "line 15 of the source: " in said


class CodeThenLayers:
    """Two candidates that reach the target: the first is code."""

    def propose(self, request):
        coded = ModelSpec.model_validate(yaml.safe_load(EXAMPLE)["spec"]["model"])
        layers = [{"type": "Flatten"}, {"type": "Linear", "out_features": "classes"}]
        model = coded if request.index == 1 else ModelSpec(layers=layers)
        training = Training(epochs=4, optimizer=Optimizer(lr=0.01))
        return Proposal(hypothesis="", model=model, training=training)


def test_a_goal_confirms_sealed_code_by_predicting_twice(tmp_path):
    folder = Folder(tmp_path)
    wanted = goal(objective={"target": 0.85}, budget={"experiments": 2, "parallel": 1})

    async def decide():
        async with local_world(folder, CodeThenLayers(), Profile(device="cpu")) as local:
            await local.store.create(wanted)
            return await run_goal(local, "g", lambda snapshot: None)

    decided = asyncio.run(decide())
    claim = decided.status.claim
    assert (claim.index, claim.assurance) == (1, "sealed")
    assert decided.status.experiments[0].assurance == decided.status.best.assurance == "sealed"
    records = [RunResult.from_json(path.read_bytes()) for path in folder.artifacts.rglob("result.json")]
    confirmed = [record for record in records if record.purpose == "Confirm"]
    assert len(confirmed) >= 4 and all(each.repredicted and each.seal["landlock"] for each in confirmed)
    (report, _) = write_report(FolderDocuments(folder), decided)
    assert "sealed: the model's code ran without network" in report.read_text()
