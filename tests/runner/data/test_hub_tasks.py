from seedbed_runner.contract.datasets import GLUE, SUPER_GLUE, loader_of
from seedbed_runner.contract.metrics import METRICS
from seedbed_runner.data.hub_tasks import ALIASES, TASKS


def test_every_task_has_a_name_that_is_loaded_here_and_a_metric():
    assert set(TASKS) == {*GLUE, *SUPER_GLUE, "imdb"}
    for name in (*TASKS, *ALIASES, "hf:owner/name", "hf:owner/name/a.config"):
        assert loader_of(name).module == "hub"
    assert ALIASES.items() <= {(name.split("/")[1], name) for name in TASKS if "/" in name}
    for task in TASKS.values():
        assert task.metric in METRICS
        assert len(task.source[1]) == 40


def test_names_of_another_form_are_none():
    for name in ("hf:name", "hf:owner/../x", "hf:owner/name/config/more", "glue/sst3"):
        assert loader_of(name) is None
