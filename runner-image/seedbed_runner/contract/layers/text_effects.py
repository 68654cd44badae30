"""What the layers for texts do to an item's shape, and what they cost: as in `effects`, without torch.

An item is length × width; `length` counts padding too, so the costs are upper bounds.
"""

from functools import partial

from seedbed_runner.contract.layers.effects import Arguments, Effect, Misfit, Shape, words


def embedding(shape: Shape, arguments: Arguments) -> Effect:
    """Tokens to vectors, which become the last dimension; that of padding is zero and stays so."""
    width = arguments["embedding_dim"]
    return Effect((*shape, width), arguments["num_embeddings"] * width, inferred={"padding_idx": 0})


def positions(shape: Shape, arguments: Arguments) -> Effect:
    """A learnt vector a position is added."""
    length, width = shape
    return Effect(shape, length * width, inferred={"length": length, "width": width})


def token_pooling(shape: Shape, arguments: Arguments) -> Effect:
    """One vector of all positions that are not padding."""
    return Effect(shape[1:])


def _recurrent(gates: int, shape: Shape, arguments: Arguments) -> Effect:
    """Each layer reads the positions one after the other: gates × hidden × (input + hidden) a position."""
    length, width = shape
    hidden, directions = arguments["hidden_size"], 1 + arguments["bidirectional"]
    weights = parameters = 0
    coming = width
    for _ in range(arguments["num_layers"]):
        weights += directions * gates * hidden * (coming + hidden)
        parameters += directions * gates * hidden * 2 * arguments["bias"]
        coming = directions * hidden
    steps = length * directions * arguments["num_layers"]
    return Effect(
        (length, coming),
        weights + parameters,
        weights * length,
        {"input_size": width, "batch_first": True},
        inside=(gates * hidden,) * steps,
    )


lstm = partial(_recurrent, 4)
gru = partial(_recurrent, 3)


def transformer(shape: Shape, arguments: Arguments) -> Effect:
    """Attention of every position to every other, then two linear layers; each is added to what came in."""
    length, width = shape
    heads, wide = arguments["nhead"], arguments["dim_feedforward"]
    if width % heads:
        raise Misfit(
            f"nhead {heads} does not divide the {width} features that come in ({words(shape)}): give a "
            "number that does"
        )
    bias = (3 * width + width + wide + width) * arguments["bias"]
    norms = 2 * width * (1 + arguments["bias"])
    weights = 4 * width * width + 2 * width * wide
    return Effect(
        shape,
        weights + bias + norms,
        weights * length + 2 * length * length * width,
        {"d_model": width, "batch_first": True},
        inside=(3 * length * width, heads * length * length, length * width, length * wide, length * width),
    )
