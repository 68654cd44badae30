"""Raw texts, one or two a row, and the tokenizer that makes ids of them, by the `tokenizers` library.

A loader of texts gives `Texts` as its source's inputs. Unless a file is named, a vocabulary of byte pair
encoding is learnt from the train rows, lower-cased and split at spaces and punctuation (the library's
WordPiece learns other ids in each process); it is kept beside the prepared data. Id 0 is padding, at the end
of a row only; the two texts of a pair have a separator between them, and what is too long is cut from the
longer one.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer

from seedbed_runner.data.source import Ints
from seedbed_runner.errors import BadInput

FILE = "tokenizer.json"
PADDING, UNKNOWN, SEPARATOR = "[PAD]", "[UNK]", "[SEP]"  # ids 0, 1 and 2
_PADDINGS = (PADDING, "<pad>")
_ENCODED_AT_ONCE = 10_000  # rows
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads would not outlive a fork


@dataclass(frozen=True)
class TokenSettings:
    """`spec.dataset.tokens`: how texts become numbers.

    Attributes:
        vocabulary: how many tokens are learnt at most.
        length: of a row, in tokens.
        tokenizer: a file to use instead of learning.
    """

    vocabulary: int = 8000
    length: int = 128
    tokenizer: Path | None = None

    @classmethod
    def of(
        cls, dataset: Mapping[str, Any], data: Path | None, length: int = 128, vocabulary: int = 8000
    ) -> Self:
        """What a manifest's `spec.dataset` asks for.

        Args:
            dataset: as a manifest has it.
            data: the folder in which a tokenizer's file is looked for.
            length: where the manifest has no `tokens`.
            vocabulary: likewise.

        Raises:
            BadInput: the tokenizer's file is not there.
        """
        asked = dataset.get("tokens")
        if not asked:
            return cls(vocabulary, length)
        name = asked.get("tokenizer")
        return cls(asked["vocabulary"], asked["length"], _file(name, data) if name else None)


def _file(name: str, data: Path | None) -> Path:
    if data is None:
        raise BadInput(
            f"tokens.tokenizer names the file {name}, but there is no data folder to look in: name one with "
            "--data (SEEDBED_DATA)"
        )
    if not (data / name).is_file():
        raise BadInput(f"tokens.tokenizer: there is no file {name} in the data folder {data}")
    return data / name


@dataclass(frozen=True)
class Texts:
    """Rows of one or two texts.

    Attributes:
        columns: the texts, a list each.
        settings: how they become numbers.
    """

    columns: tuple[Sequence[str], ...]
    settings: TokenSettings

    def __len__(self) -> int:
        return len(self.columns[0])

    def take(self, rows: Ints) -> Self:
        """Some of the rows, by index."""
        return type(self)(tuple([column[row] for row in rows] for column in self.columns), self.settings)

    def digests(self) -> Iterator[bytes]:
        """One digest a row."""
        for row in zip(*self.columns, strict=True):
            yield hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def fit(self) -> "TokenEncoder":
        """The tokenizer, learnt from these rows or read from the file that is named."""
        named = self.settings.tokenizer
        tokenizer = self._learn() if named is None else _read(named)
        tokenizer.no_padding()
        tokenizer.no_truncation()
        shift = 0 if tokenizer.id_to_token(0) in _PADDINGS else 1
        encoder = TokenEncoder(tokenizer, self.settings, shift)
        longer = sum(length > self.settings.length for length in encoder.lengths(self))
        tokenizer.enable_truncation(self.settings.length)
        return TokenEncoder(tokenizer, self.settings, shift, longer / len(self))

    def _learn(self) -> Tokenizer:
        tokenizer = Tokenizer(BPE(unk_token=UNKNOWN, fuse_unk=True))
        tokenizer.normalizer = BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = BertPreTokenizer()
        trainer = BpeTrainer(
            vocab_size=self.settings.vocabulary,
            min_frequency=2,
            special_tokens=[PADDING, UNKNOWN, SEPARATOR],
            show_progress=False,
        )
        tokenizer.train_from_iterator(self._known(tokenizer.normalizer), trainer)
        tokenizer.post_processor = TemplateProcessing(
            single="$A", pair=f"$A {SEPARATOR} $B", special_tokens=[(SEPARATOR, 2)]
        )
        return tokenizer

    def _known(self, normalizer: Any) -> Iterator[str]:
        """The texts, without letters that are too rare to have a place in the vocabulary."""
        texts = [normalizer.normalize_str(text) for column in self.columns for text in column]
        counts = Counter(letter for text in texts for letter in text)
        order = sorted(counts, key=lambda letter: (-counts[letter], letter))
        rare = dict.fromkeys(map(ord, order[self.settings.vocabulary // 2 :]), " ")
        return (text.translate(rare) for text in texts)


def _read(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises Exception itself
        raise BadInput(f"{path} is no file of the tokenizers library: {error}") from error


@dataclass(frozen=True)
class TokenEncoder:
    """A tokenizer with a length.

    Attributes:
        tokenizer: cuts at that length, once it is fitted.
        settings: as the texts had them.
        shift: added to the tokenizer's ids, so that 0 is padding.
        cut: share of the train rows that are longer.
    """

    tokenizer: Tokenizer
    settings: TokenSettings
    shift: int
    cut: float = 0.0

    @property
    def vocabulary(self) -> int:
        """Token ids are below it."""
        return int(self.tokenizer.get_vocab_size()) + self.shift

    def encode(self, rows: Texts) -> NDArray[np.int32]:
        """Token ids, rows × length; 0 after a row's last token."""
        ids = np.zeros((len(rows), self.settings.length), dtype=np.int32)
        for number, found in enumerate(self._encoded(rows)):
            ids[number, : len(found)] = np.asarray(found, dtype=np.int32) + self.shift
        return ids

    def lengths(self, rows: Texts) -> Iterator[int]:
        """How many tokens each row has."""
        return map(len, self._encoded(rows))

    def _encoded(self, rows: Texts) -> Iterator[list[int]]:
        pairs = len(rows.columns) == 2
        for start in range(0, len(rows), _ENCODED_AT_ONCE):
            parts = [column[start : start + _ENCODED_AT_ONCE] for column in rows.columns]
            batch: Any = list(zip(*parts, strict=True)) if pairs else list(parts[0])
            yield from (one.ids for one in self.tokenizer.encode_batch_fast(batch))

    def files(self) -> dict[str, bytes]:
        """The tokenizer, as its library reads it."""
        return {FILE: str(self.tokenizer.to_str()).encode()}

    def notes(self) -> list[str]:
        """How the texts became numbers."""
        named = self.settings.tokenizer
        origin = "learnt from the train split" if named is None else f"of {named.name}"
        said = f"{self.vocabulary} tokens {origin}; rows of {self.settings.length}"
        return [f"{said}, to which {100 * self.cut:.1f} % of the train rows were cut"]
