"""A store in memory: for tests, and for sessions that need not outlive the program."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agentick_core.clock import Clock, SystemClock
from agentick_core.errors import ValidationError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.journal import JournalRecord, SessionOpened, StateChanged, replay
from agentick_core.storage.store import SessionSummary, check_not_negative, check_unused, preview_of
from agentick_core.wire.values import plain


@dataclass(slots=True)
class _Kept:
    """One session: its last save, None where there was none yet, and what came after."""

    saved: SessionSnapshot | None
    updated_at: float
    journal: list[JournalRecord] = field(default_factory=list[JournalRecord])


class MemoryStore:
    """Sessions in memory. With a `max_size` the one that was used least recently goes when another is added, but
    none that is open; saving one that is there already drops none."""

    def __init__(self, max_size: int | None = None, *, clock: Clock | None = None) -> None:
        if max_size is not None and max_size < 1:
            raise ValidationError(f"max_size must be at least 1, got {max_size}")
        self._max_size = max_size
        self._clock = clock or SystemClock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._in_use: set[str] = set()

    async def load(self, session_id: str) -> SessionSnapshot | None:
        """Give the session as it was last written, or None where there is none."""
        kept = self._kept.get(session_id)
        if kept is None:
            return None
        kept.updated_at = self._clock.now()
        self._kept.move_to_end(session_id)
        return _copied(_current(session_id, kept))

    async def peek(self, session_id: str) -> SessionSnapshot | None:
        """Give the session as it was last written, or None; it does not count as used."""
        kept = self._kept.get(session_id)
        return None if kept is None else _copied(_current(session_id, kept))

    async def save(self, snapshot: SessionSnapshot) -> None:
        """Make this what is stored of the session."""
        self._keep(snapshot.session_id, _Kept(_copied(snapshot), self._clock.now()))

    async def delete(self, session_id: str) -> None:
        """Forget the session."""
        self._kept.pop(session_id, None)

    async def list(self) -> Sequence[SessionSummary]:
        """Give a summary of every session, the one used last first."""
        return [
            _summary(_current(session_id, kept), kept) for session_id, kept in reversed(self._kept.items())
        ]

    async def has(self, session_id: str) -> bool:
        """Tell whether the session is stored."""
        return session_id in self._kept

    async def count(self) -> int:
        """Give how many sessions are stored."""
        return len(self._kept)

    async def delete_older_than(self, seconds: float) -> int:
        """Delete the sessions that were not used for longer, but for open ones; give how many."""
        check_not_negative("seconds", seconds)
        oldest = self._clock.now() - seconds
        return self._drop([name for name in self._unused() if self._kept[name].updated_at < oldest])

    async def enforce_max_count(self, count: int) -> int:
        """Delete the sessions used least recently, but for open ones, until this many are left; give how many."""
        check_not_negative("count", count)
        return self._drop(self._unused()[: max(0, len(self._kept) - count)])

    async def acquire(self, session_id: str) -> None:
        """Keep the session, whatever its age, until it is released.

        Raises:
            SessionInUseError: somebody writes it already.
        """
        check_unused(session_id, self._in_use)
        self._in_use.add(session_id)

    async def release(self, session_id: str) -> None:
        """Let the session go when others need the room."""
        self._in_use.discard(session_id)

    async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
        """Keep the records."""
        copies = [_own(record) for record in records]
        kept = self._kept.get(session_id) or _Kept(None, 0.0)
        kept.journal.extend(copies)
        kept.updated_at = self._clock.now()
        self._keep(session_id, kept)

    async def discard(self, session_id: str) -> None:
        """Drop what was appended since the last save."""
        kept = self._kept.get(session_id)
        if kept is None:
            return
        kept.journal.clear()
        if kept.saved is None:
            del self._kept[session_id]

    async def flush(self) -> None:
        """Nothing is ever on its way."""

    def _keep(self, session_id: str, kept: _Kept) -> None:
        self._kept[session_id] = kept
        self._kept.move_to_end(session_id)
        if self._max_size is not None:
            over = max(0, len(self._kept) - self._max_size)
            self._drop([name for name in self._unused() if name != session_id][:over])

    def _unused(self) -> "list[str]":
        """Give the sessions that are not open, the one used least recently first."""
        return [name for name in self._kept if name not in self._in_use]

    def _drop(self, names: Sequence[str]) -> int:
        for name in names:
            del self._kept[name]
        return len(names)


def _current(session_id: str, kept: _Kept) -> SessionSnapshot:
    base = kept.saved or SessionSnapshot(session_id=session_id)
    return replay(base, kept.journal) if kept.journal else base


def _copied(snapshot: SessionSnapshot) -> SessionSnapshot:
    """Copy what can be changed in place; the rest is frozen. What is not JSON is refused as on disk."""
    copies = {
        name: plain(getattr(snapshot, name)) for name in ("com_state", "data_cache", "metadata", "extra")
    }
    return replace(snapshot, **copies)


def _own(record: JournalRecord) -> JournalRecord:
    match record:
        case StateChanged(values, deleted):
            return StateChanged(plain(values), deleted)
        case SessionOpened(metadata=metadata):
            return replace(record, metadata=plain(metadata))
        case _:
            return record


def _summary(snapshot: SessionSnapshot, kept: _Kept) -> SessionSummary:
    log, queued = snapshot.whole_log, (waiting.message for waiting in snapshot.queued)
    return SessionSummary(
        session_id=snapshot.session_id,
        created_at=snapshot.created_at,
        updated_at=kept.updated_at,
        entries=len(log),
        preview=preview_of([*(entry.message for entry in log), *queued]),
        metadata=snapshot.metadata,
        parent_session_id=snapshot.parent_session_id,
        forked_from=snapshot.forked_from,
    )
