"""A fork: a new session that begins with the history of another, up to an entry, and goes its own way from there."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from agentick_core.errors import SessionClosedError, StateError
from agentick_core.events.orchestration import ForkEnd, ForkStart
from agentick_core.messages.snapshot import ForkPoint, SessionSnapshot
from agentick_core.messages.usage import NO_USAGE
from agentick_core.session.core import SessionCore
from agentick_core.session.options import SessionOptions
from agentick_core.storage.store import ForkingStore, SessionStore, peeked
from agentick_core.tools.confirm import ALLOW_KEY
from agentick_core.wire.values import plain

if TYPE_CHECKING:
    from agentick_core.session.session import Session

SessionT = TypeVar("SessionT", bound="Session[Any]")
BeginFork: TypeAlias = Callable[[SessionOptions, SessionSnapshot], Awaitable[SessionT]]


def fork_session(
    core: SessionCore, begin: BeginFork[SessionT] | None, at: str | None, id: str | None
) -> Coroutine[Any, Any, SessionT]:
    """Take what the fork begins with now, and make the fork when awaited.

    Raises:
        StateError: the session is closed, or is one that no app keeps.
        NotFoundError: the session shows no entry `at`.
    """
    core.home.check()
    if core.closed:
        raise SessionClosedError
    if begin is None:
        raise StateError(
            "Only a session that its app keeps can be forked",
            hint="Fork the session that was opened with app.session(...).",
        )
    fork_id = id or core.clock.new_id()
    snapshot = _beginning(core, at, fork_id)
    options = replace(
        core.options,
        id=fork_id,
        root=core.root,
        metadata=snapshot.metadata,
        read_only=False,
        recording="none",
        tapes=(),
    )
    return _forked(core, lambda: begin(options, snapshot), fork_id)


async def _forked(core: SessionCore, begin: Callable[[], Awaitable[SessionT]], fork_id: str) -> SessionT:
    emitter, name = core.emitter, core.clock.new_id()
    emitter.publish(ForkStart(**emitter.stamp(), fork_id=name, child_session_id=fork_id))
    # What the fork refers to is stored first.
    await core.keeper.drain()
    session = await begin()
    if core.models.given is not None:
        session.set_model(core.models.given)
    emitter.publish(ForkEnd(**emitter.stamp(), fork_id=name, child_session_id=fork_id))
    return session


async def store_fork(store: SessionStore | None, snapshot: SessionSnapshot) -> None:
    """Store what a fork begins with, sharing the history where the store can.

    Raises:
        StateError: a session of that id is stored already.
    """
    origin = snapshot.forked_from
    if store is None or origin is None:
        return
    if await peeked(store, snapshot.session_id) is not None:
        raise taken(snapshot.session_id)
    if isinstance(store, ForkingStore):
        await store.fork(origin.session_id, snapshot)
    else:
        await store.save(snapshot)


def taken(id: str) -> StateError:
    """Make the error for a fork whose id another session has."""
    return StateError(f"There is a session {id!r} already", hint="Give the fork another id, or none.")


def _beginning(core: SessionCore, at: str | None, fork_id: str) -> SessionSnapshot:
    """Give what the fork begins with: the history as it is shown, up to and with an entry and what belongs to
    it; the state as it is now but for the approvals. What waits or runs stays with the session."""
    stored = core.snapshot()
    log, view = core.timeline.up_to(at)
    last = (log[-1].id if log else None) if view is None else (view[-1] if view else None)
    state = {key: value for key, value in stored.com_state.items() if key != ALLOW_KEY}
    return replace(
        stored.showing(log, view),
        session_id=fork_id,
        tick=1,
        tick_count=0,
        queued=(),
        open_execution=None,
        com_state=plain(state),
        data_cache=plain(stored.data_cache),
        metadata=plain(stored.metadata),
        extra=plain(stored.extra),
        usage=NO_USAGE,
        created_at=core.clock.now(),
        parent_session_id=None,
        forked_from=ForkPoint(core.options.id, last),
    )
