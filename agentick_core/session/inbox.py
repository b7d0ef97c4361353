"""How a session works through its inbox: in order, each message until it is answered or given up."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from agentick_core.errors import AbortError, AgentickError, StateError
from agentick_core.events.orchestration import ExecutionEnd
from agentick_core.inbox.message import InboxInput, InboxMessage, read_input
from agentick_core.messages.message import Message
from agentick_core.procedures.ambient import Ambient, entered
from agentick_core.session.patience import in_time
from agentick_core.wire.values import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentick_core.events.union import StreamEvent
    from agentick_core.inbox.storage import InboxStorage
    from agentick_core.messages.timeline import TimelineEntry
    from agentick_core.session.core import SessionCore
    from agentick_core.session.execution.input import MessageLike
    from agentick_core.session.session import Session

MOST_TRIES = 5
FIRST_DELAY = 0.5
"""Seconds before the second try; each further delay is twice as long."""

STORAGE_DELAY = 16.0
"""Seconds before it is tried again where the inbox or the store cannot be read or written."""

CLAIM_DELAY = 2.0
"""Seconds before it is looked again whether who works through the same inbox is gone."""

SECONDS_TO_NOTE = 1.0
"""How long a session that closes waits for what was done to be noted as done."""

_ANSWERS = frozenset(("assistant", "tool"))


class SessionInbox:
    """Sends and dispatches what waits for a session, one after the other.

    A message is done when the execution that took it has ended well, and its answer is stored. One that fails is
    tried again later, and those behind it wait; after five tries it is a dead letter, and they go on. One whose
    answer somebody stopped has not failed: it waits until it is asked for, or the session is opened again, and those
    behind it go on. What was accepted already, before a crash or by an execution that was stopped, is not sent
    again: the session goes on from it, unless it has been answered since. A dispatch that a crash cut off is made
    again, and one that fails is tried again, whatever it failed of.
    """

    def __init__(self, session: "Session[Any]", core: "SessionCore", storage: "InboxStorage") -> None:
        self._session = session
        self._core = core
        self._storage = storage
        self._again = self._at_once = self._resting = False
        self._work: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._claimant = core.clock.new_id()
        self._taken: str | None = None
        self._interrupted: set[str] = set()
        core.emitter.sinks.append(self._heard)
        self._unsubscribe = storage.subscribe(session.id, self.wake)
        self.wake()

    @property
    def works(self) -> bool:
        """Whether it is working through the inbox, or looking what there is."""
        return self._work is not None and not self._work.done()

    @property
    def _stopped(self) -> bool:
        return self._resting or self._core.closed

    def wake(self) -> None:
        """Look what waits, soon."""
        if self._stopped:
            return
        self._again = True
        if not self.works:
            # Nobody asked for it just now, so it has the context in which the session was made.
            with entered(Ambient()):
                self._work = asyncio.create_task(self._drain(), name=f"inbox of {self._core.options.id}")
            self._work.add_done_callback(self._rests)

    async def drain(self) -> None:
        """Try what waits now, also what was put off; return when nothing more can be done at once.

        Called from inside the session it does not wait: what it waited for might be the caller.
        """
        self._at_once = True
        self.wake()
        if self._work is not None and not self._session.is_inside():
            await asyncio.wait((self._work,))

    @contextmanager
    def at_rest(self) -> Generator[None]:
        """Take nothing while the block runs; what is stopped meanwhile has not failed."""
        self._resting = True
        try:
            yield
        finally:
            self._resting = False
            self.wake()

    async def close(self) -> None:
        """Take nothing more, what waits goes on waiting; what was done just now is still noted as done."""
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        if self._work is not None:
            _, deaf = await asyncio.wait((self._work,), timeout=SECONDS_TO_NOTE)
            for work in deaf:
                work.cancel()
                await asyncio.wait((work,))
        release = partial(self._storage.release, self._core.options.id, self._claimant)
        await in_time("The inbox's release()", release)

    def _rests(self, work: "asyncio.Task[None]") -> None:
        if not work.cancelled() and not self._stopped:
            self._core.life.became_idle()

    async def _drain(self) -> None:
        try:
            while self._again and not self._stopped:
                self._again = False
                at_once, self._at_once = self._at_once, False
                await self._pass(at_once)
        # The storage is somebody else's code, or the disk fails: it is told, and tried again later.
        except Exception as error:
            self._core.report_error(error, "inbox")
            self._wake_in(STORAGE_DELAY)

    def _heard(self, event: "StreamEvent") -> None:
        """Look whether what was stopped has been answered since."""
        if self._interrupted and isinstance(event, ExecutionEnd) and not event.spawn_path:
            self.wake()

    async def _pass(self, at_once: bool) -> None:
        id = self._core.options.id
        if at_once:
            self._interrupted.clear()
        waiting = await self._storage.pending(id)
        if waiting and not await self._storage.claim(id, self._claimant):
            self._wake_in(CLAIM_DELAY)
            return
        # What waited before the claim may have been done by another meanwhile.
        for message in await self._storage.pending(id) if waiting else ():
            if message.id in self._interrupted and not self._is_answered(message.id):
                continue
            if not (self._is_due(message) or at_once) or not await self._settled(message):
                return

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
        """Try a message once; tell whether those behind it are next."""
        if self._stopped:
            return False
        if message.id != self._taken:
            try:
                cut_short = await self._take(message)
            # Whatever went wrong is kept with the message, and shown; the next try may go well.
            except Exception as error:
                return not self._stopped and await self._failed(message, error)
            if cut_short:
                # Where the session rests or closes, nobody meant the message.
                if not self._stopped:
                    self._interrupted.add(message.id)
                return True
            self._interrupted.discard(message.id)
            self._taken = message.id
        # Where one of these fails, what was done is not done again in this process.
        await self._core.keeper.flush()
        await self._storage.mark_done(message.id)
        self._taken = None
        return True

    async def _take(self, message: InboxMessage) -> bool:
        """Have it answered, or its tool run; tell whether somebody stopped the answer."""
        payload = message.payload
        if not isinstance(payload, Message):
            await self._session.dispatch(payload["tool"], payload.get("input"))
            return False
        if self._is_answered(message.id):
            return False
        said = Message(payload.role, payload.content, message.id, payload.metadata)
        known = self._is_accepted(message.id)
        call = self._session.render({}) if known else self._session.send(said)
        try:
            await call.result
        except AbortError:
            # It may as well be the failure of a model, or of the call, which has no handle then and raises it again.
            if (await call).stopped:
                return True
            raise
        if self._waits(message.id):
            raise StateError("The execution ended before it took the message")
        return False

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
        """Tell whether a model has come to the end of an answer since: by an earlier try, or an earlier process."""
        log = self._core.timeline.log
        place = next((index for index, entry in enumerate(log) if entry.message.id == id), len(log))
        turns = groupby(log[place + 1 :], lambda entry: entry.message.role in _ANSWERS)
        return any(_is_whole([*entries][-1]) for answers, entries in turns if answers)


def _is_whole(entry: "TimelineEntry") -> bool:
    """Tell whether an entry ends an answer: a model gave it, nothing was cut off, and no tool is called."""
    message, tags = entry.message, entry.tags
    cut_off_or_written = "interrupted" in tags or "appended" in tags
    return message.role == "assistant" and not message.tool_uses and not cut_off_or_written


async def notify_parent(core: "SessionCore", given: "str | MessageLike | InboxInput") -> str:
    """Write into the inbox of the session's parent, open or not; give the message's id.

    A parent that has no inbox, since nobody can open it again, has what it is told at once; what it is to dispatch
    has run when this returns.

    Raises:
        StateError: the session has no parent, or its app has no inbox. What such a dispatch raises comes as it is.
    """
    parent_id, storage = core.origin.parent_session_id, core.options.inbox
    if parent_id is None:
        raise StateError("The session has no parentSessionId", hint="Only a child can notify its parent.")
    read: Mapping[str, Any]
    read = given if is_object(given) and "payload" in given else {"payload": given}
    message = {"source": core.options.id, **read}
    if storage is not None:
        return await storage.write(parent_id, message)
    parent = core.life.session.parent
    if parent is None:
        raise StateError("inbox storage unavailable", hint="Give the app one: create_app(inbox=...).")
    return await _tell(parent, read_input(parent_id, message, core.clock))


async def _tell(session: "Session[Any]", message: InboxMessage) -> str:
    payload = message.payload
    if isinstance(payload, Message):
        return (await session.queue(replace(payload, id=message.id))).id
    # Nobody would try it again: whoever tells has to know that it failed.
    await session.dispatch(payload["tool"], payload.get("input"))
    return message.id
