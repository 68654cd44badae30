"""llama.cpp's own model server, over HTTP, on a model of half a megabyte that knows nothing.

`serving` writes the model and starts the server in a process of its own; as a program this is that process.
The model has random weights and a token for every byte. It writes what the server's grammar allows: with a
JSON schema, JSON of that form and nonsense as research. The same prompts get the same answers on the same
machine.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

WIDTH, BLOCKS = 64, 2
CONTEXT = 65_536  # a prompt of 9,000 tokens is 25,000 bytes, and so many tokens here; the schema comes to it
SPECIAL = {
    "<unk>": TokenType.UNKNOWN, "<s>": TokenType.CONTROL, "</s>": TokenType.CONTROL, "▁": TokenType.NORMAL,
}  # fmt: skip

# Where the grammar leaves a choice: letters rather than other bytes, no blanks, whatever ends a text, a
# number or a list, and rather proposals than none.
_LIKELY = {
    **dict.fromkeys(b"abcdefghijklmnopqrstuvwxyz 0123456789", 3.0), **dict.fromkeys(b"}],n", 5.0),
    **dict.fromkeys(b'{"', 7.0),
}  # fmt: skip


def write_model(path: Path) -> None:
    """A llama of two blocks with bytes as tokens: the same file each time."""
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(BLOCKS)
    writer.add_feed_forward_length(2 * WIDTH)
    writer.add_head_count(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH)
    _add_tokens(writer)
    for name, values in _weights().items():
        writer.add_tensor(f"{name}.weight", values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokens(writer: GGUFWriter) -> None:
    """One for each byte, behind the special ones and the blank, which this tokenizer writes as ▁."""
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([*SPECIAL.values(), *[TokenType.BYTE] * 256])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_space_prefix(False)
    writer.add_chat_template("{% for message in messages %}{{ message['content'] }}\n{% endfor %}")


def _weights() -> dict[str, np.ndarray]:
    """By name; matrices are (out × in)."""
    random, count = np.random.default_rng(0), len(SPECIAL) + 256
    shapes = {"token_embd": (count, WIDTH), "output": (count, WIDTH)}
    for block in range(BLOCKS):
        shapes |= {f"blk.{block}.attn_{part}": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")}
        shapes |= {f"blk.{block}.ffn_{part}": (2 * WIDTH, WIDTH) for part in ("gate", "up")}
        shapes[f"blk.{block}.ffn_down"] = (WIDTH, 2 * WIDTH)
    weights = {name: 0.1 * random.standard_normal(shape) for name, shape in shapes.items()}
    norms = [
        "output_norm",
        *(f"blk.{block}.{part}_norm" for block in range(BLOCKS) for part in ("attn", "ffn")),
    ]
    weights |= {name: np.ones(WIDTH) for name in norms}
    # One large coordinate that every token has alike survives the norms: its column of `output` is a bias.
    weights["token_embd"][:, 0] = 10.0
    weights["output"][:, 0] = 0.0
    for byte, bias in _LIKELY.items():
        weights["output"][len(SPECIAL) + byte, 0] = bias / np.sqrt(WIDTH)
    return weights


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The server, with the model and its log in `folder`; the address that a provider's settings name."""
    model, log = folder / "tiny.gguf", folder / "llamacpp.log"
    write_model(model)
    with log.open("wb") as written:
        # It ends with its standard input, so also when this process is killed.
        process = subprocess.Popen(
            [sys.executable, __file__, str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=written,
        )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert address, log.read_text(errors="replace")
        yield f"{address}/v1"
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Serve a model on a free port of loopback until standard input ends; the address goes to the output."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.n_ctx, parameters.n_parallel = CONTEXT, 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.sampling.seed, parameters.warmup = 1, False
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
