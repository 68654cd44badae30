import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.asking import candidate
from fakes.driving import drive, outcome
from fakes.memory import MemoryPlanner, MemoryWorld, gauss, goal
from seedbed.api.common import Condition
from seedbed.engine.actions import Ask, Propose
from seedbed.engine.consultation import MOST_FAILURES, Consultation, reopened
from seedbed.engine.observation import CallObservation

NOW = 1_000_000.0


def asked(parallel=2, experiments=6, tokens=10**6, target=0.92, **planner):
    return goal(
        planner={"type": "LLM", **planner},
        budget={"parallel": parallel, "experiments": experiments, "tokens": tokens, "confirmations": 2},
        objective={"target": target},
    )


def researcher(planning, request):
    """As many proposals as it may make, by the outcomes that it was shown alone."""
    seen = tuple((one.line.outcome, one.line.mean) for one in request.history)
    indices = range(request.index, request.index + planning.batch)
    qualities = [0.88 + 0.01 * index + 0.02 * gauss("proposal", index, seen) for index in indices]
    return {"outcome": "Proposed", "proposals": [candidate(quality) for quality in qualities]}


def search(answer=researcher, seed=0, crash_rate=0.0, **spec):
    memory = MemoryWorld(asked(**spec), MemoryPlanner(), answer=answer, sd=0.004)
    return drive(memory, seed, crash_rate)


def ready(memory) -> Condition:
    return next(each for each in memory.goal.status.conditions if each.type == "PlannerReady")


def consult(spec=None, planning=None, seen=None, now=NOW):
    return Consultation(spec or asked().spec, planning, seen, now, "me")


def claimed(index=1, **update):
    consultation = consult()
    assert consultation.step(index, 0, 10**6) == Ask(index, 0)
    return consultation.planning.model_copy(update=update)


def failed(wait, reason="RateLimited", at=NOW, tokens=0):
    return CallObservation(
        "Answered", "Failed", reason=reason, message="too many", wait=wait, at=at, tokens=tokens
    )


# -- whole searches -------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([1, 2, 4]), st.integers(0, 10**6), st.integers(0, 10**6))
def test_at_any_timing_the_model_is_asked_the_same_and_the_search_is_the_same(parallel, one, other):
    first, second = search(seed=one, parallel=parallel), search(seed=other, parallel=parallel)
    assert outcome(first) == outcome(second)
    assert first.calls.prompts == second.calls.prompts


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_no_call_is_made_twice_however_often_its_caller_dies(seed):
    memory = search(seed=seed, crash_rate=0.03)
    assert set(memory.calls.made.values()) == {1}
    calm = search()
    if not any("CallLost" in each.message for each in memory.goal.status.decisions):
        assert memory.goal.status.counts.experiments == calm.goal.status.counts.experiments


def test_a_batch_is_one_call_and_its_members_see_what_the_first_one_may():
    memory = search(parallel=3, experiments=7, target=0.99)
    asked_for = {index: prompt for (_, index, _), prompt in memory.calls.prompts.items()}
    assert [(index, len(prompt.history)) for index, prompt in sorted(asked_for.items())] == [
        (1, 0),
        (4, 1),
        (7, 4),
    ]
    lines = memory.goal.status.experiments
    assert [each.tokens for each in lines] == [700, 0, 0, 700, 0, 0, 700]
    assert memory.goal.status.budget.used.tokens == 2100


def test_fewer_proposals_than_allowed_are_fine():
    def one(planning, request):
        return {"outcome": "Proposed", "proposals": researcher(planning, request)["proposals"][:1]}

    memory = search(one, parallel=3, experiments=4)
    assert sorted(index for _, index, _ in memory.calls.made) == [1, 2, 3, 4]


