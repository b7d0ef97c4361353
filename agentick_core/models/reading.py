"""One event of a provider's stream, read with care: the SDKs check nothing of what a server sends."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from agentick_core.models.deltas import ModelDelta
from agentick_core.models.failures import Endpoint, cut_off

_TEXTS = ("text", "id", "name", "json_text")


def understood(
    endpoint: Endpoint, read: Callable[[Any], Iterable[ModelDelta]], event: object
) -> tuple[ModelDelta, ...]:
    """Give what the event says; one that is not of the protocol cuts the answer off."""
    try:
        deltas = tuple(read(event))
        fits = all(isinstance(getattr(delta, name, ""), str) for delta in deltas for name in _TEXTS)
    except (AttributeError, TypeError, ValueError, ArithmeticError, LookupError):
        fits, deltas = False, ()
    if not fits:
        raise cut_off(endpoint, "the server sent an event that is not of the protocol.")
    return deltas


def count_of(value: object) -> int:
    """Read a number of tokens; anything else is 0."""
    if isinstance(value, float):
        return int(value) if isfinite(value) else 0
    return value if isinstance(value, int) else 0
