"""The callbacks that hooks register, and how one is called."""

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from agentick_core.procedures.sparing import sparing_the_caller
from agentick_core.tree.rendering import Place
from agentick_core.tree.slot import Slot

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber


class CallbackSlot(Slot):
    """A callback: always the latest closure, and the mark of the last occasion on which it was called."""

    __slots__ = ("callback", "mark")

    def __init__(self, fiber: "Fiber", kind: str, place: Place) -> None:
        super().__init__(fiber, kind, place)
        self.callback: Callable[..., Any] = _nothing
        self.mark: object = None


def _nothing() -> None:
    return None


async def call(callback: Callable[..., Any], event: object) -> Any:
    """Call with the event, or without where the callback takes nothing; await what has to be awaited.

    Raises:
        StateError: the callback was cancelled, and not because whoever called it was.
    """
    with sparing_the_caller("The callback"):
        given = callback(event) if takes_event(callback) else callback()
        return await given if inspect.isawaitable(given) else given


def takes_event(callback: Callable[..., Any]) -> bool:
    """Whether the callback has a positional parameter without a default, or takes any number."""
    return any(
        parameter.kind is parameter.VAR_POSITIONAL
        or (
            parameter.default is parameter.empty
            and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        )
        for parameter in inspect.signature(callback).parameters.values()
    )


def callbacks_of(fiber: "Fiber", kind: str) -> Iterator[CallbackSlot]:
    """Give the callbacks of one kind that a component has, in order."""
    for slot in fiber.slots:
        if slot.kind == kind and isinstance(slot, CallbackSlot):
            yield slot
