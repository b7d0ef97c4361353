"""Putting a session to sleep: stored as it is, out of memory, and woken when somebody asks for it."""

import asyncio
from collections.abc import Container
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentick_core.errors import StateError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.session.app.host_hooks import asked, told
from agentick_core.session.core import SessionCore
from agentick_core.session.keeping.persisting import offer
from agentick_core.storage.store import ListingStore, SessionStore, peeked

if TYPE_CHECKING:
    from agentick_core.session.session import Session

REASON = "The session hibernates"


async def hibernate(core: SessionCore, session: "Session[Any]") -> SessionSnapshot | None:
    """Stop what runs, store the session and close it; give what was stored.

    None where it is closed already, or where a hook of the host refused: then it stays open.

    Raises:
        StateError: it is asked for from inside the session, which would wait for itself.
        StorageError: it could not be stored, and stays open.
    """
    if core.closed:
        return None
    if session.is_inside() or core.life.sleeper is asyncio.current_task():
        raise StateError(
            "A session cannot hibernate from inside", hint="Do it from outside, when the execution has ended."
        )
    async with core.life.sleeping:
        core.life.sleeper = asyncio.current_task()
        try:
            return None if core.closed else await _put_to_sleep(core, session)
        finally:
            core.life.sleeper = None


async def _put_to_sleep(core: SessionCore, session: "Session[Any]") -> SessionSnapshot | None:
    with nullcontext() if core.inbox is None else core.inbox.at_rest():
        kept = None
        # What is sent while the hooks are asked, or it is written, belongs to what is stored.
        while kept is None or session.execution is not None:
            while session.execution is not None:
                session.interrupt(reason=REASON)
                await session.ended()
            kept = await (_stored(core, session) if core.keeper.stores else _allowed(core, session))
            if kept is None:
                return None
        await session.close()
    await told(core.options.hooks.on_after_hibernate, session.id, kept)
    return kept


async def is_hibernated(store: SessionStore | None, opened: Container[str], id: str) -> bool:
    """Tell whether a session that is not open was put to sleep."""
    if store is None or id in opened:
        return False
    snapshot = await peeked(store, id)
    return snapshot is not None and snapshot.hibernated


async def hibernated_sessions(store: SessionStore | None, opened: Container[str]) -> tuple[str, ...]:
    """Give the ids of the sessions that sleep; each that is stored is read for it."""
    if not isinstance(store, ListingStore):
        return ()
    ids = [summary.session_id for summary in await store.list()]
    return tuple([id for id in ids if await is_hibernated(store, opened, id)])


async def _allowed(core: SessionCore, session: "Session[Any]") -> SessionSnapshot | None:
    hook = core.options.hooks.on_before_hibernate
    return await asked("on_before_hibernate", hook, session, core.snapshot()) or None


async def _stored(core: SessionCore, session: "Session[Any]") -> SessionSnapshot | None:
    keeper, kept = core.keeper, None
    if not core.life.guards:
        keeper.guard(core.snapshot())
    try:
        kept = await _approved(core, session)
        if kept is not None:
            await keeper.flush()
    finally:
        if not core.life.guards and (kept is None or keeper.error is not None):
            # It stays awake, and nobody has a say in what is stored of it.
            keeper.unguard()
    return kept


async def _approved(core: SessionCore, session: "Session[Any]") -> SessionSnapshot | None:
    keeper, hook = core.keeper, core.options.hooks.on_before_hibernate
    proposal = keeper.proposed()
    answer = await asked("on_before_hibernate", hook, session, proposal.snapshot)
    if not answer:
        return None
    snapshot = await core.life.runner.persisted(replace(answer, hibernated=True))
    return await offer(core, proposal, snapshot)
