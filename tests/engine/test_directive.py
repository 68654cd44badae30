from fakes.memory import card, goal
from seedbed.api import GoalStatus
from seedbed.api.progress import Attempt, ExperimentLine
from seedbed.engine.actions import Confirm, Propose
from seedbed.engine.directive import Directive, directive_for
from seedbed.planning.contract import Proposal
from seedbed.reconcile.requests import build_experiment
from seedbed.world import Profile


def made(action=None, **update):
    layers = [{"type": "Linear", "out_features": "classes"}]
    proposal = Proposal(hypothesis="", model={"layers": layers}, training={})
    experiment = build_experiment(goal(), action or Propose(1, 0), proposal, card(), Profile())
    return experiment.model_copy(update={"spec": experiment.spec.model_copy(update=update)})


def status(**update):
    return goal().model_copy(update={"status": GoalStatus(**update)})


def test_alone_every_seed_may_run_once_approved():
    assert directive_for(None, made(goal=None, seeds=[1, 2, 3])) == Directive(3)
    assert directive_for(None, made(goal=None, approved=False)) == Directive(0)


def test_an_orphan_is_superseded():
    assert directive_for(None, made()) == Directive(0, settled="Superseded")


def test_the_goal_opens_seeds_by_name():
    opened = status(open={"g-e001": 2})
    assert directive_for(opened, made()) == Directive(2)
    assert directive_for(opened, made(approved=False)) == Directive(0)
    assert directive_for(status(), made()) == Directive(0)


def test_settled_experiments_take_their_phase_from_the_goal():
    for outcome, phase in [("Dropped", "Dropped"), ("Failed", "Failed"), ("NotNominated", "Completed")]:
        line = ExperimentLine(index=1, name="g-e001", outcome=outcome)
        assert directive_for(status(experiments=[line], open={"g-e001": 2}), made()) == Directive(
            0, settled=phase
        )


def test_an_ended_attempt_settles_its_confirmation():
    attempt = Attempt(attempt=1, index=1, experiment="g-c1", alpha=0.03, target=0.9, outcome="Failed")
    assert directive_for(status(attempts=[attempt]), made(Confirm(1, 1))) == Directive(0, settled="Completed")
    still = attempt.model_copy(update={"outcome": "Open"})
    assert directive_for(status(attempts=[still], open={"g-c1": 6}), made(Confirm(1, 1))) == Directive(6)


def test_a_suspended_goal_pauses_and_a_finished_one_supersedes():
    paused = goal(suspend=True).model_copy(update={"status": GoalStatus(open={"g-e001": 2})})
    assert directive_for(paused, made()) == Directive(0, paused=True)
    assert directive_for(status(phase="NotAchieved"), made()) == Directive(0, settled="Superseded")
