"""An inbox in memory, gone with the program."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentick_core.clock import Clock, SystemClock
from agentick_core.inbox.listeners import Listeners
from agentick_core.inbox.message import InboxInput, InboxMessage, no_letter, read_input


class MemoryInbox:
    """Messages for sessions, kept while the program runs."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._kept: dict[str, InboxMessage] = {}
        self._dead: set[str] = set()
        self._claims: dict[str, str] = {}
        self._listeners = Listeners()

    async def write(self, session_id: str, message: InboxInput | Mapping[str, Any]) -> str:
        """Keep a message, tell whoever listens for the session, and give its id."""
        read = read_input(session_id, message, self._clock)
        if read.id not in self._kept:
            self._kept[read.id] = read
            self._listeners.tell(session_id)
        return read.id

    async def pending(self, session_id: str) -> Sequence[InboxMessage]:
        """Give what waits for the session, the oldest first."""
        return [each for each in self._waiting() if each.session_id == session_id]

    async def mark_done(self, id: str) -> None:
        """Forget a message that was answered."""
        if id not in self._dead:
            self._kept.pop(id, None)

    async def put_off(self, id: str, error: str, due_at: float) -> None:
        """Note that a try failed, and when the next is due."""
        self._tried(id, error, due_at=due_at)

    async def bury(self, id: str, error: str) -> None:
        """Make it a dead letter."""
        if self._tried(id, error):
            self._dead.add(id)

    async def dead_letters(self) -> Sequence[InboxMessage]:
        """Give the messages that were given up, the oldest first."""
        return [each for each in self._kept.values() if each.id in self._dead]

    async def revive(self, id: str) -> None:
        """Let a dead letter wait again, behind all others.

        Raises:
            NotFoundError: no dead letter has this id.
        """
        if id not in self._dead:
            raise no_letter(id)
        self._dead.remove(id)
        self._kept[id] = known = replace(self._kept.pop(id), tries=0, due_at=0.0, error="")
        self._listeners.tell(known.session_id)

    async def claim(self, session_id: str, by: str) -> bool:
        """Become the one who works through what waits for the session; tell whether that is so."""
        return self._claims.setdefault(session_id, by) == by

    async def release(self, session_id: str, by: str) -> None:
        """Let others work through it."""
        if self._claims.get(session_id) == by:
            del self._claims[session_id]

    async def sessions_with_pending(self) -> Sequence[str]:
        """Give the ids of the sessions for which something waits."""
        return list(dict.fromkeys(each.session_id for each in self._waiting()))

    async def size(self) -> int:
        """Count what waits."""
        return len(self._waiting())

    async def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._dead.clear()

    def subscribe(self, session_id: str, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back whenever something came for the session; give the way to stop."""
        return self._listeners.add(session_id, callback)

    def _waiting(self) -> list[InboxMessage]:
        return [each for each in self._kept.values() if each.id not in self._dead]

    def _tried(self, id: str, error: str, **changes: Any) -> bool:
        known = self._kept.get(id)
        if known is None or id in self._dead:
            return False
        self._kept[id] = replace(known, tries=known.tries + 1, error=error, **changes)
        return True
