import json
import os

import pytest
from click.testing import CliRunner

from fakes.driving import drive
from fakes.keeping import keep, put
from fakes.memory import MemoryPlanner, MemoryWorld, goal
from seedbed.api import Experiment, GoalStatus, ResearchGoal
from seedbed.cli.main import main
from seedbed.engine.instants import to_epoch
from seedbed.local.folder import Folder
from seedbed.local.store import FolderStore

MANIFEST = (
    "apiVersion: seedbed.dev/v1alpha1\nkind: ResearchGoal\nmetadata: {name: h}\n"
    "spec: {goal: a test, dataset: {name: digits}, objective: {target: 0.9}}\n"
)


def store_of(root):
    return FolderStore(Folder(root))


def run(*arguments, **options):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)


@pytest.fixture
def decided(tmp_path):
    planner = MemoryPlanner(lambda request, noise: 0.9002)  # kept, then confirmed as a last chance, in vain
    spec = {"budget": {"experiments": 3, "confirmations": 1}}
    memory = drive(MemoryWorld(goal(**spec), planner=planner, sd=0.001), 0)
    keep(memory, tmp_path)
    return tmp_path


def test_status_in_words_and_in_json(decided):
    result = run("status", "--folder", decided)
    first, *others = result.stdout.splitlines()
    assert first == "g: NotAchieved: accuracy of at least 0.9 on digits"
    assert others[0].startswith("not shown: ")
    assert others[-1] == "spent: 3 of 3 experiments, 1 of 1 confirmations, 0 of 5 failures"
    document = json.loads(run("status", "g", "--json", "--folder", decided).stdout)
    assert document["status"]["phase"] == "NotAchieved" and document["metadata"]["name"] == "g"


def test_status_says_who_works_on_it(tmp_path):
    searching = goal().model_copy(update={"status": GoalStatus(phase="Searching")})
    store = put(tmp_path, searching)
    said = run("status", "--folder", tmp_path).stdout.splitlines()
    assert said[-1] == f"nobody works on it now: research-agent resume g --folder {tmp_path}"
    with store.folder.controlling():
        assert run("status", "--folder", tmp_path).stdout.splitlines()[-1].startswith("process ")


def test_status_of_an_experiment(decided):
    said = run("status", "g-e001", "--folder", decided).stdout.splitlines()
    assert said[0].startswith("g-e001: ") and "of 2 seeds scored on digits" in said[0]
    assert said[1].startswith("mean accuracy 0.") and said[1].endswith(" 0 diverged; trusted-code")


def test_list_in_columns_and_in_json(decided):
    head, row = run("list", "--folder", decided).stdout.splitlines()
    assert head.split() == ["name", "kind", "phase", "dataset", "metric", "target", "best", "experiments"]
    assert row.split()[:6] == ["g", "goal", "NotAchieved", "digits", "accuracy", "0.9000"]
    assert json.loads(run("list", "--json", "--folder", decided).stdout)[0]["experiments"] == "3/3"


def test_list_of_nothing(tmp_path):
    assert run("list", "--folder", tmp_path / "none").stdout.endswith(
        "yet: begin with `research-agent init`\n"
    )


def test_list_counts_experiments_under_way(tmp_path):
    memory = MemoryWorld(goal(budget={"experiments": 4, "parallel": 2}))
    keep(drive(memory, 0, until=lambda m: m.goal.status.budget.used.experiments == 2), tmp_path)
    assert memory.goal.status.counts.experiments == 0
    assert json.loads(run("list", "--json", "--folder", tmp_path).stdout)[0]["experiments"] == "2/4"


@pytest.mark.parametrize("command", ["list", "status", "show", "resume", "stop", "report"])
def test_a_file_is_no_folder(tmp_path, command):
    (tmp_path / "file").write_text("")
    result = run(command, "--folder", tmp_path / "file")
    assert result.exit_code == 1
    assert result.stderr == f"research-agent: {tmp_path / 'file'}: not a directory\n"


def test_show_says_how_long_an_unfinished_goal_was_worked_on(tmp_path):
    status = GoalStatus(phase="Searching", start_time="2026-01-01T00:00:00Z", paused_seconds=30.0)
    store = put(tmp_path, goal().model_copy(update={"status": status}))
    with store.folder.controlling():
        store.folder.heartbeat("g")
    last = to_epoch("2026-01-01T00:02:00Z")
    os.utime(tmp_path / "heartbeats" / "g", (last, last))
    os.utime(tmp_path / "controller.lock", (last - 120, last - 120))
    said = run("show", "--folder", tmp_path).stdout
    assert "time 1 min 30 s of 6h" in said and "1 min 30 s in all" in said


