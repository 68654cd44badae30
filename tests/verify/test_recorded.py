import shutil

import pytest

from fakes.driving import drive
from fakes.keeping import keep
from fakes.memory import MemoryPlanner, MemoryWorld, goal
from seedbed.engine.naming import owner_prefix, result_key
from seedbed.errors import NotFound
from seedbed.verify.chosen import chosen, named
from seedbed.verify.recorded import recorded_runs, with_experiments
from seedbed.verify.records import open_prefix


@pytest.fixture
def searched(tmp_path):
    """A played goal in a folder: three explorations of two seeds, one confirmation in vain."""
    planner = MemoryPlanner(lambda request, noise: 0.9002)
    spec = {"budget": {"experiments": 3, "confirmations": 1}}
    memory = drive(MemoryWorld(goal(**spec), planner=planner, sd=0.001), 0)
    keep(memory, tmp_path)
    return memory, tmp_path


def runs_of(place):
    records, key = open_prefix(str(place))
    return recorded_runs(records, key)


def pick(runs, *, seed=None, everything=False, experiment=None, decided=None):
    found = chosen(runs, seed=seed, everything=everything, experiment=experiment, decided=decided)
    return [(run.experiment, run.seed) for run in found]


def test_the_same_runs_from_any_prefix_above_them(searched):
    memory, root = searched
    owner = root / "artifacts" / owner_prefix(memory.goal)
    every = runs_of(root)
    assert every == runs_of(root / "artifacts") == runs_of(owner) and len(every) >= 9
    run = every[-1]
    assert (run.root, run.namespace) == (str(root / "artifacts"), "default")
    assert run.uid == run.place.removeprefix(f"{root / 'artifacts'}/")
    assert run.record.experiment == run.experiment and run.record.seed == run.seed
    assert runs_of(owner / "runs" / run.uid.split("/")[3]) == [
        each for each in every if each.experiment == run.experiment
    ]


def test_what_lies_elsewhere_is_no_run(tmp_path):
    (tmp_path / "runs" / "x" / "s0").mkdir(parents=True)
    (tmp_path / "runs" / "x" / "s0" / "result.json").touch()
    assert runs_of(tmp_path) == []


def test_there_is_no_such_folder(tmp_path):
    with pytest.raises(NotFound, match="there is no folder .*/none: give a folder with records"):
        open_prefix(str(tmp_path / "none"))


def test_a_record_that_is_gone_is_known_from_its_experiment(searched):
    memory, root = searched
    first = memory.experiments()[0]
    (root / "artifacts" / result_key(first, first.spec.seeds[0])).unlink()
    there = runs_of(root)
    every = with_experiments(there, memory.experiments(), str(root / "artifacts"))
    assert len(every) == len(there) + 1
    (gone,) = [run for run in every if run.data is None]
    assert (gone.experiment, gone.seed) == (first.metadata.name, first.spec.seeds[0])
    assert all(run.stated == run.record.score for run in every if run.data is not None)


def test_by_default_the_first_seed_of_what_decided(searched):
    _, root = searched
    every = runs_of(root)
    assert pick(every) == [("g-c1", 1000)]
    assert pick(every, decided="g-e002") == [("g-e002", 0)]
    assert pick(every, decided="g-e009") == [("g-c1", 1000)]  # of which nothing was recorded
    assert pick([run for run in every if "-e" in run.experiment]) == [("g-e001", 0)]


def test_what_is_asked_for(searched):
    _, root = searched
    every = runs_of(root)
    assert pick(every, seed=1002) == [("g-c1", 1002)]
    assert pick(every, experiment="g-e002") == [("g-e002", 0)]
    assert pick(every, experiment="g-e002", everything=True) == [("g-e002", 0), ("g-e002", 1)]
    assert len(pick(every, everything=True)) == len(every)
    assert pick(every, seed=1, everything=True) == [("g-e001", 1), ("g-e002", 1), ("g-e003", 1)]


def test_what_is_not_there_is_said(searched):
    _, root = searched
    every = runs_of(root)
    with pytest.raises(
        NotFound, match=r"no record of seed 5 of g-c1; there are: g-c1 \(seeds 1000, .*; g-e001"
    ):
        pick(every, seed=5)
    with pytest.raises(NotFound, match=r"no record of g-e007; .*g-e001 \(seeds 0, 1\)"):
        pick(every, experiment="g-e007")


def test_by_name_where_there_are_no_resources(searched):
    memory, root = searched
    every = runs_of(root)
    assert named(every, "g") == every
    assert {run.experiment for run in named(every, "g-e002")} == {"g-e002"}
    with pytest.raises(NotFound, match="there is no record of h there; there are: g-c1"):
        named(every, "h")


def test_of_two_goals_one_must_be_named(searched):
    _, root = searched
    (owner,) = (root / "artifacts" / "default").glob("g-*")
    shutil.copytree(owner, owner.with_name("g-other"))
    with pytest.raises(NotFound, match="several goals: name one of g-other, g-uid-goal, or give --all"):
        pick(runs_of(root))
    with pytest.raises(NotFound, match="end the prefix with one of g-other, g-uid-goal"):
        named(runs_of(root), "g")
