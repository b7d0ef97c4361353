"""Whether what a model gives can be kept: it is read as if it came from a file."""

from typing import TypeVar, get_args

from agentick_core.errors import StateError, WireError
from agentick_core.models.deltas import ModelDelta
from agentick_core.wire.shape import Shapes

DeltaT = TypeVar("DeltaT", bound=ModelDelta)
_SHAPES = Shapes({})
_KINDS = frozenset(get_args(ModelDelta))
_HINT = "An adapter gives the deltas of agentick_core.models.deltas, with plain JSON data in them."


def checked(delta: DeltaT) -> DeltaT:
    """Give the delta with its data copied. Raises StateError where a session could not store what it brings."""
    kind = type(delta)
    if kind not in _KINDS:
        raise StateError(f"The model gave {kind.__name__}, which is no delta", hint=_HINT)
    shape = _SHAPES.of(kind)
    try:
        return shape.decode(shape.encode(delta))
    except (WireError, TypeError, ValueError, AttributeError) as error:
        raise StateError(
            f"The model gave {kind.__name__} with what cannot be stored: {error}", hint=_HINT
        ) from error
