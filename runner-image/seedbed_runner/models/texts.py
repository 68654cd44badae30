"""Modules for texts, which leave padding out, and the sequence that tells them where it is.

Each is called as `module(x, padding)`, where `padding` (batch × length) is true at positions that are none of
the text's. A text without any token counts as one of a single padding, so that an average is never of
nothing. Built by `models.layers`; the shapes are those of `contract.layers.text_effects`.
"""

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PADDING = 0  # the token id


def padding_of(ids: torch.Tensor) -> torch.Tensor:
    """Where a text has ended: all positions after its last token; the first one always counts.

    Args:
        ids: token ids (batch × length).
    """
    after = ids.ne(PADDING).flip(1).cumsum(1).flip(1).eq(0)  # (batch, length)
    after[:, 0] = False
    return after


class MaskedSequential(nn.Sequential):
    """Modules one after the other, told of the padding where they must know it."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        super().__init__(*modules)
        self.told = [isinstance(module, NEEDS_PADDING) for module in self]

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """(batch, …) to (batch, …)."""
        for module, told in zip(self, self.told, strict=True):
            x = module(x, padding) if told else module(x)
        return x


class TextSequential(MaskedSequential):
    """A whole model of a text: takes token ids, and sees for itself which are padding."""

    def forward(self, ids: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """(batch, length) whole numbers to (batch, classes)."""
        return super().forward(ids, padding_of(ids))


class MaskedResidual(nn.Module):
    """body(x) + shortcut(x), of which the body is told of the padding."""

    def __init__(self, body: MaskedSequential, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, *input shape) to (batch, *output shape)."""
        out: torch.Tensor = self.body(x, padding) + self.shortcut(x)
        return out


class PositionalEmbedding(nn.Module):
    """Adds a learnt vector to each position."""

    def __init__(self, length: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(length, width))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Small beside an Embedding's unit deviation: which word it is matters more than where it stands."""
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to the same shape."""
        return x + self.weight


class MaskedMeanPool(nn.Module):
    """The average over the positions that are not padding."""

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to (batch, width)."""
        kept = (~padding).unsqueeze(-1).to(x.dtype)
        return (x * kept).sum(1) / kept.sum(1)


class MaskedMaxPool(nn.Module):
    """The maximum over the positions that are not padding."""

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to (batch, width)."""
        return x.masked_fill(padding.unsqueeze(-1), -torch.inf).amax(1)


class LastToken(nn.Module):
    """The last position that is not padding: what a recurrent layer ends with."""

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to (batch, width)."""
        rows = torch.arange(len(x), device=x.device)
        return x[rows, (~padding).sum(1) - 1]


class _Recurrent(nn.Module):
    """Reads each text up to its end and gives the state at each position; zeros at padding."""

    def _states(self, layer: nn.LSTM | nn.GRU, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        lengths = (~padding).sum(1).cpu()
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=x.shape[1])
        return states


class LSTM(_Recurrent):
    """torch's, over texts of different lengths."""

    def __init__(self, **arguments: int | float | bool) -> None:
        super().__init__()
        self.layer = nn.LSTM(**arguments)

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to (batch, length, directions · hidden)."""
        return self._states(self.layer, x, padding)


class GRU(_Recurrent):
    """torch's, over texts of different lengths."""

    def __init__(self, **arguments: int | float | bool) -> None:
        super().__init__()
        self.layer = nn.GRU(**arguments)

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to (batch, length, directions · hidden)."""
        return self._states(self.layer, x, padding)


class TransformerEncoderLayer(nn.Module):
    """torch's; no position attends to padding."""

    def __init__(self, **arguments: int | float | bool | str) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(**arguments)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor, padding: torch.Tensor) -> torch.Tensor:
        """(batch, length, width) to the same shape."""
        out: torch.Tensor = self.layer(x, src_key_padding_mask=padding)
        return out


NEEDS_PADDING = (
    MaskedResidual, MaskedMeanPool, MaskedMaxPool, LastToken, LSTM, GRU, TransformerEncoderLayer,
)  # fmt: skip
MODULES: dict[str, type[nn.Module]] = {
    kind.__name__: kind
    for kind in (
        PositionalEmbedding, MaskedMeanPool, MaskedMaxPool, LastToken, LSTM, GRU, TransformerEncoderLayer,
    )
}  # fmt: skip
