"""The SQLite store: names, leases, what a save writes, what damage looks like."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agentick_core.errors import SessionInUseError, StoreDamagedError, StoreVersionError, ValidationError
from agentick_core.storage import leases
from agentick_core.storage.journal import EntriesCommitted, MessageAccepted, PartialText, StateChanged
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import ClosingStore, LeasingStore
from tests.core.storage.samples import SetClock, entries, entry, snapshot, waiting


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.db"


@pytest.fixture
async def store(path: Path, clock: SetClock) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(path, clock=clock)
    yield opened
    await opened.aclose()


@pytest.fixture
async def other(path: Path, clock: SetClock) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(path, clock=clock)
    yield opened
    await opened.aclose()


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


async def written(store: SqliteStore) -> int:
    """Give how many rows the store's connection has changed so far."""
    return await store.database.read(lambda connection: connection.total_changes)


async def test_everything_is_there_for_the_next_process(store: SqliteStore, other: SqliteStore) -> None:
    await store.save(snapshot(entries(3)))
    await store.append("s", [MessageAccepted(waiting("q"))])
    assert await other.load("s") == snapshot(entries(3), queued=(waiting("q"),))
    assert isinstance(store, LeasingStore)
    assert isinstance(store, ClosingStore)


@pytest.mark.parametrize("table", ['x"; DROP TABLE y; --', "a b", "select", "é'"])
async def test_a_table_may_have_any_name(path: Path, table: str) -> None:
    store = SqliteStore(path, table=table)
    await store.save(snapshot(entries(2)))
    await store.append("s", [EntriesCommitted((entry(2),)), StateChanged({"a": 1})])
    await store.acquire("s")
    assert await store.load("s") == snapshot(entries(3), com_state={"a": 1})
    assert len(await store.list()) == 1
    await store.aclose()


@pytest.mark.parametrize("table", ["", "sqlite_mine", "a\0b"])
def test_a_name_that_sqlite_keeps_for_itself_is_refused(path: Path, table: str) -> None:
    with pytest.raises(ValidationError):
        SqliteStore(path, table=table)


async def test_ids_that_sqlite_cannot_take_are_refused(store: SqliteStore) -> None:
    with pytest.raises(ValidationError, match="not text that can be stored"):
        await store.load("\ud800")


async def test_any_text_is_kept_as_it_is(store: SqliteStore) -> None:
    text = "\ud800\0\x9b🐝" + "é" * 199
    await store.save(snapshot((entry(0, text),)))
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.timeline[0].message.text == text
    assert (await store.list())[0].preview.startswith("?")


@pytest.mark.parametrize("leased", [True, False])
async def test_a_save_writes_only_the_entries_that_differ(store: SqliteStore, leased: bool) -> None:
    if leased:
        await store.acquire("s")
    log = entries(300)
    await store.save(snapshot(log))
    await store.append("s", [EntriesCommitted((entry(300),))])
    before = await written(store)
    await store.save(snapshot((*log, entry(300), entry(301))))
    assert await written(store) - before < 12
    changed = list(entries(302))
    changed[5] = replace(changed[5], metadata={"redacted": True})
    before = await written(store)
    await store.save(snapshot(changed))
    assert await written(store) - before < 12
    assert await store.load("s") == snapshot(changed)


async def test_a_save_finds_what_another_store_wrote_meanwhile(
    store: SqliteStore, other: SqliteStore
) -> None:
    await store.save(snapshot(entries(3)))
    await store.acquire("s")
    await store.load("s")
    await store.append("s", [EntriesCommitted((entry(3),))])
    await store.release("s")
    await other.append("s", [EntriesCommitted((entry(40), entry(50)))])
    await store.save(snapshot(entries(4)))
    assert await other.load("s") == snapshot(entries(4))


async def test_streamed_text_takes_one_row_however_often_it_grows(store: SqliteStore, path: Path) -> None:
    for length in range(20):
        await store.append("s", [PartialText("x", "a" * length)])
    await store.flush()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions_journal").fetchone() == (1,)


async def test_a_second_writer_is_refused_and_told_who_writes(store: SqliteStore, other: SqliteStore) -> None:
    await store.acquire("s")
    await store.save(snapshot())
    with pytest.raises(SessionInUseError) as failure:
        await other.acquire("s")
    assert f"process {os.getpid()}" in failure.value.message
    assert ", since 19" in failure.value.message
    assert (failure.value.details["pid"], failure.value.details["since"]) == (os.getpid(), 1000.0)
    assert all(way in failure.value.hint for way in ("read-only", "fork", "close it there"))
    for write in (
        other.append("s", [StateChanged({"a": 1})]),
        other.save(snapshot(entries(1))),
        other.delete("s"),
        other.discard("s"),
    ):
        with pytest.raises(SessionInUseError):
            await write
    assert await other.load("s") == snapshot()
    await other.acquire("another")


async def test_a_released_session_can_be_written_by_another(store: SqliteStore, other: SqliteStore) -> None:
    await store.acquire("s")
    await store.release("s")
    await other.acquire("s")
    await store.release("s")
    with pytest.raises(SessionInUseError):
        await store.acquire("s")


async def test_a_closed_store_holds_no_session(store: SqliteStore, other: SqliteStore) -> None:
    await store.acquire("s")
    await store.aclose()
    await other.acquire("s")
    with pytest.raises(SessionInUseError):
        await store.acquire("s")


async def test_a_writer_that_is_silent_for_long_loses_the_session(
    store: SqliteStore, other: SqliteStore, clock: SetClock
) -> None:
    await store.acquire("s")
    clock.at += leases.STALE_SECONDS + 0.1
    await other.acquire("s")
    with pytest.raises(SessionInUseError):
        await store.append("s", [StateChanged({"a": 1})])
    await other.release("s")
    with pytest.raises(SessionInUseError, match="taken over by another program"):
        await store.append("s", [StateChanged({"a": 1})])