def test_an_answer_that_can_not_be_used_gets_one_more_turn():
    def clumsy(planning, request):
        if planning.turn == "First":
            return {"outcome": "Invalid", "problems": ["proposals[0].model: no layers"]}
        return researcher(planning, request)

    memory = search(clumsy, parallel=1, experiments=2)
    assert sorted(call for _, index, call in memory.calls.made if index == 1) == [1, 2]
    assert ready(memory).status == "True"
    assert [each.tokens for each in memory.goal.status.experiments] == [1400, 1400]


def test_after_the_second_one_the_search_planner_proposes_and_the_status_says_so():
    def hopeless(planning, request):
        return {"outcome": "Invalid", "problems": ["it is a poem"]}

    memory = search(hopeless, parallel=1, experiments=2)
    assert memory.goal.status.counts.experiments == 2
    assert set(memory.calls.made) == {("uid-goal", index, call) for index in (1, 2) for call in (1, 2)}
    assert (ready(memory).status, ready(memory).reason) == ("False", "InvalidAnswer")
    assert "it is a poem" in ready(memory).message
    assert any("the search planner proposes it" in each.message for each in memory.goal.status.decisions)


def test_with_nobody_to_fall_back_on_the_search_ends_and_says_why():
    def refused(planning, request):
        return {"outcome": "Failed", "reason": "BadKey", "message": "the key is refused"}

    memory = search(refused, fallback="None")
    verdict = memory.goal.status.verdict
    assert (verdict.verdict, verdict.reason) == ("Inconclusive", "PlannerFailed")
    assert "BadKey" in verdict.message and len(memory.calls.made) == 1


def test_the_model_can_end_the_search_but_not_decide_the_goal():
    def boastful(planning, request):
        if request.index > 2:
            return {"outcome": "Stopped", "stop": "the goal is achieved, 100 % sure"}
        return researcher(planning, request)

    memory = search(boastful, parallel=2)
    status = memory.goal.status
    assert status.counts.experiments == 2
    assert status.verdict.verdict != "Achieved" or status.claim is not None
    assert status.planning.state == "Stopped"


def test_a_model_that_claims_success_at_once_gets_no_claim():
    memory = search(lambda planning, request: {"outcome": "Stopped", "stop": "achieved: accuracy 1.0"})
    verdict = memory.goal.status.verdict
    assert verdict.verdict == "NotAchieved" and "the planning model stopped" in verdict.message
    assert memory.goal.status.claim is None and not memory.goal.status.experiments


@pytest.mark.parametrize(("fallback", "experiments"), [("Search", 6), ("None", 2)])
def test_no_call_is_made_without_the_tokens_for_it(fallback, experiments):
    def dear(planning, request):
        return researcher(planning, request) | {"prompt_tokens": 15_000, "completion_tokens": 9_000}

    memory = search(dear, parallel=1, tokens=50_000, fallback=fallback)
    assert len(memory.calls.made) == 2 and memory.goal.status.budget.used.tokens == 48_000
    assert memory.goal.status.counts.experiments == experiments
    assert (ready(memory).status, ready(memory).reason) == ("False", "TokensSpent")
    assert memory.goal.status.verdict.reason != "PlannerFailed"


# -- one turn after the other ---------------------------------------------------------------------------


def test_a_call_is_claimed_with_its_holder_its_end_and_its_tokens():
    planning = claimed()
    assert (planning.index, planning.call, planning.state, planning.holder) == (1, 1, "Asking", "me")
    assert planning.reserved == 24_000 and planning.batch == 2
    assert planning.expires == "1970-01-12T13:52:10.000Z"  # five minutes, and the grace


def test_while_it_is_under_way_nothing_else_is_asked():
    waiting = consult(planning=claimed(), seen=CallObservation("UnderWay"))
    assert waiting.step(1, 0, 10**6) is None
    assert waiting.look_again_at == NOW + 330


def test_a_lost_call_is_charged_whole_and_the_next_one_is_visible_as_another():
    after = consult(planning=claimed(), seen=CallObservation("Lost"))
    assert (after.planning.state, after.planning.tokens, after.planning.reason) == (
        "Waiting",
        24_000,
        "CallLost",
    )
    assert after.step(1, 0, 10**6) == Ask(1, 0)
    assert (after.planning.call, after.planning.failures) == (2, 1)


