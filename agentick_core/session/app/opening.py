"""How the sessions of an app come to be: under a lease, from what is stored, with the consent of the host."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.session.app.host_hooks import HostHooks, asked, told
from agentick_core.session.app.resolve import set_aside
from agentick_core.session.app.watchers import Watchers
from agentick_core.session.keeping.fork import BeginFork, store_fork
from agentick_core.session.keeping.read_only import stored
from agentick_core.session.options import SessionOptions
from agentick_core.session.patience import in_time
from agentick_core.session.session import Session
from agentick_core.storage.store import LeasingStore

OutputT = TypeVar("OutputT")


@dataclass(frozen=True, slots=True)
class Found:
    """What is stored of a session, and what it is brought back from: None where that was refused."""

    stored: SessionSnapshot
    current: SessionSnapshot | None


class Opening(Generic[OutputT]):
    """Makes sessions, restores them, and lets go of their leases when they have closed."""

    def __init__(
        self,
        watchers: Watchers,
        begin_fork: "BeginFork[Session[OutputT]]",
        gone: Callable[[Session[Any]], None],
    ) -> None:
        self._watchers = watchers
        self._begin_fork = begin_fork
        self._gone = gone

    async def open(self, options: SessionOptions, fork: SessionSnapshot | None = None) -> Session[OutputT]:
        """Open a session: the fork, else the one that is stored, else a new one.

        Raises what the hooks of the host raise.
        """
        store = options.store
        leasing = store if isinstance(store, LeasingStore) and not options.read_only else None
        if leasing is not None:
            await leasing.acquire(options.id)
        try:
            if fork is None:
                session = await self._restored(options)
            else:
                forked: Session[OutputT] = Session(options, fork)
                await _store(forked, fork)
                session = await self._introduced(forked)
        # Whatever keeps it from opening, a cancellation too: a lease that nobody uses would lock everybody out.
        except BaseException:
            if leasing is not None:
                await _released(leasing, options.id)
            raise
        if not session.is_terminal:
            session.life.take_inbox()
        return session

    async def _restored(self, options: SessionOptions) -> Session[OutputT]:
        snapshot = await stored(options)
        if snapshot is None:
            return await self._introduced(Session(options))
        hooks = options.hooks
        found = Found(snapshot, await _asked(hooks, snapshot))
        if found.current is None:
            session: Session[OutputT] = Session(options)
            session.life.kept_apart_from(snapshot)
            return await self._introduced(session)
        shown = found.current if options.resolve is None else set_aside(found.current)
        session = Session(options, shown)
        session.life.restored_from(snapshot, found.current)
        if shown.open_execution is not None and not options.read_only:
            await session.life.recover(shown.open_execution)
        return await self._introduced(session, found)

    async def _introduced(self, session: Session[OutputT], found: Found | None = None) -> Session[OutputT]:
        session.life.begin_fork = self._begin_fork
        session.life.when_closed(self._closed)
        try:
            await self._watchers.tell_created(session)
            if not session.read_only:
                await session.life.runner.get_ready_early()
            if found is not None and found.current is not None:
                await _tell(session, found.stored, found.current)
                if found.stored.hibernated:
                    await session.life.woken()
        # Whatever the host raises: nobody gets this session, so that nobody else closes it.
        except BaseException:
            await session.close()
            raise
        return session

    async def _closed(self, session: Session[Any]) -> None:
        store = session.life.options.store
        try:
            if isinstance(store, LeasingStore) and not session.read_only:
                await _released(store, session.id)
        finally:
            self._gone(session)
            await self._watchers.tell_closed(session.id)


async def _released(store: LeasingStore, id: str) -> None:
    await in_time("The store's release()", partial(store.release, id))


async def _store(session: Session[Any], fork: SessionSnapshot) -> None:
    """Store what a fork begins with as the host wants it; where it refuses, the first send will ask again."""
    options = session.life.options
    answer = await asked("on_before_persist", options.hooks.on_before_persist, session, fork)
    if answer:
        await store_fork(options.store, answer)


async def _asked(hooks: HostHooks, snapshot: SessionSnapshot) -> SessionSnapshot | None:
    """Give what the session is brought back from, or None where the host refuses."""
    id, answer = snapshot.session_id, snapshot
    if snapshot.hibernated:
        answer = await asked("on_before_hydrate", hooks.on_before_hydrate, id, snapshot)
    if answer:
        answer = await asked("on_before_restore", hooks.on_before_restore, id, answer)
    return answer or None


async def _tell(session: Session[Any], stored: SessionSnapshot, current: SessionSnapshot) -> None:
    hooks = session.life.options.hooks
    await told(hooks.on_after_restore, session, current)
    if stored.hibernated:
        await told(hooks.on_after_hydrate, session, current)
