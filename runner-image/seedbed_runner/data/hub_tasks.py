"""The datasets of the hub that have a name of their own: GLUE, SuperGLUE and IMDB.

Each is read at a commit that is named here, so that it is the same everywhere and for ever; a manifest's
`revision` may name another one.
"""

from dataclasses import dataclass

_GLUE = ("nyu-mll/glue", "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c")
_SUPER_GLUE = ("aps/super_glue", "3de24cf8022e94f4ee4b9d55a6f539891524d646")
_IMDB = ("stanfordnlp/imdb", "e6281661ce1c48d982bc483cf8a173c1bbeb5d31")

Columns = tuple[str, ...]


@dataclass(frozen=True)
class HubTask:
    """One dataset.

    Attributes:
        title: for people.
        source: owner/name and commit.
        config: of the repository.
        texts: the one or two texts of a row, each made of some columns with a space between them.
        metric: its own, by which its authors judge.
        length: tokens of a row, where a manifest does not say.
    """

    title: str
    source: tuple[str, str]
    config: str
    texts: tuple[Columns, ...]
    metric: str = "accuracy"
    length: int = 128


def _glue(title: str, config: str, *columns: str, metric: str = "accuracy", **more: object) -> HubTask:
    texts = tuple((column,) for column in columns)
    return HubTask(f"GLUE, {title}", _GLUE, config, texts, metric, **more)  # type: ignore[arg-type]


def _super(title: str, config: str, *texts: Columns, length: int = 128) -> HubTask:
    return HubTask(f"SuperGLUE, {title}", _SUPER_GLUE, config, texts, length=length)


TASKS: dict[str, HubTask] = {
    "glue/sst2": _glue("sentiment of film reviews", "sst2", "sentence", length=64),
    "glue/cola": _glue("acceptable sentences", "cola", "sentence", metric="matthews", length=48),
    "glue/qnli": _glue("does the sentence answer the question", "qnli", "question", "sentence"),
    "glue/mnli": _glue("inference in many genres", "mnli", "premise", "hypothesis"),
    "glue/mrpc": _glue("paraphrases in the news", "mrpc", "sentence1", "sentence2", metric="f1"),
    "glue/qqp": _glue("equal questions", "qqp", "question1", "question2", metric="f1"),
    "glue/rte": _glue("textual entailment", "rte", "sentence1", "sentence2"),
    "glue/stsb": _glue("similarity of sentences", "stsb", "sentence1", "sentence2", metric="pearson"),
    "glue/wnli": _glue("pronouns as inference", "wnli", "sentence1", "sentence2"),
    "super_glue/boolq": _super("yes or no questions", "boolq", ("question",), ("passage",), length=256),
    "super_glue/cb": _super("commitment", "cb", ("premise",), ("hypothesis",), length=192),
    "super_glue/copa": _super(
        "plausible alternatives", "copa", ("premise", "question", "choice1"), ("choice2",), length=64
    ),
    "super_glue/rte": _super("textual entailment", "rte", ("premise",), ("hypothesis",)),
    "super_glue/wic": _super("words in context", "wic", ("word", "sentence1"), ("sentence2",), length=96),
    "super_glue/wsc": _super("pronouns", "wsc.fixed", ("text",), ("span2_text", "span1_text")),
    "imdb": HubTask("IMDB, sentiment of film reviews", _IMDB, "plain_text", (("text",),), length=256),
}  # fmt: skip
ALIASES = {"sst2": "glue/sst2", "cola": "glue/cola", "qnli": "glue/qnli"}
