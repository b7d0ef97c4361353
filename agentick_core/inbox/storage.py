"""The protocol of inboxes: where messages for sessions wait until they are answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from agentick_core.inbox.message import InboxInput, InboxMessage


@runtime_checkable
class InboxStorage(Protocol):
    """Keeps messages for sessions. What is read is a copy: changing it changes nothing that is kept.

    All but `subscribe` is async, since a file is read and written on a thread of its own.
    """

    async def write(self, session_id: str, message: InboxInput | Mapping[str, Any]) -> str:
        """Keep a message, tell whoever listens for the session, and give its id; it is durable when this returns.

        One whose id waits already, or was given up, is not kept again. A listener that raises harms nobody.

        Raises:
            ValidationError: it is neither a message nor a tool to run.
        """
        ...

    async def pending(self, session_id: str) -> Sequence[InboxMessage]:
        """Give what waits for the session, the oldest first."""
        ...

    async def mark_done(self, id: str) -> None:
        """Forget a message that was answered; one that is not there is no error."""
        ...

    async def put_off(self, id: str, error: str, due_at: float) -> None:
        """Note that a try failed, and when the next is due, in seconds since 1970."""
        ...

    async def bury(self, id: str, error: str) -> None:
        """Make it a dead letter: it waits no more, and is kept to be looked at."""
        ...

    async def dead_letters(self) -> Sequence[InboxMessage]:
        """Give the messages that were given up, the oldest first."""
        ...

    async def revive(self, id: str) -> None:
        """Let a dead letter wait again, behind all others, as if it had never been tried.

        Raises:
            NotFoundError: no dead letter has this id.
        """
        ...

    async def claim(self, session_id: str, by: str) -> bool:
        """Become the one who works through what waits for the session; tell whether that is so.

        `by` is the claimant's own id. A claim ends when it is released, or with the program that made it.
        """
        ...

    async def release(self, session_id: str, by: str) -> None:
        """Let others work through it; no error where somebody else does."""
        ...

    async def sessions_with_pending(self) -> Sequence[str]:
        """Give the ids of the sessions for which something waits."""
        ...

    async def size(self) -> int:
        """Count what waits, for every session."""
        ...

    async def clear(self) -> None:
        """Forget everything, the dead letters too."""
        ...

    def subscribe(self, session_id: str, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back whenever something came for the session; give the way to stop."""
        ...
