"""A listener that hears one event only, and can still be found by the function that was given."""

from collections.abc import Callable, Iterable
from typing import Any


class Once:
    """Stops itself before it hears."""

    __slots__ = ("listener", "stop")

    def __init__(self, listener: Callable[[Any], object]) -> None:
        self.listener = listener
        self.stop: Callable[[], None] = _nothing

    def __call__(self, event: Any) -> object:
        self.stop()
        return self.listener(event)


def registered(
    listeners: Iterable[Callable[[Any], object]], wanted: Callable[[Any], object]
) -> Callable[[Any], object] | None:
    """Find a listener as it is registered; None where it is not."""
    for each in listeners:
        if wanted in (each, each.listener if isinstance(each, Once) else each):
            return each
    return None


def _nothing() -> None:
    """Do nothing."""
