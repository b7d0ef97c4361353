"""A session that is read while another program writes it."""

from agentick_core.errors import NotFoundError, StateError
from agentick_core.events.orchestration import EntryCommitted
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.queue import MessageQueue
from agentick_core.session.options import SessionOptions
from agentick_core.storage.store import SessionStore, peeked


async def refresh(core: SessionCore) -> tuple[TimelineEntry, ...]:
    """Read what the writer has stored since, tell the new entries, and give them.

    Raises:
        StateError: the session is not open read-only.
        NotFoundError: the session was deleted.
    """
    store = core.options.store
    if not core.options.read_only or store is None:
        raise StateError(
            "Only a session that is open read-only is refreshed", hint="This one is up to date by itself."
        )
    snapshot = await peeked(store, core.options.id)
    if snapshot is None:
        raise _not_stored(core.options.id)
    if core.closed:
        return ()
    return _take_over(core, snapshot)


async def stored(options: SessionOptions) -> SessionSnapshot | None:
    """Give what is stored of a session that is opened, or None where it is new.

    Raises:
        NotFoundError: it is to be read only, and is not stored.
    """
    if not options.read_only:
        return (
            None if options.store is None else _checked(await options.store.load(options.id), options.store)
        )
    snapshot = None if options.store is None else await peeked(options.store, options.id)
    if snapshot is None:
        raise _not_stored(options.id)
    return snapshot


def _checked(loaded: object, store: SessionStore) -> SessionSnapshot | None:
    if loaded is not None and not isinstance(loaded, SessionSnapshot):
        raise StateError(
            f"{type(store).__name__}.load gave {type(loaded).__name__}, not a SessionSnapshot",
            hint="A store gives back what `save` was given, or None where nothing is stored.",
        )
    return loaded


def _not_stored(id: str) -> NotFoundError:
    return NotFoundError(
        f"No session {id!r} is stored", hint="A session can be read as soon as something was said in it."
    )


def _take_over(core: SessionCore, snapshot: SessionSnapshot) -> tuple[TimelineEntry, ...]:
    known = {entry.id for entry in core.timeline.log}
    log = snapshot.whole_log
    core.timeline.reload(log, snapshot.view)
    core.origin = snapshot
    core.queue = MessageQueue(snapshot.queued)
    core.usage, core.tick_count = snapshot.usage, snapshot.tick_count
    core.open_execution = snapshot.open_execution
    core.models.spec = snapshot.model
    for key in core.state.all().keys() - snapshot.com_state.keys():
        core.state.delete(key)
    for key, value in snapshot.com_state.items():
        if core.state.get(key) != value:
            core.state.set(key, value)
    fresh = [(index, entry) for index, entry in enumerate(log) if entry.id not in known]
    for index, entry in fresh:
        core.emitter.publish(EntryCommitted(**core.emitter.stamp(), entry=entry, timeline_index=index))
    return tuple(entry for _, entry in fresh)