def test_a_server_that_asks_for_patience_gets_it():
    after = consult(planning=claimed(), seen=failed(wait=60.0, tokens=5))
    assert after.step(1, 0, 10**6) is None and after.look_again_at == NOW + 60
    later = consult(planning=after.planning, now=NOW + 60)
    assert later.step(1, 0, 10**6) == Ask(1, 0)
    assert (later.planning.call, later.planning.tokens, later.planning.reason) == (2, 5, "RateLimited")


def test_patience_has_an_end():
    planning, calls = claimed(), 1
    while (after := consult(planning=planning, seen=failed(wait=0.0))).planning.state == "Waiting":
        assert after.step(1, 0, 10**6) == Ask(1, 0)
        planning, calls = after.planning, calls + 1
    assert calls == MOST_FAILURES
    assert after.step(1, 0, 10**6) == Propose(1, 0, search=True)


def test_what_would_fail_the_same_way_is_not_tried_again():
    after = consult(planning=claimed(), seen=failed(wait=None, reason="BadKey"))
    assert after.step(1, 0, 10**6) == Propose(1, 0, search=True)
    assert after.ready == ("False", "BadKey", "too many")
    following = consult(planning=after.planning)
    assert following.step(2, 0, 10**6) == Ask(2, 0)  # the key may have been put right by then
    assert following.planning.call == 1 and following.planning.failures == 0


def test_what_a_server_can_do_is_remembered_from_proposal_to_proposal():
    learned = CallObservation(
        "Answered", "Failed", reason="Unsupported", wait=0.0, learned={"format": "Text"}
    )
    after = consult(planning=claimed(), seen=learned)
    after.step(1, 0, 10**6)
    answered = consult(planning=after.planning, seen=CallObservation("Answered", "Proposed", proposals=1))
    assert answered.step(1, 0, 10**6) == Propose(1, 0, search=False)
    assert answered.step(2, 0, 10**6) == Ask(2, 0)
    assert answered.planning.capability == {"format": "Text"}


def test_a_repair_that_met_a_full_server_stays_a_repair():
    invalid = CallObservation("Answered", "Invalid", message="no layers")
    repairing = consult(planning=claimed(), seen=invalid)
    repairing.step(1, 0, 10**6)
    assert repairing.planning.turn == "Repair"
    again = consult(planning=repairing.planning, seen=failed(wait=0.0))
    again.step(1, 0, 10**6)
    assert (again.planning.turn, again.planning.call) == ("Repair", 3)


@pytest.mark.parametrize(("estimated", "charged"), [(True, 24_000), (False, 30_000)])
def test_what_nobody_counted_costs_no_more_than_was_set_aside(estimated, charged):
    seen = CallObservation("Answered", "Invalid", message="no layers", tokens=30_000, estimated=estimated)
    assert consult(planning=claimed(), seen=seen).planning.tokens == charged


def test_an_end_in_the_middle_of_a_call_charges_it():
    consultation = consult(planning=claimed(), seen=CallObservation("UnderWay"))
    consultation.abandon()
    assert (consultation.planning.tokens, consultation.planning.reserved) == (24_000, 0)


def test_a_raised_budget_asks_again_what_had_stopped():
    stopped = CallObservation("Answered", "Stopped", message="enough")
    over = consult(planning=claimed(), seen=stopped)
    assert over.over == "the planning model stopped: enough" and over.step(1, 0, 10**6) is None
    again = consult(planning=reopened(over.planning))
    assert again.step(1, 0, 10**6) == Ask(1, 0) and again.planning.call == 2


def test_a_status_says_at_most_so_much():
    after = consult(planning=claimed(), seen=CallObservation("Answered", "Invalid", message="x" * 5000))
    assert len(after.planning.message) == 400
