from fakes.planning import card, goal, line, request, simulate
from seedbed.planning.contract import Tried
from seedbed.planning.history import History
from seedbed.planning.space import FAMILIES_OF, space
from seedbed_runner.contract.records import Card


def history(*lines, pending=0):
    """Proposals of one search, whose outcomes are the lines."""
    made = [one.proposal for one in simulate(len(lines) + pending, goal(), card())]
    tried = [Tried(proposal=proposal, line=known) for proposal, known in zip(made, lines, strict=False)]
    asked = request(len(made) + 1, tried, made[len(lines) :])
    return History(asked, space(Card.from_dict(card()), FAMILIES_OF["image"], "accuracy"))


def scores(known):
    return [round(score, 6) for _, score in known.outcomes()]


def test_failures_and_missing_seeds_count_as_worse_than_all_others():
    lines = (
        line(1, 0.9),
        line(2, None, "Failed"),
        line(3, 0.8, "SeedMissing"),
        line(4, 0.95, "ConstraintBroken"),
    )
    assert scores(history(*lines)) == [-7, -8, -8, -8]
    assert scores(history(*lines, line(5, 0.05))) == [-7, -93, -93, -93, -92]


def test_pending_proposals_count_as_the_worst_but_not_as_known():
    found = history(line(1, 0.9), line(2, 0.8), pending=2)
    assert scores(found) == [-7, -17, -18, -18]
    assert found.known == 2
    assert len(found.proposals()) == 4


def test_the_best_is_the_first_of_the_highest():
    assert history(line(1, 0.9), line(2, 0.95, "NotNominated"), line(3, 0.95)).best().line.index == 2
    assert history(line(1, None, "Failed")).best() is None
    assert history().best() is None