def test_show_tells_every_run(decided):
    said = run("show", "--folder", decided).stdout
    assert "NOT ACHIEVED" in said and "confirmation" in said
    for experiment in store_of(decided).read_all(Experiment):
        assert f"{experiment.metadata.name} · {experiment.status.phase}" in said
        for each in experiment.status.runs:
            assert each.score is None or f"{each.score:.4f}" in said
    assert "records, weights and logs: " in said
    both = json.loads(run("show", "--json", "--folder", decided).stdout)
    assert both["resource"]["kind"] == "ResearchGoal" and len(both["experiments"]) == 5


def test_show_of_an_experiment(decided):
    said = run("show", "g-e002", "--folder", decided).stdout
    assert "Linear; AdamW, lr 0.001, 20 epochs" in said and "not a claim" in said


def test_stop_suspends_a_goal(tmp_path):
    store = put(tmp_path, goal())
    result = run("stop", "--folder", tmp_path)
    assert result.stdout == f"g is suspended; `research-agent resume g --folder {tmp_path}` goes on\n"
    assert store.read(ResearchGoal, "g").spec.suspend


def test_stop_of_what_is_over(decided):
    assert (
        run("stop", "g", "--folder", decided).stdout == "g is NotAchieved already: there is nothing to stop\n"
    )
    result = run("stop", "g-e001", "--folder", decided)
    assert result.exit_code == 2 and "only goals can be suspended" in result.stderr


@pytest.fixture
def manual(tmp_path):
    memory = MemoryWorld(goal(approval="Manual", budget={"experiments": 4, "parallel": 3}))
    drive(memory, 0, until=lambda m: len(m.experiments()) == 3)
    return keep(memory, tmp_path)


def approved(store):
    return [experiment.spec.approved for experiment in store.read_all(Experiment)]


def test_approve_some_and_then_the_rest(manual):
    root = manual.folder.root
    assert approved(manual) == [False, False, False]
    result = run("approve", "g", 2, "--folder", root)
    assert result.stdout.startswith("g-e002 is approved: quality ") and approved(manual) == [
        False,
        True,
        False,
    ]
    run("approve", "g", "--folder", root)
    assert approved(manual) == [True, True, True]
    assert run("approve", "g", "--folder", root).stdout == "g: no experiment waits for approval\n"


def test_approve_what_is_not_there(manual):
    result = run("approve", "g", 9, "--folder", manual.folder.root)
    assert result.exit_code == 1
    assert result.stderr == "research-agent: g has no experiment 9; there are: 1, 2, 3\n"


def test_purge_removes_everything_of_a_goal_and_nothing_else(decided):
    store = put(decided, goal("other"))
    before = run("purge", "g", "--folder", decided, input="n\n")
    assert before.exit_code == 0 and "nothing was removed" in before.stdout
    result = run("purge", "g", "--yes", "--folder", decided)
    assert result.stdout.startswith("ResearchGoal g, 5 experiments, and everything in ")
    assert [each.metadata.name for each in store.read_all(ResearchGoal)] == ["other"]
    assert store.read_all(Experiment) == []
    assert [path.name for path in (decided / "artifacts" / "default").iterdir()] == ["ledger"]


def test_purge_refuses_while_somebody_works(decided):
    with store_of(decided).folder.controlling():
        result = run("purge", "g", "--yes", "--folder", decided)
    assert result.exit_code == 1 and "works in" in result.stderr
    assert store_of(decided).read(ResearchGoal, "g") is not None


def test_purge_of_a_goals_experiment_names_the_goal(decided):
    result = run("purge", "g-e001", "--yes", "--folder", decided)
    assert result.exit_code == 2 and result.stderr.endswith("g-e001 belongs to the goal g: purge that one\n")


def test_what_to_do_next_names_the_folder(decided):
    said = run("show", "--folder", decided, env={"COLUMNS": "400"}).stdout
    assert f"`research-agent resume g --folder {decided} --confirmations N`" in said
    run("report", "--folder", decided, "--format", "md", "--out", decided)
    written = (decided / "report.md").read_text()
    assert f"`research-agent resume g --folder {decided} --confirmations N`" in written


def test_a_report_stands_beside_the_manifest_of_a_folders_only_goal(decided):
    (decided / "goal.yaml").write_text(MANIFEST.replace("name: h", "name: other"))
    assert not run("report", "--folder", decided).stdout.startswith(f"{decided}/report.md")
    (decided / "goal.yaml").write_text(MANIFEST.replace("name: h", "name: g"))
    assert run("report", "--folder", decided).stdout == f"{decided}/report.md\n{decided}/report.html\n"
    resumed = run("resume", "g", "--folder", decided)
    assert f"report: {decided}/report.md\n" in resumed.stdout


