"""The protocol of stores, a store in memory, and one in SQLite with a journal. Names are loaded when first used."""

from typing import TYPE_CHECKING

from agentick_core.lazy import loaded_when_used

if TYPE_CHECKING:
    from agentick_core.messages.snapshot import SessionSnapshot as SessionSnapshot
    from agentick_core.storage.journal import JournalRecord as JournalRecord
    from agentick_core.storage.memory import MemoryStore as MemoryStore
    from agentick_core.storage.sqlite import SqliteStore as SqliteStore
    from agentick_core.storage.store import ClosingStore as ClosingStore
    from agentick_core.storage.store import ForkingStore as ForkingStore
    from agentick_core.storage.store import JournalStore as JournalStore
    from agentick_core.storage.store import LeasingStore as LeasingStore
    from agentick_core.storage.store import ListingStore as ListingStore
    from agentick_core.storage.store import PruningStore as PruningStore
    from agentick_core.storage.store import ReadableStore as ReadableStore
    from agentick_core.storage.store import SessionStore as SessionStore
    from agentick_core.storage.store import SessionSummary as SessionSummary

_HOMES = {
    "ClosingStore": "agentick_core.storage.store",
    "ForkingStore": "agentick_core.storage.store",
    "JournalRecord": "agentick_core.storage.journal",
    "JournalStore": "agentick_core.storage.store",
    "LeasingStore": "agentick_core.storage.store",
    "ListingStore": "agentick_core.storage.store",
    "MemoryStore": "agentick_core.storage.memory",
    "PruningStore": "agentick_core.storage.store",
    "ReadableStore": "agentick_core.storage.store",
    "SessionSnapshot": "agentick_core.messages.snapshot",
    "SessionStore": "agentick_core.storage.store",
    "SessionSummary": "agentick_core.storage.store",
    "SqliteStore": "agentick_core.storage.sqlite",
}

__all__ = [
    "ClosingStore",
    "ForkingStore",
    "JournalRecord",
    "JournalStore",
    "LeasingStore",
    "ListingStore",
    "MemoryStore",
    "PruningStore",
    "ReadableStore",
    "SessionSnapshot",
    "SessionStore",
    "SessionSummary",
    "SqliteStore",
]

__getattr__ = loaded_when_used(__name__, _HOMES)
