from fakes.planning import CARDS
from fakes.sources import MLP
from seedbed.api.training import ModelSpec
from seedbed.planning.llm.answer import AnsweredModel
from seedbed.planning.llm.offer import Offer, code_offer
from seedbed.planning.llm.schema import answer_schema
from seedbed_runner.contract.records import Card
from seedbed_runner.contract.source import FUNCTIONS, MAX_BYTES, MODULES, PACKAGES


def test_the_rules_name_all_that_the_contract_holds():
    rules = code_offer().rules
    for name, parameters in FUNCTIONS.items():
        assert f"`{name}({', '.join(parameters)})`" in rules
    for each in (*MODULES, *PACKAGES, str(MAX_BYTES)):
        assert each in rules
    assert "\n" not in rules


def test_the_check_says_what_is_wrong_by_line():
    check = code_offer().check
    assert check(MLP) == []
    assert check("import os\n" + MLP)[0].startswith("line 1: Import: `os` can't be imported")


def test_code_that_is_offered_can_be_answered_and_run():
    model = answer_schema(Card.from_dict(CARDS["image"]), Offer(code=code_offer()))
    ways = model["properties"]["proposals"]["items"]["properties"]["model"]["anyOf"]
    assert [*ways[-1]["properties"]] == ["source"]
    assert AnsweredModel(source=MLP).spec() == ModelSpec(source=MLP)
