"""One SQLite file: its tables, its order of writes, its failures."""

import asyncio
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentick_core.errors import StorageError, StoreDamagedError, StoreFullError, StoreVersionError
from agentick_core.storage.connection import Connection
from agentick_core.storage.database import FORMAT, Database, Schema

Work = Callable[[sqlite3.Connection], Any]


def sql(statement: str, *parameters: object) -> Work:
    return lambda connection: connection.execute(statement, parameters).fetchall()


def step(statement: str) -> Callable[[sqlite3.Connection], None]:
    def take(connection: sqlite3.Connection) -> None:
        connection.execute(statement)

    return take


NOTES = Schema("notes", (step("CREATE TABLE notes (text TEXT)"),))
DATED_NOTES = Schema("notes", (*NOTES.steps, step("ALTER TABLE notes ADD COLUMN at REAL DEFAULT 0")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "inner" / "s.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    opened = Database(path, busy_timeout=5)
    opened.add(NOTES)
    yield opened
    await opened.aclose()


def content(path: Path, statement: str = "SELECT text FROM notes") -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


async def test_the_file_and_its_folders_are_for_their_owner_alone(database: Database, path: Path) -> None:
    assert not path.parent.parent.exists()
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(f"{path}-wal").stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


async def test_a_folder_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    database = Database(tmp_path / "s.db")
    await database.read(sql("SELECT 1"))
    await database.aclose()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


async def test_a_write_that_raises_leaves_nothing_behind(database: Database) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO notes VALUES ('a')")
        raise KeyError("mine")

    with pytest.raises(KeyError):
        await database.write(fail)
    assert await database.read(sql("SELECT * FROM notes")) == []


async def test_writes_happen_in_the_order_in_which_they_were_asked_for(database: Database) -> None:
    writes = [
        (database.write if number % 3 else database.write_soon)(
            sql("INSERT INTO notes VALUES (?)", str(number))
        )
        for number in range(60)
    ]
    await asyncio.gather(*writes)
    rows = await database.read(sql("SELECT text FROM notes ORDER BY rowid"))
    assert rows == [(str(number),) for number in range(60)]


async def test_what_must_survive_a_power_cut_is_synced_and_the_rest_is_not(database: Database) -> None:
    levels = [
        await write(sql("PRAGMA synchronous"))
        for write in (database.write, database.write_soon, database.write, database.write_soon)
    ]
    assert levels == [[(2,)], [(1,)], [(2,)], [(1,)]]


async def test_a_cancelled_write_has_happened_when_the_cancellation_arrives(
    database: Database, path: Path
) -> None:
    await database.read(sql("SELECT 1"))
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(connection: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(started.set)
        connection.execute("WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
                           "INSERT INTO notes SELECT max(i) FROM n")  # fmt: skip

    write = asyncio.create_task(database.write(slowly))
    await started.wait()
    write.cancel()
    with pytest.raises(asyncio.CancelledError):
        await write
    assert content(path) == [("200000",)]


async def test_a_closed_database_opens_again_at_the_next_call(database: Database) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    await database.aclose()
    await database.aclose()
    await database.flush()
    assert await database.read(sql("SELECT text FROM notes")) == [("a",)]


async def test_parts_of_the_program_keep_their_tables_side_by_side(database: Database) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    drafts = Schema("drafts", (step("CREATE TABLE drafts (text TEXT)"),))
    database.add(drafts)
    database.add(drafts)
    await database.write(sql("INSERT INTO drafts VALUES ('b')"))
    assert await database.read(sql("SELECT * FROM notes, drafts")) == [("a", "b")]


async def test_older_tables_are_backed_up_and_brought_up_to_date(database: Database, path: Path) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    await database.aclose()
    for _ in range(2):
        newer = Database(path)
        newer.add(DATED_NOTES)
        assert await newer.read(sql("SELECT * FROM notes")) == [("a", 0.0)]
        await newer.aclose()
    backup = Path(f"{path}.version-1")
    assert content(backup, "SELECT * FROM notes") == [("a",)]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert len(list(path.parent.iterdir())) == 2


async def test_a_backup_never_replaces_an_earlier_one(database: Database, path: Path) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    await database.aclose()
    Path(f"{path}.version-1").write_text("mine")
    newer = Database(path)
    newer.add(DATED_NOTES)
    await newer.read(sql("SELECT * FROM notes"))
    await newer.aclose()
    assert Path(f"{path}.version-1").read_text() == "mine"
    assert content(Path(f"{path}.version-1-2")) == [("a",)]


async def test_a_migration_that_fails_leaves_the_tables_as_they_were(database: Database, path: Path) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    await database.aclose()
    broken = Database(path)
    broken.add(Schema("notes", (*DATED_NOTES.steps, step("INSERT INTO absent VALUES (1)"))))
    with pytest.raises(StorageError, match="no such table: absent"):
        await broken.read(sql("SELECT 1"))
    await broken.aclose()
    assert await database.read(sql("SELECT * FROM notes")) == [("a",)]


@pytest.mark.parametrize(
    "change",
    [f"PRAGMA user_version = {FORMAT + 1}", "UPDATE agentick_schemas SET version = 9"],
)
async def test_what_a_newer_version_wrote_is_refused_and_left_untouched(
    database: Database, path: Path, change: str
) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    await database.write(sql(change))
    await database.aclose()
    before = path.read_bytes()
    with pytest.raises(StoreVersionError) as failure:
        await database.read(sql("SELECT * FROM notes"))
    await database.aclose()
    assert "newer agentick" in failure.value.message
    assert "Update agentick" in failure.value.hint
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    "junk", [b"not a database at all, just some words" * 200, b"SQLite format 3\0" + b"x" * 9000]
)
async def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "s.db"
    path.write_bytes(junk)
    database = Database(path)
    with pytest.raises(StoreDamagedError) as failure:
        await database.read(sql("SELECT * FROM sqlite_master"))
    await database.aclose()
    assert str(path) in failure.value.message
    assert "move the file away" in failure.value.hint
    assert path.read_bytes() == junk


async def test_a_full_disk_is_an_error_that_says_so_and_the_next_write_works(database: Database) -> None:
    pages = (await database.read(sql("PRAGMA page_count")))[0][0]
    await database.read(sql(f"PRAGMA max_page_count = {pages + 1}"))
    with pytest.raises(StoreFullError) as failure:
        await database.write(sql("INSERT INTO notes VALUES (?)", "x" * 50_000))
    assert "Free some space" in failure.value.hint
    await database.write(sql("INSERT INTO notes VALUES ('small')"))
    assert await database.read(sql("SELECT text FROM notes")) == [("small",)]


async def test_a_file_that_may_not_be_written_is_an_error_that_says_so(database: Database) -> None:
    await database.read(sql("PRAGMA query_only = ON"))
    with pytest.raises(StorageError) as failure:
        await database.write(sql("INSERT INTO notes VALUES ('a')"))
    assert "cannot be used" in failure.value.message
    assert "who may write" in failure.value.hint


async def test_a_path_that_is_no_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    for path in (tmp_path, blocked / "s.db"):
        with pytest.raises(StorageError, match="cannot be used"):
            await Database(path).read(sql("SELECT 1"))


@pytest.mark.parametrize("replaced", [True, False])
async def test_a_file_that_is_not_where_it_was_opened_loses_nothing_in_silence(
    database: Database, path: Path, replaced: bool
) -> None:
    await database.write(sql("INSERT INTO notes VALUES ('one')"))
    away = path.rename(path.with_name("away.db"))
    if replaced:
        path.touch()
    with pytest.raises(StorageError, match="deleted, moved or replaced") as caught:
        await database.write(sql("INSERT INTO notes VALUES ('two')"))
    assert "Put it back" in caught.value.hint
    away.replace(path)
    await database.write(sql("INSERT INTO notes VALUES ('three')"))
    assert await database.read(sql("SELECT text FROM notes")) == [("one",), ("three",)]


async def test_a_file_that_another_program_holds_is_an_error_that_says_so(
    database: Database, path: Path
) -> None:
    await database.read(sql("SELECT 1"))
    impatient = Database(path, busy_timeout=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by another program"):
            await impatient.write(sql("INSERT INTO notes VALUES ('a')"))
    await impatient.write(sql("INSERT INTO notes VALUES ('b')"))
    await impatient.aclose()
    assert content(path) == [("b",)]


async def test_two_databases_on_one_new_file_lose_nothing(path: Path) -> None:
    both = [Database(path) for _ in range(2)]
    for database in both:
        database.add(NOTES)
    texts = [f"{side}:{number}" for side in range(2) for number in range(50)]
    await asyncio.gather(
        *(both[int(text[0])].write(sql("INSERT INTO notes VALUES (?)", text)) for text in texts)
    )
    for database in both:
        await database.aclose()
    assert sorted(text for (text,) in content(path)) == sorted(texts)


async def test_a_database_in_memory_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = Database(":memory:")
    database.add(NOTES)
    await database.write(sql("INSERT INTO notes VALUES ('a')"))
    assert await database.read(sql("SELECT text FROM notes")) == [("a",)]
    await database.aclose()
    assert list(tmp_path.iterdir()) == []


FORGOTTEN = """
import asyncio, sys
from agentick_core.storage.database import Database

async def main():
    database = Database(sys.argv[1])
    await database.write(lambda connection: connection.execute("CREATE TABLE t (x)"))
    globals()["kept"] = database

asyncio.run(main())
print("done")
"""


@pytest.mark.blocking
async def test_a_database_that_nobody_closed_lets_the_program_end_with_a_warning(tmp_path: Path) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-c", FORGOTTEN, str(tmp_path / "s.db"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(20):
        out, errors = await program.communicate()
    assert (program.returncode, out) == (0, b"done\n")
    assert b"ResourceWarning" in errors
    assert b"Traceback" not in errors


def test_what_is_used_of_aiosqlite_beyond_its_promises_is_still_there() -> None:
    connection = Connection(lambda: sqlite3.connect(":memory:"))
    assert connection._thread.daemon  # pyright: ignore[reportPrivateUsage]  # the name is what is tested
    assert connection._tx.empty()  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]  # the same
