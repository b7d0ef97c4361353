"""The sessions of an app that are in memory: one object for an id, however many ask for it at once."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from agentick_core.clock import Clock
from agentick_core.errors import StateError
from agentick_core.procedures.futures import look_at
from agentick_core.session.app.eviction import Bounds, Eviction
from agentick_core.session.closing import close_all
from agentick_core.session.session import Session
from agentick_core.tree.element import Element

OutputT = TypeVar("OutputT")


class SessionRegistry(Generic[OutputT]):
    """The open sessions by id, those that are being opened, and with which wishes each was opened."""

    def __init__(self, bounds: Bounds, clock: Clock) -> None:
        self._sessions: dict[str, Session[OutputT]] = {}
        self.eviction = Eviction(bounds, clock, self._sessions)
        self._wishes: dict[str, Mapping[str, Any]] = {}
        self._opening: dict[str, asyncio.Task[Session[OutputT]]] = {}
        self._closed = False

    @property
    def sessions(self) -> Mapping[str, Session[OutputT]]:
        """The open sessions, to read."""
        return MappingProxyType(self._sessions)

    def get(self, id: str) -> Session[OutputT] | None:
        """Give the session if it is open."""
        return self._sessions.get(id)

    def wishes(self, id: str) -> Mapping[str, Any]:
        """Give the options with which a session was opened."""
        return self._wishes.get(id, {})

    def checked(self, session: Session[OutputT], wishes: Mapping[str, Any]) -> Session[OutputT]:
        """Give the session, which is what somebody wishes.

        Raises:
            StateError: it was opened with other options.
        """
        met = self._wishes.get(session.id, wishes)
        unmet = [name for name, value in wishes.items() if not _same(met.get(name), value)]
        if unmet:
            raise StateError(
                f"Session {session.id!r} is open already, with other options ({', '.join(unmet)})",
                hint="Options are settled when a session is opened; close it first.",
            )
        return session

    async def open(
        self,
        id: str,
        make: "Callable[[], Coroutine[Any, Any, Session[OutputT]]]",
        wishes: Mapping[str, Any],
    ) -> Session[OutputT]:
        """Give the open session of that id, or make it; whoever asks meanwhile waits for the same one.

        One that is just closing is waited for, and then made anew. Who stops waiting cancels nothing.
        """
        while (known := self._sessions.get(id)) is not None and known.is_terminal:
            if known.is_inside():
                raise StateError(
                    f"Session {id!r} is just being closed, and what asks for it is a part of that",
                    hint="Open it again from elsewhere, when it has closed.",
                )
            await known.wait_closed()
        if known is not None:
            self.eviction.touch(id)
            return known
        opening = self._opening.get(id)
        if opening is None:
            opening = asyncio.create_task(self._opened(id, make, wishes))
            opening.add_done_callback(look_at)
            self._opening[id] = opening
        _check_outside(id, opening)
        return await asyncio.shield(opening)

    async def settled(self, id: str) -> Session[OutputT] | None:
        """Give the session if it is open, or once it is."""
        if (opening := self._opening.get(id)) is not None:
            _check_outside(id, opening)
            await asyncio.wait((opening,))
        return self._sessions.get(id)

    async def close(self) -> None:
        """Close every session, and stop what is being opened; one that fails keeps no other from being closed."""
        self._closed = True
        await self.eviction.stop()
        opening = tuple(self._opening.values())
        for each in opening:
            each.cancel()
        if opening:
            await asyncio.wait(opening)
        await close_all(self._sessions.values())

    def forget(self, session: Session[Any]) -> None:
        """Let go of a session that is closed."""
        if self._sessions.get(session.id) is session:
            del self._sessions[session.id]
            del self._wishes[session.id]
            self.eviction.forget(session.id)

    async def _opened(
        self,
        id: str,
        make: "Callable[[], Coroutine[Any, Any, Session[OutputT]]]",
        wishes: Mapping[str, Any],
    ) -> Session[OutputT]:
        try:
            session = await make()
            if session.is_terminal:
                # Somebody who was told of it has closed it already.
                return session
            self._sessions[id], self._wishes[id] = session, wishes
            self.eviction.watch(session)
        except asyncio.CancelledError as error:
            if not self._closed:
                raise
            # Whoever asked for it was not cancelled.
            raise StateError(
                "The app is closed", hint=f"It was closed while session {id!r} was being opened."
            ) from error
        finally:
            del self._opening[id]
        await self.eviction.sweep()
        await self.eviction.make_room()
        return session


def _check_outside(id: str, opening: "asyncio.Task[Any]") -> None:
    if opening is asyncio.current_task():
        raise StateError(
            f"Session {id!r} is just being opened, by what asks for it",
            hint="A hook or callback of its opening gets the session itself, or its snapshot.",
        )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Element) and isinstance(other, Element):
        return (one.component, one.args, one.kwargs) == (other.component, other.args, other.kwargs)
    return one == other
