"""The ambient context: what everything that runs below a call may know without being told."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from agentick_core.messages.blocks import no_metadata
from agentick_core.procedures.token import CancelToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambient:
    """Who asks, for what, and where in the run this is.

    `trace` is told of the procedures that are called, and `pid` is the id of the innermost one that is told of.
    `inside` lists the executions, dispatches and closings that wait for this code, outermost first; `fiber` is the
    component that renders now, `tracking` who observes the signals that are read now; `rendering` is the session
    whose tree is not whole before this code has ended, `telling` the one whose message callbacks this code is.
    """

    user: Any = None
    trace_id: str | None = None
    request_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    session_id: str | None = None
    execution_id: str | None = None
    parent_execution_id: str | None = None
    inside: tuple[str, ...] = ()
    call_id: str | None = None
    token: CancelToken | None = None
    trace: Callable[[Any], object] | None = None
    pid: str | None = None
    fiber: object | None = None
    tracking: object | None = None
    rendering: str | None = None
    telling: str | None = None


_EMPTY = Ambient()
_ambient: ContextVar[Ambient] = ContextVar("agentick")


def current() -> Ambient:
    """Give the ambient context; an empty one where nothing was set."""
    return _ambient.get(_EMPTY)


@contextmanager
def entered(ambient: Ambient) -> Generator[None]:
    """Make this the ambient context for the block."""
    token = _ambient.set(ambient)
    try:
        yield
    finally:
        _ambient.reset(token)


def waited_for_by(what: str) -> AbstractContextManager[None]:
    """Note for the block that this waits for all that is called in it, so that nothing there waits for this."""
    ambient = current()
    return entered(replace(ambient, inside=(*ambient.inside, what)))


def merged(base: Ambient, **values: Any) -> Ambient:
    """Lay values over a context: the fields by their names, metadata key by key, anything else into metadata."""
    fields = {name: values.pop(name) for name in tuple(values) if name in _FIELDS}
    metadata = {**base.metadata, **values, **fields.pop("metadata", {})}
    return replace(base, **fields, metadata=metadata)


def laid_over(base: Ambient, over: Ambient) -> Ambient:
    """Lay one context over another: what the upper one says wins, metadata key by key."""
    said = {name: value for name in _FIELDS if (value := getattr(over, name)) is not None}
    said["metadata"] = {**base.metadata, **over.metadata}
    return replace(base, **said)


_FIELDS = frozenset(Ambient.__dataclass_fields__)
