"""The documents that pass between the two sides, as dataclasses with a strict JSON form.

`RunRequest` goes in, `RunResult` comes out (the record of a run, `result.json`), `Card` describes a prepared
dataset. Reading refuses unknown and missing fields, wrong types and non-finite numbers: a record that was
cut short or forged is an error, never a default.
"""

import dataclasses
import json
import math
import types
import typing
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, Union, get_args, get_origin

Purpose = Literal["Explore", "Confirm", "Control"]
Assurance = Literal["none", "limited", "trusted-code", "sealed"]
Split = Literal["validation", "test"]
TaskName = Literal["classification", "regression"]


class InvalidRecord(ValueError):
    """A record that is not what its type says; the message names the field, and is cut to a sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message[:400])


class Record:
    """Base of the records: JSON out, strict JSON in."""

    MAX_BYTES: ClassVar[int] = 4_000_000

    def to_json(self) -> bytes:
        """This record as UTF-8 JSON with sorted keys."""
        value = dataclasses.asdict(self)  # type: ignore[call-overload]
        return json.dumps(value, sort_keys=True, indent=1, allow_nan=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a record.

        Raises:
            InvalidRecord: too long, not JSON, or a field that is missing, unknown or of another type.
        """
        if len(data) > cls.MAX_BYTES:
            raise InvalidRecord(f"{cls.__name__}: {len(data)} bytes, at most {cls.MAX_BYTES} are read")
        try:
            value = json.loads(data, object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise InvalidRecord(f"{cls.__name__}: not JSON ({error})") from error
        return cls.from_dict(value)

    @classmethod
    def from_dict(cls, value: Any) -> Self:
        """The same from a dict of JSON values."""
        built: Self = _convert(cls, value, cls.__name__)
        return built


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; of two values for one key it is not known which one is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _finite(value: Any) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        return False


def _text(value: str) -> bool:
    """Whether it is text that can be written down again: no half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _convert(kind: Any, value: Any, path: str) -> Any:
    """`value` as `kind`, or InvalidRecord naming `path`."""
    origin = get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(kind, value, path)
    if origin is Literal:
        if value in get_args(kind):
            return value
        raise InvalidRecord(f"{path}: {str(value)[:60]!r} is none of {', '.join(map(str, get_args(kind)))}")
    if origin in (types.UnionType, Union):
        if value is None and type(None) in get_args(kind):
            return None
        inner = next(arg for arg in get_args(kind) if arg is not type(None))
        return _convert(inner, value, path)
    if origin is dict and isinstance(value, dict):
        inner = get_args(kind)[1]
        return {str(key): _convert(inner, item, f"{path}.{key}") for key, item in value.items()}
    if origin in (list, tuple) and isinstance(value, list | tuple):
        inner = get_args(kind)[0]
        items = [_convert(inner, item, f"{path}[{i}]") for i, item in enumerate(value)]
        return tuple(items) if origin is tuple else items
    if kind is Any:
        return value
    if kind is float and _finite(value):
        return float(value)
    if type(value) is kind and (kind in (int, bool) or (kind is str and _text(value))):
        return value
    raise InvalidRecord(f"{path}: {str(value)[:60]!r} is not {getattr(kind, '__name__', kind)}")


def _convert_dataclass(kind: Any, value: Any, path: str) -> Any:
    if dataclasses.is_dataclass(value) and isinstance(value, kind):
        return value
    if not isinstance(value, dict):
        raise InvalidRecord(f"{path}: not an object")
    hints = typing.get_type_hints(kind)
    known = {item.name: item for item in dataclasses.fields(kind)}
    if unknown := sorted(set(value) - set(known)):
        raise InvalidRecord(f"{path}: unknown field {unknown[0]!r}")
    found = {}
    for name, item in known.items():
        if name in value:
            found[name] = _convert(hints[name], value[name], f"{path}.{name}")
        elif item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING:
            raise InvalidRecord(f"{path}: field {name!r} is missing")
    return kind(**found)


@dataclass(frozen=True)
class RunRequest(Record):
    """All that one run depends on: given to `fetch`, `train` and `score`.

    Attributes:
        run_uid: unique for (goal or standalone experiment, experiment, seed); the record is bound to it.
        experiment: name of the Experiment.
        experiment_hash: `hashing.experiment_hash` of model, training and data.
        seed: the run's seed; initialisation, order, dropout and augmentation are spawned from it.
        attempt: counts the tries at this run, from 1; it changes nothing in the numbers.
        purpose: Explore is scored on the validation split, Confirm on the test split; Control is trained on
            permuted labels and scored on the validation split.
        dataset_key: folder of the prepared dataset.
        data_hash: content hash that the prepared dataset must have.
        model: `{"layers": [...]}`, `{"torchvision": {"name": ...}}`, or `{"source": text}` by
            `contract.source`.
        training: `seedbed.api.training.Training` as JSON, every default filled in, keys in camelCase.
        metric: the goal's metric.
        threads: intra-op threads of the training process.
        device: `auto` (CUDA if there is one), `cpu` or `cuda`.
        deadline_seconds: wall-clock limit of the train step.
        memory_bytes: limit on the train child's resident memory; None: no limit.
        image: digest of the container image, None outside a container.
        demand: the least assurance that the run may have: the train step refuses to start below it. Whoever
            asks for the run decides; `none` in requests of before there was a choice.
        declared: name of the runtime class that the owner of the machines declares to be the seal (gVisor,
            Kata); empty: none is. What the step could seal by itself is recorded all the same.
        latency: measure how long the trained model takes for one row; it changes nothing in the numbers.
    """

    run_uid: str
    experiment: str
    experiment_hash: str
    seed: int
    attempt: int
    purpose: Purpose
    dataset_key: str
    data_hash: str
    model: dict[str, Any]
    training: dict[str, Any]
    metric: str
    threads: int
    device: Literal["auto", "cpu", "cuda"]
    deadline_seconds: float
    memory_bytes: int | None = None
    image: str | None = None
    demand: Assurance = "none"
    declared: str = ""
    latency: bool = False

    @property
    def split(self) -> Split:
        """The split that this run is scored on."""
        return "test" if self.purpose == "Confirm" else "validation"


# Why a run failed for a reason of its own configuration: a result, told to the planner, never run again.
MODEL_FAILURES = (
    "OutOfMemory", "Deadline", "Shape", "NonFinite", "NoPredictions", "Crash", "Disk", "Size", "NotRegular",
    "Format", "NoDevice", "Processes", "Forbidden",
    "NotReproduced",
)  # fmt: skip


@dataclass(frozen=True)
class Failure(Record):
    """Why a run failed; `message` is untrusted text, printable, at most 500 characters."""

    reason: str
    message: str


@dataclass(frozen=True)
class ClassScores(Record):
    """How well one class is told from the others.

    Attributes:
        label: its number.
        rows: how many rows are of it.
        precision, recall, f1: in [0, 1]; 0 where nothing was taken for it, or no row is of it.
    """

    label: int
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Mistake:
    """How many `rows` of the class `label` were taken for the class `predicted`."""

    label: int
    predicted: int
    rows: int


@dataclass(frozen=True)
class RunResult(Record):
    """`result.json`, the record of a run: the first one written for a run is the one that counts.

    Attributes:
        outcome: Scored or Failed (a model-class failure; infrastructure failures leave no record).
        score: the goal's metric on `split`; None when failed.
        metrics: every metric of `contract.metrics` by name.
        item_variances: on the test split, what one item contributes to the variance of each metric but
            accuracy (items × variance over bootstrap samples of the items), by name.
        chance: the metric's value for predicting nothing but the frequencies of the split's classes.
        diverged: score no better than chance by more than the metric's divergence margin.
        items: size of the scored split.
        confusion: counts, true class (rows) by predicted class (columns), of at most 256 classes; None of
            more, when failed, and for a regression.
        mistakes: of more classes, in the place of `confusion`, the 200 commonest; else empty.
        by_class: of each class, or of the 50 with the least F1 where there are more; empty when failed, for a
            regression, and in records of before it was taken.
        parameters: trainable parameters, counted from outside the trainer.
        flops: floating point operations of a forward pass, a row; a multiply-add counts twice. Counted on
            another model of the same request. None when failed, for code, and in older records.
        train_seconds: wall-clock time of the train step, measured by its supervisor.
        peak_memory_bytes: largest resident size of the train child, from its resource usage.
        artifacts: name of the folder beside the record that holds this attempt's files; empty: it left none.
        hashes: sha256 of predictions, labels, weights and request.
        fingerprint: what the bits depend on besides the request; equal fingerprints promise equal numbers.
        code: hash of the runner's own code; empty in records of before it was taken.
        assurance: what kept model code from cheating. `trusted-code`: it was our own. For code of others,
            `sealed`: all of the seal, or one that the owner of the machines declares; `limited`: part of it;
            `none`: nothing.
        seal: what was in force when model code ran, by name (`sandbox.Seal.document`).
        repredicted: the saved weights gave the predictions again, in another order (confirmations of code).
        latency_ms: of one row of a batch of its own, the median of several; a measured time like
            `train_seconds`, on the machine that `fingerprint` describes. None: not asked for.
        started_at, finished_at: seconds since the epoch.
    """

    run_uid: str
    experiment: str
    experiment_hash: str
    seed: int
    attempt: int
    purpose: Purpose
    split: Split
    outcome: Literal["Scored", "Failed"]
    metric: str
    data_hash: str
    assurance: Assurance
    started_at: float
    finished_at: float
    score: float | None = None
    failure: Failure | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    item_variances: dict[str, float] = field(default_factory=dict)
    chance: float | None = None
    diverged: bool = False
    items: int = 0
    confusion: list[list[int]] | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    by_class: list[ClassScores] = field(default_factory=list)
    parameters: int | None = None
    flops: int | None = None
    train_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    artifacts: str = ""
    hashes: dict[str, str] = field(default_factory=dict)
    fingerprint: dict[str, str] = field(default_factory=dict)
    image: str | None = None
    code: str = ""
    seal: dict[str, str] = field(default_factory=dict)
    repredicted: bool = False
    latency_ms: float | None = None


@dataclass(frozen=True)
class Card(Record):
    """What is known of a prepared dataset; written by `prepare`, read by planner, engine and report.

    Attributes:
        kind: `image` (input shape channels × height × width), `tabular` (features) or `text` (length).
        classes: how many there are; 1 for a regression: the width of a model's output.
        sizes: items of `train`, `validation` and `test`.
        chance: share of the most frequent class of the validation split; 0 for a regression.
        imbalance: the largest class's size over the smallest's, in train; 1 for a regression.
        baselines: validation metrics by name, of `linear` and of what predicts the same for every row:
            `majority`, or `mean` for a regression.
        duplicates_removed: items dropped before the split because an equal input came before.
        source_hash: of the data before the split; the test ledger counts by it.
        data_hash: of everything that `prepare` wrote.
        leakable: a trainer could have a copy of its own (data bundled with a library).
        bayes_accuracy: the best possible accuracy on the distribution, where it is known (synthetic data).
        dataset: `spec.dataset` with every default filled in: what preparing the data again needs.
        overlap: `train_validation`, `train_test` and `validation_test`: rows of the second split whose inputs
            equal a row's of the first, as they were written; empty on a card from before they were counted.
        task: what is predicted.
        metric: the dataset's own, where it has one: what a goal that names none is about.
        refused: metrics of this task that these data have no value of, each with the reason in a sentence.
        class_names: one a class, or none.
        vocabulary: token ids are below it; 0: the inputs are no tokens.
        notes: sentences that a reader of a claim on these data must know.
        provenance: origin, revision, checksums, licence; empty for what is made here or bundled.
    """

    key: str
    name: str
    title: str
    kind: Literal["image", "tabular", "text"]
    input_shape: list[int]
    classes: int
    sizes: dict[str, int]
    chance: float
    imbalance: float
    baselines: dict[str, dict[str, float]]
    duplicates_removed: int
    source_hash: str
    data_hash: str
    leakable: bool
    versions: dict[str, str]
    bayes_accuracy: float | None = None
    dataset: dict[str, Any] = field(default_factory=dict)
    overlap: dict[str, int] = field(default_factory=dict)
    task: TaskName = "classification"
    metric: str | None = None
    refused: dict[str, str] = field(default_factory=dict)
    class_names: list[str] = field(default_factory=list)
    vocabulary: int = 0
    notes: list[str] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)