async def test_a_writer_that_was_silent_and_not_replaced_goes_on(store: SqliteStore, clock: SetClock) -> None:
    await store.acquire("s")
    clock.at += 1000
    await store.append("s", [StateChanged({"a": 1})])
    stored = await store.load("s")
    assert stored is not None
    assert stored.com_state == {"a": 1}


async def test_the_session_of_a_process_that_is_gone_is_free_at_once(
    store: SqliteStore, other: SqliteStore, path: Path
) -> None:
    await store.acquire("s")
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    change(path, f"UPDATE sessions_leases SET pid = {gone.pid}")
    await other.acquire("s")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT pid FROM sessions_leases").fetchall() == [(os.getpid(),)]


async def test_a_writer_shows_that_it_is_alive(
    store: SqliteStore, other: SqliteStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentick_core.storage.sqlite.HEARTBEAT_SECONDS", 0)
    await store.acquire("s")
    clock.at += 1000

    def heartbeat(connection: sqlite3.Connection) -> float:
        return connection.execute("SELECT heartbeat FROM sessions_leases").fetchone()[0]

    async with asyncio.timeout(5):
        while await store.database.read(heartbeat) != clock.at:
            pass
    with pytest.raises(SessionInUseError):
        await other.acquire("s")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE sessions_entries SET body = '{' WHERE position = 1",
        "UPDATE sessions_entries SET body = '{}' WHERE position = 1",
        "UPDATE sessions_snapshots SET body = '[1]' WHERE session = 1",
        "DELETE FROM sessions_snapshots WHERE session = 1",
        "DELETE FROM sessions_entries WHERE position = 3",
        "INSERT INTO sessions_journal (session, kind, body) VALUES (1, 'Dance', '{}')",
        "UPDATE sessions SET metadata = 'x' WHERE key = 1",
    ],
)
async def test_a_damaged_session_is_refused_and_the_others_stay(
    store: SqliteStore, path: Path, damage: str
) -> None:
    await store.save(snapshot(entries(3)))
    await store.append("s", [EntriesCommitted((entry(3),))])
    await store.save(snapshot(entries(1), "other"))
    change(path, damage)
    with pytest.raises(StoreDamagedError) as failure:
        await store.load("s")
        await store.list()
    assert str(path) in failure.value.message
    assert "move the file away" in failure.value.hint
    assert await store.load("other") == snapshot(entries(1), "other")


@pytest.mark.parametrize(
    "newer", ["PRAGMA user_version = 99", "UPDATE agentick_schemas SET version = 99 WHERE name LIKE 'sess%'"]
)
@pytest.mark.parametrize("killed", [True, False])
async def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(
    store: SqliteStore, path: Path, tmp_path: Path, newer: str, killed: bool
) -> None:
    await store.save(snapshot(entries(3)))
    await store.database.write(lambda connection: connection.execute(newer))
    if not killed:
        await store.aclose()
    folder = tmp_path / "copy"
    folder.mkdir()
    for part in path.parent.glob("s.db*"):
        if not part.name.endswith("-shm"):
            shutil.copy(part, folder)
    before = {part.name: part.read_bytes() for part in folder.iterdir()}
    refused = SqliteStore(folder / "s.db")
    for use in (refused.load("s"), refused.save(snapshot()), refused.acquire("s"), refused.list()):
        with pytest.raises(StoreVersionError, match="version 99, this one knows") as failure:
            await use
        assert "Update agentick" in failure.value.hint
    await refused.aclose()
    after = {part.name: part.read_bytes() for part in folder.iterdir() if not part.name.endswith("-shm")}
    assert after == before


OLDER = """
ALTER TABLE sessions DROP COLUMN updated_at;
ALTER TABLE sessions ADD COLUMN touched REAL;
UPDATE sessions SET touched = 777;
"""


async def test_a_store_of_an_older_version_is_backed_up_and_brought_up_to_date(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older version is made up: its sessions say `touched` where they now say `updated_at`."""
    await store.save(snapshot(entries(3)))
    await store.append("s", [MessageAccepted(waiting("q"))])
    await store.aclose()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLDER)
    before = path.read_bytes()

    def rename(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE sessions RENAME COLUMN touched TO updated_at")

    plain = SqliteStore(path)
    (schema,) = plain.database._schemas  # pyright: ignore[reportPrivateUsage]  # one version more
    newer = replace(schema, steps=(*schema.steps, rename))
    monkeypatch.setattr(plain.database, "_schemas", [newer])
    (listed,) = await plain.list()
    assert listed.updated_at == 777
    assert await plain.load("s") == snapshot(entries(3), queued=(waiting("q"),))
    await plain.save(snapshot(entries(4)))
    await plain.aclose()
    backup = path.with_name(f"s.db.version-{len(schema.steps)}")
    assert sorted(part.name for part in path.parent.iterdir()) == ["s.db", backup.name]
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT touched, entries FROM sessions").fetchall() == [(777, 3)]
    assert len(before) == backup.stat().st_size
    with pytest.raises(StoreVersionError):
        await store.load("s")


async def test_an_application_keeps_its_own_tables_in_the_same_file(store: SqliteStore) -> None:
    from agentick_core.storage.database import Schema

    def create(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE drafts (text TEXT)")

    store.database.add(Schema("chat", (create,)))
    await store.database.write(lambda connection: connection.execute("INSERT INTO drafts VALUES ('hi')"))
    await store.save(snapshot())
    rows = await store.database.read(lambda connection: connection.execute("SELECT * FROM drafts").fetchall())
    assert rows == [("hi",)]
