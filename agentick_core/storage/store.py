"""The protocol of session stores: what every store can do, and what some can do besides."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from agentick_core.errors import SessionInUseError, ValidationError
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.snapshot import ForkPoint, SessionSnapshot
from agentick_core.storage.journal import JournalRecord

PREVIEW_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """What a list of sessions shows of one: `preview` is the beginning of the first text the user said,
    `entries` the length of the log; times are in seconds since 1970."""

    session_id: str
    created_at: float = 0.0
    updated_at: float = 0.0
    entries: int = 0
    preview: str = ""
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    parent_session_id: str | None = None
    forked_from: ForkPoint | None = None


def check_not_negative(name: str, value: float) -> None:
    """Make sure that a limit does not delete by mistake.

    Raises:
        ValidationError: it is negative.
    """
    if value < 0:
        raise ValidationError(f"{name} must be 0 or more, got {value}")


def check_unused(session_id: str, in_use: Container[str]) -> None:
    """Make sure that nobody writes the session through this store: two writers would write over each other.

    Raises:
        SessionInUseError: somebody does.
    """
    if session_id in in_use:
        raise SessionInUseError(
            f"Session {session_id!r} is open already, by another app on the same store",
            hint="Use it there, or close it there first.",
        )


def preview_of(messages: Iterable[Message]) -> str:
    """Give the beginning of the first text that the user said, on one line."""
    for message in messages:
        if message.role == "user" and (words := message.text[: 2 * PREVIEW_LENGTH].split()):
            return " ".join(words)[:PREVIEW_LENGTH]
    return ""


@runtime_checkable
class SessionStore(Protocol):
    """The least a store must do. What is read is a copy: changing it changes nothing that is stored."""

    async def load(self, session_id: str) -> SessionSnapshot | None:
        """Give the session as it was last written, or None where there is none; it counts as used now."""
        ...

    async def save(self, snapshot: SessionSnapshot) -> None:
        """Make this what is stored of the session, its journal included."""
        ...

    async def delete(self, session_id: str) -> None:
        """Forget the session; one that is not there is no error."""
        ...


@runtime_checkable
class ListingStore(SessionStore, Protocol):
    """A store that can tell what it holds."""

    async def list(self) -> Sequence[SessionSummary]:
        """Give a summary of every session, the one used last first."""
        ...

    async def has(self, session_id: str) -> bool:
        """Tell whether the session is stored."""
        ...


@runtime_checkable
class ReadableStore(SessionStore, Protocol):
    """A store that can be read without leaving a trace."""

    async def peek(self, session_id: str) -> SessionSnapshot | None:
        """Give the session as it was last written, or None; nothing is written, and it does not count as used."""
        ...


async def peeked(store: SessionStore, session_id: str) -> SessionSnapshot | None:
    """Read a session, without leaving a trace where the store can do that."""
    return await (store.peek if isinstance(store, ReadableStore) else store.load)(session_id)


@runtime_checkable
class PruningStore(SessionStore, Protocol):
    """A store that can be kept small. A session that is open somewhere is never deleted by it."""

    async def count(self) -> int:
        """Give how many sessions are stored."""
        ...

    async def delete_older_than(self, seconds: float) -> int:
        """Delete the sessions that were not used for longer; give how many.

        Raises:
            ValidationError: the time is negative.
        """
        ...

    async def enforce_max_count(self, count: int) -> int:
        """Delete the sessions used least recently until no more than this are left; give how many.

        Raises:
            ValidationError: the count is negative.
        """
        ...


@runtime_checkable
class JournalStore(SessionStore, Protocol):
    """A store that keeps what happens as it happens, between one save and the next."""

    async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
        """Write the records, all or none; when this returns they survive a crash. A session that is not
        there yet begins with them."""
        ...

    async def discard(self, session_id: str) -> None:
        """Drop what was appended since the last save: what was stored before stays, which is nothing for a
        session that was never saved."""
        ...

    async def flush(self) -> None:
        """Wait until everything asked for so far is written."""
        ...


@runtime_checkable
class ForkingStore(SessionStore, Protocol):
    """A store that can keep what two sessions have in common once."""

    async def fork(self, source_id: str, snapshot: SessionSnapshot) -> None:
        """Make this what is stored of a new session. Where its log begins as that of the source does, it refers
        to it; deleting or changing the source later changes nothing in the new one."""
        ...


@runtime_checkable
class LeasingStore(SessionStore, Protocol):
    """A store that several processes share: one writer per session.

    Take the lease before loading. A writer that lost its lease (it was suspended, say, and another took over)
    gets `SessionInUseError` from its next write.
    """

    async def acquire(self, session_id: str) -> None:
        """Become the session's writer.

        Raises:
            SessionInUseError: somebody writes it already, here or in another process.
        """
        ...

    async def release(self, session_id: str) -> None:
        """Stop being the session's writer."""
        ...


@runtime_checkable
class ClosingStore(SessionStore, Protocol):
    """A store that holds something open."""

    async def aclose(self) -> None:
        """Write what is left and close; the next call opens it again."""
        ...
