"""How numbers and other people's text are written in a report."""


def score(value: float | None) -> str:
    """Four decimals: finer than any seed's luck."""
    return "–" if value is None else f"{value:.4f}"


def signed(value: float | None) -> str:
    """A difference, with its sign."""
    return "–" if value is None else f"{value:+.4f}"


def interval(low: float | None, high: float | None) -> str:
    """`[0.9612, 0.9820]`, or a dash."""
    return "–" if low is None or high is None else f"[{low:.4f}, {high:.4f}]"


def percent(share: float) -> str:
    """`95 %`."""
    return f"{100 * share:g} %"


def duration(seconds: float) -> str:
    """`0.8 s`, `42 s`, `7 min 5 s`, `3 h 20 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def decision(word: str) -> str:
    """What a look came to, in words."""
    return {"Achieved": "shown", "Futile": "given up as futile", "Continue": "go on"}.get(word, "not shown")


def sentence(text: str) -> str:
    """With a full stop, unless it ends like a sentence already."""
    return text if not text or text[-1] in ".!?…" else f"{text}."


def clean(text: str | None, length: int = 1000) -> str:
    """Other people's text on one line: control and direction characters out, cut at `length`."""
    flat = " ".join((text or "").split())
    kept = "".join(character for character in flat if character.isprintable())
    return kept if len(kept) <= length else kept[: length - 1] + "…"
