"""Stores for the tests of sessions: one that can do little, one that takes its time, one that fails when told to."""

import asyncio
from collections.abc import Sequence

from agentick_core.errors import StorageError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.journal import EntriesCommitted, JournalRecord
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore


class PlainStore:
    """A store that can do no more than every store must."""

    def __init__(self) -> None:
        self.saved: dict[str, SessionSnapshot] = {}

    async def load(self, session_id: str) -> SessionSnapshot | None:
        return self.saved.get(session_id)

    async def save(self, snapshot: SessionSnapshot) -> None:
        self.saved[snapshot.session_id] = snapshot

    async def delete(self, session_id: str) -> None:
        self.saved.pop(session_id, None)


class SlowStore(MemoryStore):
    """A store that takes a few turns of the event loop for each write, counts them, and knows what it has written."""

    def __init__(self) -> None:
        super().__init__()
        self.appends = self.saves = 0
        self.batches: list[list[str]] = []
        self.entries: set[str] = set()

    async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
        self.appends += 1
        await turns(5)
        await super().append(session_id, records)
        self.batches.append([type(record).__name__ for record in records])
        for record in records:
            if isinstance(record, EntriesCommitted):
                self.entries |= {entry.id for entry in record.entries}

    async def save(self, snapshot: SessionSnapshot) -> None:
        self.saves += 1
        await turns(5)
        await super().save(snapshot)
        self.entries |= {entry.id for entry in snapshot.timeline}


async def turns(count: int) -> None:
    """Let the event loop turn."""
    for _ in range(count):
        await asyncio.sleep(0)


class BrokenStore(MemoryStore):
    """A store whose disk is full as long as `broken` says so."""

    broken = False

    async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
        if self.broken:
            raise StorageError("disk full")
        await super().append(session_id, records)

    async def save(self, snapshot: SessionSnapshot) -> None:
        if self.broken:
            raise StorageError("disk full")
        await super().save(snapshot)


async def loaded(store: SessionStore, id: str = "s") -> SessionSnapshot:
    """Give what is stored of a session."""
    snapshot = await store.load(id)
    assert snapshot is not None
    return snapshot
