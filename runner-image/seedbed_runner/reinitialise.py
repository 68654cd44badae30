"""A fresh model for each seed from what the caller of the evaluator has: a function, layers, an instance.

One model object that is trained seed after seed measures nothing: the second seed starts where the first one
ended. So an instance is only a pattern here: each seed gets a copy of it as it was given, with every layer
initialised anew, or the caller is told why that can't be done.
"""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from seedbed_runner.contract.layers import LayerError
from seedbed_runner.errors import BadInput
from seedbed_runner.models import build_model

ModelOrFactory = nn.Module | Callable[..., nn.Module] | Mapping[str, Any]


def model_builder(
    model_or_factory: ModelOrFactory, input_shape: Sequence[int], classes: int, vocabulary: int = 0
) -> Callable[[], nn.Module]:
    """A function that builds a model with fresh weights from torch's random state.

    Args:
        model_or_factory: a function of no arguments or of (input_shape, num_classes) that returns a module; a
            module class that needs no arguments; `{"layers": [...]}` or `{"torchvision": {...}}`; or a module
            instance, whose layers are initialised anew by their own `reset_parameters`.
        input_shape: of one input, without the batch.
        classes: how many logits the model must give.
        vocabulary: inputs are token ids below it; 0: they are numbers.

    Raises:
        BadInput: it is none of these, or an instance that can't be initialised anew.
    """
    if isinstance(model_or_factory, Mapping):
        specification = dict(model_or_factory)
        try:
            build_model(specification, input_shape, classes, vocabulary)
        except LayerError as error:
            raise BadInput(str(error)) from error
        return lambda: build_model(specification, input_shape, classes, vocabulary)
    if isinstance(model_or_factory, nn.Module):
        return _from_instance(model_or_factory)
    if callable(model_or_factory):
        return _from_factory(model_or_factory, tuple(input_shape), classes)
    raise BadInput(
        f"the model is a {type(model_or_factory).__name__}: give an nn.Module, a function that returns one, "
        'or {"layers": [...]}'
    )


def _from_factory(
    factory: Callable[..., nn.Module], shape: tuple[int, ...], classes: int
) -> Callable[[], nn.Module]:
    required = [
        parameter
        for parameter in inspect.signature(factory).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    name = getattr(factory, "__name__", repr(factory))
    if len(required) not in (0, 2):
        raise BadInput(
            f"{name} needs {len(required)} arguments: it may take none, or (input_shape, num_classes)"
        )
    arguments = (shape, classes) if required else ()
    last: list[nn.Module] = []

    def build() -> nn.Module:
        model = factory(*arguments)
        if not isinstance(model, nn.Module):
            raise BadInput(f"{name} returned a {type(model).__name__}, not an nn.Module")
        if last and model is last[0]:
            raise BadInput(f"{name} returned the same module twice: it must build a new one at each call")
        last[:] = [model]
        return model

    return build


def _from_instance(pattern: nn.Module) -> Callable[[], nn.Module]:
    """Copies of an instance with every layer initialised anew; the instance itself is left alone."""
    pattern = copy.deepcopy(pattern)
    stubborn = [
        f"{path or type(module).__name__} ({type(module).__name__})"
        for path, module in pattern.named_modules()
        if _owns_state(module) and _reset_of(module) is None
    ]
    if stubborn:
        raise BadInput(
            f"the model instance can't be initialised anew for each seed: {', '.join(stubborn)} holds "
            "parameters but has no reset_parameters(); give a function instead, such as `lambda: MyModel()`"
        )

    def build() -> nn.Module:
        model = copy.deepcopy(pattern)
        for module in model.modules():
            reset = _reset_of(module)
            if reset is not None and _owns_state(module):
                reset()
        return model

    return build


def _owns_state(module: nn.Module) -> bool:
    """Whether a module has parameters or buffers of its own, its children's apart."""
    own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    return bool(own)


def _reset_of(module: nn.Module) -> Callable[[], None] | None:
    """The method by which a module initialises itself anew; torch has two names for it."""
    for name in ("reset_parameters", "_reset_parameters"):
        reset: Callable[[], None] | None = getattr(module, name, None)
        if callable(reset):
            return reset
    return None
