from fakes.cluster import experiment
from seedbed.cluster.names import run_labels
from seedbed.cluster.watches import Ears, Key, registry_of
from seedbed.engine.instants import to_epoch


class Heard:
    def __init__(self):
        self.keys, self.soon, self.prepared, self.alive = [], [], [], []
        self.ears = Ears(
            self.keys.append, self._soon, self.prepared.append, self.alive.append, clock=lambda: NOW
        )

    def _soon(self, key, seconds, urgent):
        assert 0 < seconds < 1
        self.soon.append((key, urgent))

    def take(self):
        keys, self.keys[:] = self.keys[:], []
        return keys


NOW = to_epoch("2026-05-01T12:00:00Z")


def body(name="digits-e001", goal="digits", phase="Running"):
    return {"metadata": {"name": name}, "spec": {"goal": goal}, "status": {"phase": phase}}


GOAL, FIRST = Key("ResearchGoal", "team", "digits"), Key("Experiment", "team", "digits-e001")


def test_a_goal_concerns_its_experiments_that_are_not_over():
    heard = Heard()
    heard.ears.experiment("team", "digits-e001", body(), gone=False)
    heard.ears.experiment("team", "digits-e002", body("digits-e002", phase="Dropped"), gone=False)
    heard.ears.experiment("other", "digits-e003", body("digits-e003"), gone=False)
    heard.take()
    heard.ears.goal("team", "digits", {"status": {"phase": "Searching"}})
    assert heard.take() == [GOAL, FIRST]


def test_the_end_of_a_goal_concerns_all_its_experiments():
    heard = Heard()
    heard.ears.experiment("team", "digits-e001", body(phase="Completed"), gone=False)
    heard.take()
    heard.ears.goal("team", "digits", {})
    assert heard.take() == [GOAL]
    heard.ears.goal("team", "digits", {"status": {"phase": "Achieved"}})
    assert heard.take() == [GOAL, FIRST]


def test_an_experiment_concerns_its_goal():
    heard = Heard()
    heard.ears.experiment("team", "digits-e001", body(), gone=False)
    assert heard.take() == [FIRST, GOAL]
    heard.ears.experiment("team", "alone", {"spec": {}}, gone=False)
    assert heard.take() == [Key("Experiment", "team", "alone")]


def test_one_that_was_deleted_or_is_over_is_forgotten():
    heard = Heard()
    heard.ears.experiment("team", "digits-e001", body(), gone=False)
    heard.ears.experiment("team", "digits-e001", body(), gone=True)
    heard.take()
    heard.ears.goal("team", "digits", {"status": {"phase": "Searching"}})
    assert heard.take() == [GOAL]


def test_superseded_ones_may_come_back():
    heard = Heard()
    heard.ears.experiment("team", "digits-e001", body(phase="Superseded"), gone=False)
    heard.take()
    heard.ears.goal("team", "digits", {"status": {"phase": "Searching"}})
    assert heard.take() == [GOAL, FIRST]


def test_a_goal_that_is_no_name_is_left_alone():
    heard = Heard()
    heard.ears.experiment("team", "x", {"spec": {"goal": ["no", "name"]}, "status": {}}, gone=False)
    assert heard.take() == [Key("Experiment", "team", "x")]


def test_jobs_and_pods_concern_the_experiment_that_their_label_names():
    heard, labels = Heard(), run_labels(experiment(), 0, 1)
    heard.ears.job_or_pod("team", {"labels": labels, "creationTimestamp": "2026-05-01T11:59:55Z"})
    assert heard.take() == [] and heard.soon == [(FIRST, True)]
    heard.ears.job_or_pod("team", {"labels": labels, "creationTimestamp": "2026-05-01T11:59:56Z"})
    assert heard.take() == [] and heard.soon[1:] == [(FIRST, False)]  # it is young: more is to come
    heard.ears.job_or_pod("team", {"labels": {"seedbed.dev/kind": "prepare"}})
    assert len(heard.soon) == 2 and heard.prepared == ["team"]


def test_of_a_job_that_is_over_nothing_is_to_be_learnt():
    heard, labels = Heard(), run_labels(experiment(), 0, 1) | {"seedbed.dev/over": "true"}
    heard.ears.job_or_pod("team", {"labels": labels, "creationTimestamp": "2026-05-01T11:00:00Z"})
    assert heard.take() == heard.soon == heard.prepared == []


def test_what_the_operator_wrote_itself_is_looked_at_when_there_is_time():
    heard, seen = Heard(), body(phase="Running")
    seen["metadata"]["generation"] = seen["status"]["observedGeneration"] = 1
    heard.ears.experiment("team", "digits-e001", seen, gone=False)
    assert heard.take() == [GOAL] and heard.soon == [(FIRST, False)]
    seen["metadata"]["generation"] = 2  # somebody approved it
    heard.ears.experiment("team", "digits-e001", seen, gone=False)
    assert heard.take() == [FIRST, GOAL]
    seen["metadata"]["generation"] = 1
    heard.ears.experiment("team", "digits-e001", seen, gone=True)
    assert heard.take() == [FIRST, GOAL]


def test_no_handler_changes_anything():
    registry = registry_of(Heard().ears)
    for kind in ("_changing", "_spawning", "_indexing", "_webhooks"):
        assert not getattr(registry, kind).get_all_handlers(), kind
