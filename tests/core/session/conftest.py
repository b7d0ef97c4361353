"""What the tests of sessions are given."""

from pathlib import Path

import pytest

from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import SessionStore
from tests.core.session.stores import PlainStore


@pytest.fixture(params=["sqlite", "memory", "plain"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SessionStore:
    """Each kind of store."""
    match request.param:
        case "sqlite":
            return SqliteStore(tmp_path / "sessions.db")
        case "memory":
            return MemoryStore()
        case _:
            return PlainStore()