def test_report_is_written_where_it_says(decided, tmp_path):
    result = run("report", "--folder", decided)
    for path in result.stdout.splitlines():
        assert path.startswith(str(decided / "artifacts"))
    page = run(
        "report", "g", "--format", "html", "--out", tmp_path / "out", "--folder", decided
    ).stdout.strip()
    assert page == str(tmp_path / "out" / "report.html")
    text = (tmp_path / "out" / "report.html").read_text()
    assert "not shown" in text and "Learning curves" not in text
    for record in decided.rglob("result.json"):
        (record.parent / "a1").mkdir()
        (record.parent / "a1" / "diagnostics.json").write_text('{"train_loss": [2, 1]}')
    run("report", "g", "--format", "html", "--out", tmp_path / "out", "--folder", decided)
    assert "Learning curves" in (tmp_path / "out" / "report.html").read_text()


def test_init_writes_what_validate_accepts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("init").exit_code == 0
    said = run("validate", "goal.yaml")
    assert (said.exit_code, said.stdout) == (0, "goal.yaml: ok: ResearchGoal my-digits\n")
    again = run("init")
    assert again.exit_code == 1 and "goal.yaml is there already" in again.stderr
    assert run("init", "--force", "--dataset", "wine", "--target", 0.9).exit_code == 0
    assert run("validate", "goal.yaml").stdout == "goal.yaml: ok: ResearchGoal my-wine\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--dataset", "digit5"), "there is no dataset 'digit5'; did you mean digits? There are: adult"),
        (("--dataset", "hf:owner"), "'hf:owner' names no dataset: write hf:OWNER/NAME[/CONFIG]"),
        (("--target", "97"), "did you mean 0.97?"),
        (("--name", "Not A Name"), "metadata.name"),
        (("nowhere/goal.yaml",), "nowhere is no folder"),
    ],
)
def test_init_refuses_what_validate_would(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    result = run("init", *arguments)
    assert result.exit_code == 2 and sentence in result.stderr


def test_validate_tells_every_mistake(tmp_path):
    (tmp_path / "bad.yaml").write_text("apiVersion: seedbed.dev/v1alpha1\nkind: ResearchGoal\nspec: {}\n")
    result = run("validate", tmp_path / "bad.yaml", tmp_path / "none.yaml")
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert any("metadata" in line for line in told) and any("spec.goal" in line for line in told)
    assert told[-1] == f"{tmp_path / 'none.yaml'}: there is no such file"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--experiments", "2"), 2, "g: `budget.experiments` is 3 and can only be raised, not lowered to 2"),
        (
            ("--confirmations", "11"),
            2,
            "spec.budget.confirmations: write a whole number from 1 to 10, not 11",
        ),
        (("--deadline", "soon"), 2, "write a duration such as 90s, 20m or 1h30m, not 'soon'"),
    ],
)
def test_resume_checks_what_it_raises(decided, arguments, code, sentence):
    result = run("resume", "g", "--plain", *arguments, "--folder", decided)
    assert result.exit_code == code and sentence in result.stderr


def test_resume_of_an_experiment_has_no_budget(decided):
    assert "belongs to the goal g: resume that one" in run("resume", "g-e001", "--folder", decided).stderr


def test_resume_shows_the_verdict_of_what_is_over(decided):
    result = run("resume", "g", "--folder", decided, "--no-report")
    assert result.exit_code == 3
    assert "g: is NotAchieved already" in result.stdout and "NOT ACHIEVED: not shown" in result.stdout


def test_run_needs_the_folder_for_itself(decided, tmp_path):
    (tmp_path / "goal.yaml").write_text(MANIFEST)
    with store_of(decided).folder.controlling():
        result = run("run", tmp_path / "goal.yaml", "--folder", decided)
    assert result.exit_code == 1 and "works in" in result.stderr


def test_run_reads_standard_input_and_takes_another_name(decided):
    manifest = (
        "apiVersion: seedbed.dev/v1alpha1\nkind: ResearchGoal\nmetadata: {name: h}\n"
        "spec: {goal: another, dataset: {name: digits}, objective: {target: 0.9}}\n"
    )
    result = run("run", "-", "--name", "g", "--folder", decided, input=manifest)
    assert result.exit_code == 2
    assert "there is a ResearchGoal named g already that differs: " in result.stderr
    assert "spec.goal is 'a test' there and 'another' here" in result.stderr
    wrong = run("run", "-", "--name", "No", "--folder", decided, input=manifest)
    assert wrong.exit_code == 2 and "research-agent: `--name`: metadata.name: " in wrong.stderr
