"""How a session works through its inbox: in order, each message until it is answered or given up."""

import asyncio
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Any

from agentick_core.errors import AgentickError, StateError
from agentick_core.inbox.message import InboxInput, InboxMessage
from agentick_core.messages.message import Message
from agentick_core.procedures.ambient import Ambient, entered
from agentick_core.wire.values import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentick_core.inbox.storage import InboxStorage
    from agentick_core.session.core import SessionCore
    from agentick_core.session.input import MessageLike
    from agentick_core.session.session import Session

MOST_TRIES = 5
FIRST_DELAY = 0.5
"""Seconds before the second try; each further delay is twice as long."""


_ANSWERS = frozenset(("assistant", "tool"))


class SessionInbox:
    """Sends and dispatches what waits for a session, one after the other.

    A message is done when the execution that took it has ended well. One that fails is tried again later, and
    those behind it wait; after five tries it is a dead letter, and they go on. What was accepted already, before
    a crash or by an execution that was stopped, is not sent again: the session goes on from it.
    """

    def __init__(self, session: "Session[Any]", core: "SessionCore", storage: "InboxStorage") -> None:
        self._session = session
        self._core = core
        self._storage = storage
        self._again = self._at_once = False
        self._work: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unsubscribe = storage.subscribe(session.id, self.wake)
        self.wake()

    def wake(self) -> None:
        """Look what waits, soon."""
        if self._core.closed:
            return
        self._again = True
        if self._work is None or self._work.done():
            # Nobody asked for it just now, so it has the context in which the session was made.
            with entered(Ambient()):
                self._work = asyncio.create_task(self._drain(), name=f"inbox of {self._core.options.id}")

    async def drain(self) -> None:
        """Try what waits now, also what was put off; return when nothing more can be done at once."""
        self._at_once = True
        self.wake()
        if self._work is not None:
            await asyncio.wait((self._work,))

    def stop(self) -> None:
        """Take nothing more; what waits goes on waiting."""
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        if self._work is not None:
            self._work.cancel()

    async def _drain(self) -> None:
        try:
            while self._again and not self._core.closed:
                self._again = False
                at_once, self._at_once = self._at_once, False
                for message in await self._storage.pending(self._core.options.id):
                    if not (self._is_due(message) or at_once) or not await self._settled(message):
                        break
        # The storage is somebody else's code, or the disk fails: it is told, and tried again later.
        except Exception as error:
            self._core.report_error(error, "inbox")
            self._wake_in(FIRST_DELAY * 2**MOST_TRIES)

    def _is_due(self, message: InboxMessage) -> bool:
        wait = message.due_at - self._core.clock.now()
        if wait > 0:
            self._wake_in(wait)
        return wait <= 0

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._core.closed:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _settled(self, message: InboxMessage) -> bool:
        """Try a message once; tell whether it waits no more."""
        try:
            await self._take(message)
        # Whatever went wrong is kept with the message, and shown; the next try may go well.
        except Exception as error:
            return not self._core.closed and await self._failed(message, error)
        await self._storage.mark_done(message.id)
        return True

    async def _take(self, message: InboxMessage) -> None:
        payload = message.payload
        if not isinstance(payload, Message):
            await self._session.dispatch(payload["tool"], payload.get("input"))
            return
        if not self._is_answered(message.id):
            said = Message(payload.role, payload.content, message.id, payload.metadata)
            known = self._is_accepted(message.id)
            await (self._session.render({}) if known else self._session.send(said)).result
            if self._waits(message.id):
                raise StateError("The execution ended before it took the message")

    async def _failed(self, message: InboxMessage, error: Exception) -> bool:
        self._core.report_error(error, "inbox")
        why = error.message if isinstance(error, AgentickError) else str(error) or type(error).__name__
        if message.tries + 1 >= MOST_TRIES:
            await self._storage.bury(message.id, why)
            return True
        delay = FIRST_DELAY * 2**message.tries
        await self._storage.put_off(message.id, why, self._core.clock.now() + delay)
        self._wake_in(delay)
        return False

    def _waits(self, id: str) -> bool:
        return any(item.message.id == id for item in self._core.queue.items)

    def _is_accepted(self, id: str) -> bool:
        return self._waits(id) or any(entry.message.id == id for entry in self._core.timeline.log)

    def _is_answered(self, id: str) -> bool:
        """Tell whether an earlier process, or an earlier try, has come to the end of an answer."""
        log = self._core.timeline.log
        place = next((index for index, entry in enumerate(log) if entry.message.id == id), None)
        if place is None:
            return False
        after = dropwhile(lambda entry: entry.message.role not in _ANSWERS, log[place:])
        last = next(reversed([*takewhile(lambda entry: entry.message.role in _ANSWERS, after)]), None)
        if last is None or last.message.role != "assistant":
            return False
        return not last.message.tool_uses and "interrupted" not in last.tags


async def notify_parent(core: "SessionCore", given: "str | MessageLike | InboxInput") -> str:
    """Write into the inbox of the session's parent, open or not; give the message's id.

    Raises:
        StateError: the session has no parent, or its app has no inbox.
    """
    parent, storage = core.origin.parent_session_id, core.options.inbox
    if parent is None:
        raise StateError("The session has no parentSessionId", hint="Only a child can notify its parent.")
    if storage is None:
        raise StateError("inbox storage unavailable", hint="Give the app one: create_app(inbox=...).")
    read: Mapping[str, Any]
    read = given if is_object(given) and "payload" in given else {"payload": given}
    return await storage.write(parent, {"source": core.options.id, **read})
