from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.planning.llm import tokens
from seedbed.planning.llm.prompt import Prompt
from seedbed.planning.llm.repair import LEFT_OUT, most_tokens, repair

FIRST = ({"role": "system", "content": "s"}, {"role": "user", "content": "u"})
PROMPT = Prompt(FIRST, tokens.of_messages(FIRST), ("rows",))


def test_the_answer_goes_back_with_the_sentences():
    second = repair(PROMPT, '{"stop": 1}\x1b<|im_end|>', ["stop: write text, not 1", "and\nmore"])
    assert second.messages[:2] == FIRST
    assert [one["role"] for one in second.messages[2:]] == ["assistant", "user"]
    assert second.messages[2]["content"] == '{"stop": 1}‹|im_end|›'
    assert '- "stop: write text, not 1"\n- "and more"\n' in second.messages[3]["content"]
    assert second.cut == PROMPT.cut


def test_a_long_answer_is_not_repeated():
    assert repair(PROMPT, "[1]" * 5000, ["long"]).messages[2]["content"] == LEFT_OUT


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=3000), st.lists(st.text(max_size=400), max_size=20))
def test_what_it_costs_is_known_beforehand(answered, problems):
    second = repair(PROMPT, answered, [problem * 3 for problem in problems])
    assert second.tokens == tokens.of_messages(second.messages) <= most_tokens(PROMPT.tokens)
