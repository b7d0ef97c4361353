"""What comes for an app from outside: for which session it is, and when it is worked through."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from agentick_core.clock import Clock
from agentick_core.errors import ValidationError
from agentick_core.events.orchestration import ToolConfirmationRequired
from agentick_core.inbox.memory import MemoryInbox
from agentick_core.inbox.message import read_input
from agentick_core.inbox.storage import InboxStorage

if TYPE_CHECKING:
    from agentick_core.events.union import StreamEvent
    from agentick_core.inbox.message import InboxInput
    from agentick_core.session.session import Session
    from agentick_core.storage.store import SessionStore

InboxLike: TypeAlias = str | PathLike[str] | InboxStorage | None
MOST_AT_ONCE = 16
"""How many sessions are worked through at the same time; those that wait for a person do not count."""

SessionResolver: TypeAlias = Callable[[Mapping[str, Any]], str | Awaitable[str | None] | None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message went: the session whose inbox it is in, and its id there."""

    session_id: str
    message_id: str


def inbox_from(given: InboxLike, store: "SessionStore | None", clock: Clock) -> InboxStorage:
    """Give the inbox: the one that is given, or one in the file of that path; None is in the SQLite file of the
    sessions, where they are in one, else in memory.

    Raises:
        ValidationError: it is none of these.
    """
    if isinstance(given, InboxStorage):
        return given
    if given is None:
        return _beside(store, clock)
    file = cast("object", fspath(given) if isinstance(given, PathLike) else given)
    if not isinstance(file, str):
        raise ValidationError(
            f"Invalid inbox {given!r}", hint="Give a path, or an object that can do what InboxStorage says."
        )
    from agentick_core.inbox.sqlite import SqliteInbox

    return SqliteInbox(file, clock=clock)


def _beside(store: "SessionStore | None", clock: Clock) -> InboxStorage:
    if store is None:
        return MemoryInbox(clock=clock)
    from agentick_core.inbox.sqlite import SqliteInbox
    from agentick_core.storage.sqlite import SqliteStore

    # Another store may call anything its database.
    return (
        SqliteInbox(store.database, clock=clock)
        if isinstance(store, SqliteStore)
        else MemoryInbox(clock=clock)
    )


class Deliveries:
    """The inbox of an app; `resolver` says for which session a message is, None for a new one."""

    def __init__(self, storage: InboxStorage, resolver: SessionResolver | None, clock: Clock) -> None:
        self.storage = storage
        self._resolver = resolver
        self._clock = clock

    async def receive(
        self, to: "str | InboxInput | Mapping[str, Any]", message: "InboxInput | Mapping[str, Any] | None"
    ) -> Delivery:
        """Write a message into the inbox of the session it is for."""
        if isinstance(to, str):
            if message is None:
                raise ValidationError(
                    "receive() was given an id and no message", hint="Call receive(id, message)."
                )
            return Delivery(to, await self.storage.write(to, message))
        # What is no message is refused before anybody is asked for whom it is.
        read_input("", to, self._clock)
        session_id = await self._resolved(to) or self._clock.new_id()
        return Delivery(session_id, await self.storage.write(session_id, to))

    async def process(self, opened: "Callable[[str], Awaitable[Session[Any]]]") -> Mapping[str, Exception]:
        """Open each session for which something waits, and work through it; give what kept one from opening."""
        failed: dict[str, Exception] = {}
        room = asyncio.Semaphore(MOST_AT_ONCE)

        async def work(id: str) -> None:
            try:
                with ExitStack() as place:
                    await room.acquire()
                    place.callback(room.release)
                    await _drain(await opened(id), place)
            # One session that cannot be opened keeps no other from its messages; the caller gets the error.
            except Exception as error:
                failed[id] = error

        await asyncio.gather(*(work(id) for id in await self.storage.sessions_with_pending()))
        return failed

    async def drop(self, session_id: str) -> None:
        """Forget what waits for a session."""
        for message in await self.storage.pending(session_id):
            await self.storage.mark_done(message.id)

    async def aclose(self) -> None:
        """Close the inbox."""
        close = getattr(self.storage, "aclose", None)
        if close is not None:
            await close()

    async def _resolved(self, message: Mapping[str, Any]) -> str | None:
        if self._resolver is None:
            return None
        found = cast("Any", self._resolver(message))
        found = await found if inspect.isawaitable(found) else found
        if found is not None and not isinstance(found, str):
            raise ValidationError(
                f"The session resolver gave {found!r}", hint="It gives an id, or None for a new session."
            )
        return found


async def _drain(session: "Session[Any]", place: ExitStack) -> None:
    """Work through an inbox; a session that waits for a person, who may never come, gives up its place."""

    def heard(event: "StreamEvent") -> None:
        if isinstance(event, ToolConfirmationRequired):
            place.close()

    place.callback(session.on("event", heard))
    if _waits_for_a_person(session):
        place.close()
    await session.drain_inbox()


def _waits_for_a_person(session: "Session[Any]") -> bool:
    asks = session.is_busy and bool(session.inspect().pending_confirmations)
    return asks or any(_waits_for_a_person(child) for child in session.children)
