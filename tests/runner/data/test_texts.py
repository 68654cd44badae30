import subprocess
import sys

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from seedbed_runner.data.texts import Texts, TokenSettings
from seedbed_runner.errors import BadInput

ROWS = ["A good film, truly good.", "a BAD film", "bad", "", "good film good film good film"] * 3


def settings(**more):
    return TokenSettings(**{"vocabulary": 300, "length": 8} | more)


def fitted(*columns, **more):
    texts = Texts(columns or (ROWS,), settings(**more))
    encoder = texts.fit()
    return encoder, encoder.encode(texts)


def words(encoder, row):
    return [encoder.tokenizer.id_to_token(int(one) - encoder.shift) for one in row if one]


def test_rows_are_padded_and_cut():
    encoder, ids = fitted()
    assert (ids.shape, ids.dtype) == ((15, 8), np.int32)
    assert words(encoder, ids[1]) == ["a", "bad", "film"]
    assert words(encoder, ids[0]) == ["a", "good", "film", ",", "truly", "good", "."]
    assert ids[1].tolist()[3:] == [0] * 5
    assert ids[3].tolist() == [0] * 8
    assert ids.max() < encoder.vocabulary <= 300
    short, cut = fitted(length=4)
    assert words(short, cut[0]) == ["a", "good", "film", ","]
    assert short.notes()[0].endswith("rows of 4, to which 40.0 % of the train rows were cut")


def test_pairs_have_a_separator_and_the_longer_text_is_cut():
    encoder, ids = fitted(["good"] * 15, ROWS)
    assert words(encoder, ids[1]) == ["good", "[SEP]", "a", "bad", "film"]
    assert words(encoder, ids[4])[:3] == ["good", "[SEP]", "good"]
    assert len(words(encoder, ids[0])) == 8


def test_what_train_does_not_know_is_unknown():
    encoder, _ = fitted()
    assert words(encoder, encoder.encode(Texts((["good 測 film"],), settings()))[0]) == [
        "good",
        "[UNK]",
        "film",
    ]


def test_another_process_learns_the_same():
    code = (
        "from seedbed_runner.data.texts import *\n"
        f"rows = {[f'{word} number{i}' for i, word in enumerate(ROWS * 10)]!r}\n"
        "print(Texts((rows,), TokenSettings(400, 8)).fit().files())"
    )
    one, two = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(2)
    )
    assert one.stdout == two.stdout


def test_rare_letters_have_no_place():
    many = ["".join(map(chr, range(0x4E00, 0x4E00 + 400))), "good film"] * 3
    encoder, _ = fitted(many)
    assert encoder.vocabulary <= 300
    assert "g" in encoder.tokenizer.get_vocab()


def test_equal_rows_have_equal_digests_and_pairs_are_not_their_concatenation():
    digests = list(Texts((ROWS,), settings()).digests())
    assert len(set(digests)) == 5
    (first,), (second,) = (
        list(Texts(pair, settings()).digests()) for pair in ((["a b"], ["c"]), (["a"], ["b c"]))
    )
    assert first != second


def test_the_tokenizer_is_kept_and_reads_again():
    encoder, ids = fitted()
    again = Tokenizer.from_str(encoder.files()["tokenizer.json"].decode())
    assert again.encode(ROWS[0]).ids == ids[0][ids[0] > 0].tolist()


def named(folder, first):
    """A file of the library with a vocabulary of its own."""
    tokenizer = Tokenizer(WordLevel({first: 0, "[UNK]": 1, "good": 2, "film": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "own.json"))
    return {"tokens": {"vocabulary": 300, "length": 4, "tokenizer": "own.json"}}


@pytest.mark.parametrize(
    ("first", "ids", "vocabulary"), [("[PAD]", [2, 3, 0, 0], 4), ("the", [3, 4, 0, 0], 5)]
)
def test_a_named_tokenizer_is_used_as_it_is_and_padding_stays_0(tmp_path, first, ids, vocabulary):
    own = TokenSettings.of(named(tmp_path, first), tmp_path)
    texts = Texts((["good film"],), own)
    encoder = texts.fit()
    assert encoder.encode(texts).tolist() == [ids]
    assert encoder.vocabulary == vocabulary
    assert "of own.json" in encoder.notes()[0]


def test_a_tokenizer_that_is_not_there_or_none(tmp_path):
    asked = {"tokens": {"vocabulary": 300, "length": 4, "tokenizer": "own.json"}}
    with pytest.raises(BadInput, match="there is no data folder to look in: name one with --data"):
        TokenSettings.of(asked, None)
    with pytest.raises(BadInput, match=f"there is no file own.json in the data folder {tmp_path}"):
        TokenSettings.of(asked, tmp_path)
    (tmp_path / "own.json").write_text("{}")
    with pytest.raises(BadInput, match=r"own\.json is no file of the tokenizers library"):
        Texts((ROWS,), TokenSettings.of(asked, tmp_path)).fit()
