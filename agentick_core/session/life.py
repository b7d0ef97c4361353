"""The life of a session as others have a part in it: its runner, and the hooks of its host."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentick_core.errors import StateError
from agentick_core.events.union import StreamEvent
from agentick_core.messages.snapshot import OpenExecution, SessionSnapshot
from agentick_core.session.execution.sends import Sends
from agentick_core.session.keeping.persisting import offer
from agentick_core.session.keeping.recover import recover
from agentick_core.session.runner_life import RunnerLife

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore, Settling
    from agentick_core.session.keeping.fork import BeginFork
    from agentick_core.session.options import SessionOptions
    from agentick_core.session.session import Session


class Life:
    """The runner and the hooks of one session, and the session itself as they are shown it."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._session: Session[Any] | None = None
        self.runner = RunnerLife(core)
        self.sends = Sends(core)
        self.sleeping = asyncio.Lock()
        self.sleeper: asyncio.Task[Any] | None = None
        self.begin_fork: BeginFork[Session[Any]] | None = None
        self._after_close: Callable[[Session[Any]], Awaitable[None]] | None = None
        self._used: Callable[[], None] = _nothing
        self.became_idle: Callable[[], None] = _nothing

    @property
    def session(self) -> "Session[Any]":
        """The session."""
        assert self._session is not None
        return self._session

    @property
    def options(self) -> "SessionOptions":
        """What the session was made with."""
        return self._core.options

    @property
    def guards(self) -> bool:
        """Whether anybody has a say in what is stored."""
        return self._core.options.hooks.persist or self.runner.has_a_say_in_persists

    def begin(self, session: "Session[Any]", stored: SessionSnapshot | None) -> None:
        """Take the session, and what is stored of it."""
        self._session = session
        self.runner.belongs_to(session)
        if self.guards:
            self._core.keeper.guard(stored)

    def restored_from(self, stored: SessionSnapshot, current: SessionSnapshot) -> None:
        """Know what is stored of the session, and what it was brought back from, which may be another."""
        self.runner.came_from_store(current)
        if current.hibernated:
            current = replace(current, hibernated=False)
        if self.guards:
            self._core.keeper.guard(current)
        if current is not stored:
            self._core.keeper.renew()

    def kept_apart_from(self, stored: SessionSnapshot) -> None:
        """Store nothing: what is stored stays as it is until the session is adopted."""
        if self.guards:
            self._core.keeper.guard(stored)
        self._core.keeper.detach()

    async def store_no_more(self) -> None:
        """Store nothing of the session from now on, whatever is still to come of it."""
        self._core.keeper.detach()
        await self._core.keeper.drain()

    async def recover(self, cut_off: OpenExecution) -> None:
        """Mark the execution of an earlier process as interrupted, and keep what is known of it."""
        await recover(self._core, cut_off)

    async def woken(self) -> None:
        """Store that the session sleeps no more: others look there for it."""
        await self._core.keeper.drain()

    def take_inbox(self) -> None:
        """Take what is in the session's inbox from now on; one that stores nothing takes nothing."""
        core, inbox = self._core, self._core.options.inbox
        if inbox is None or core.options.read_only or core.keeper.apart or core.inbox is not None:
            return
        from agentick_core.session.inbox import SessionInbox

        core.inbox = SessionInbox(self.session, core, inbox)

    def listen(self, sink: Callable[[StreamEvent], object], settling: "Settling") -> None:
        """Let a parent hear every event, and the end before the result is given out."""
        self._core.emitter.sinks.append(sink)
        self._core.settling = settling

    def when_closed(self, callback: "Callable[[Session[Any]], Awaitable[None]]") -> None:
        """Call back once when the session is closed."""
        self._after_close = callback

    async def closed(self) -> None:
        """Tell that the session is closed."""
        if self._after_close is not None:
            await self._after_close(self.session)

    def watch(self, used: Callable[[], None], became_idle: Callable[[], None]) -> None:
        """Hear each use of the session, by an event or on a channel, and each time that it has nothing more to do."""

        def heard(_: StreamEvent) -> None:
            used()

        self._core.emitter.sinks.append(heard)
        self._used, self.became_idle = used, became_idle

    def used(self) -> None:
        """Tell whoever watches that the session is used."""
        self._used()

    async def adopt(self) -> None:
        """Store a session that was kept apart, in place of what is stored under its id.

        Raises:
            StateError: it is stored already, or there is no store.
            StorageError: it could not be written.
        """
        keeper = self._core.keeper
        if not keeper.apart:
            raise StateError(
                "Only a session whose restore was refused can be adopted",
                hint="This one is stored by itself, where there is a store.",
            )
        keeper.attach()
        proposal = keeper.proposed()
        snapshot = await self.runner.persisted(proposal.snapshot)
        if await offer(self._core, proposal, snapshot) is None:
            keeper.detach()
            return
        await keeper.flush()
        self.take_inbox()


def _nothing() -> None:
    """Do nothing."""
