"""Data from outside, fetched between renders: `use_data` and `use_invalidate_data`."""

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from agentick_core.errors import ValidationError
from agentick_core.tree.data import Pending, there
from agentick_core.tree.slot import MISSING, Slot, claim

if TYPE_CHECKING:
    from agentick_core.tree.fiber import Fiber

T = TypeVar("T")


@overload
def use_data(
    key: str, fetch: Callable[[], Awaitable[T]], deps: tuple[object, ...] = (), *, persist: bool = True
) -> T: ...
@overload
def use_data(
    key: str, fetch: Callable[[], T], deps: tuple[object, ...] = (), *, persist: bool = True
) -> T: ...
def use_data(
    key: str, fetch: Callable[[], Any], deps: tuple[object, ...] = (), *, persist: bool = True
) -> Any:
    """Give what `fetch` gives, which is awaited between renders; all that a body asks for is fetched together.

    It is fetched once for the key, and again when a dependency is another than before, or when it is
    invalidated. It is stored with the session, so it must be JSON then, unless `persist=False`. As long as it
    is not there the body stops where it looks at it, and runs again later. A failure is raised here, and
    fetched again in the next execution.
    """
    slot = claim("use_data", Slot)
    if not callable(fetch):
        raise ValidationError(
            f'use_data("{key}") takes a function that fetches, not {fetch!r}',
            hint=f'Write use_data("{key}", lambda: fetch(...), deps): it is called when it is needed.',
        )
    there(deps)
    scope = slot.fiber.scope
    value = scope.data.get(key, fetch, deps, persist=persist, tick=scope.tick.tick)
    if type(value) is Pending:
        scope.rendering.waits = True
    return value


class InvalidateData:
    """Forgets data, so that it is fetched again: the key itself, or all that match a pattern."""

    __slots__ = ("_fiber",)

    def __init__(self, fiber: "Fiber") -> None:
        self._fiber = fiber

    def __call__(self, key: str | re.Pattern[str]) -> None:
        scope = self._fiber.scope
        scope.check_thread("Data")
        matches = key.search if isinstance(key, re.Pattern) else key.__eq__
        if scope.data.invalidate(lambda each: bool(matches(each))):
            scope.request_render(f"data {key if isinstance(key, str) else key.pattern} was invalidated")


def use_invalidate_data() -> InvalidateData:
    """Give the function that forgets data by its key, or all whose keys a compiled pattern is found in."""
    slot = claim("use_invalidate_data", Slot)
    if slot.value is MISSING:
        slot.value = InvalidateData(slot.fiber)
    return slot.value
