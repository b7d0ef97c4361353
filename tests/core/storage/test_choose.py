"""Which store `create_app(store=...)` gets."""

from pathlib import Path
from typing import Any

import pytest

from agentick_core.errors import ValidationError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.choose import store_from
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from tests.core.storage.samples import snapshot


class Shelf:
    """The least that is a store."""

    async def load(self, session_id: str) -> SessionSnapshot | None:
        return None

    async def save(self, snapshot: SessionSnapshot) -> None:
        pass

    async def delete(self, session_id: str) -> None:
        pass


async def test_a_path_or_a_mapping_gives_a_sqlite_store(tmp_path: Path) -> None:
    path = tmp_path / "a" / "s.db"
    for value in (str(path), path, {"type": "sqlite", "path": path}, {"type": "sqlite", "path": str(path)}):
        store = store_from(value)
        assert isinstance(store, SqliteStore)
        assert store.database.path == str(path)
    assert not path.exists()


async def test_a_mapping_may_name_the_table(tmp_path: Path) -> None:
    one = store_from({"type": "sqlite", "path": tmp_path / "s.db", "table": "mine"})
    other = store_from(tmp_path / "s.db")
    assert isinstance(one, SqliteStore)
    assert isinstance(other, SqliteStore)
    await one.save(snapshot())
    assert await one.has("s")
    assert not await other.has("s")
    await one.aclose()
    await other.aclose()


def test_a_store_is_taken_as_it_is_and_none_is_none() -> None:
    memory, shelf = MemoryStore(), Shelf()
    assert store_from(memory) is memory
    assert store_from(shelf) is shelf
    assert store_from(None) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        3,
        object(),
        {},
        {"type": "redis", "path": "x"},
        {"type": "sqlite"},
        {"type": "sqlite", "path": ""},
        {"type": "sqlite", "path": 3},
        {"type": "sqlite", "path": "x", "table": 3},
        {"type": "sqlite", "path": "x", "table": "sqlite_x"},
        {"type": "sqlite", "path": "x", "tabel": "y"},
    ],
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError) as failure:
        store_from(value)
    assert failure.value.hint
