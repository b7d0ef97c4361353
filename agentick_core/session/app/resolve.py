"""What an app makes of a stored session by itself, in place of having it brought back as it was."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from agentick_core.errors import ValidationError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.tools.approve import resolved
from agentick_core.wire.values import is_object

NOTHING_RESOLVED: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ResolveContext:
    """What is resolved: a stored session."""

    session_id: str
    snapshot: SessionSnapshot


Resolved: TypeAlias = Mapping[str, Any]
Resolve: TypeAlias = Callable[[ResolveContext], Awaitable[Resolved] | Resolved] | Mapping[str, Any]
"""A function of the context that gives a mapping, or a mapping of values and of functions of the context."""


def set_aside(snapshot: SessionSnapshot) -> SessionSnapshot:
    """Give a stored session with nothing of it applied: its log stays, and none of it is shown."""
    return replace(snapshot.showing(snapshot.whole_log, ()), com_state={}, data_cache={})


async def resolve_all(resolve: Resolve, snapshot: SessionSnapshot) -> Mapping[str, Any]:
    """Resolve everything.

    Raises:
        ValidationError: a function raised, or gave no mapping; the message names the key.
    """
    context = ResolveContext(snapshot.session_id, snapshot)
    if is_object(resolve):
        values = {key: await _value(f'resolve["{key}"]', each, context) for key, each in resolve.items()}
        return MappingProxyType(values)
    values = await _value("resolve function", resolve, context)
    if not is_object(values):
        raise ValidationError(f"resolve function failed: it gave a {type(values).__name__}, not a mapping")
    return MappingProxyType(dict(values))


async def _value(what: str, value: object, context: ResolveContext) -> Any:
    if not callable(value):
        return value
    try:
        return await resolved(value(context))
    # The app's own code: its failure is told with the name it was given.
    except Exception as error:
        raise ValidationError(f"{what} failed: {error}", code="RESOLVE_FAILED") from error
