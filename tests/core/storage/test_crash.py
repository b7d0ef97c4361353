"""What was acknowledged survives: a killed process, and a write-ahead log that ends anywhere."""

import asyncio
import shutil
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.errors import SessionInUseError, StorageError
from agentick_core.storage.journal import EntriesCommitted, MessageAccepted
from agentick_core.storage.sqlite import SqliteStore
from tests.core.storage.samples import entries, entry, snapshot, waiting

WRITER = """
import asyncio, sys
from agentick_core.storage.journal import EntriesCommitted, MessageAccepted, PartialText
from agentick_core.storage.sqlite import SqliteStore
from tests.core.storage.samples import entry, snapshot, waiting

async def main():
    store = SqliteStore(sys.argv[1])
    await store.acquire("s")
    number = 0
    while True:
        await store.append("s", [MessageAccepted(waiting(f"m{number}"))])
        print(f"accepted {number}", flush=True)
        await store.append("s", [PartialText("x", "half an ans")])
        await store.append("s", [EntriesCommitted((entry(number), entry(number + 1)), taken=(f"m{number}",))])
        print(f"committed {number + 1}", flush=True)
        number += 2
        if number % 10 == 0:
            await store.save(await store.load("s"))

asyncio.run(main())
"""


@pytest.mark.blocking
@pytest.mark.parametrize("lines", [1, 2, 15, 28, 41])
async def test_a_killed_process_loses_nothing_that_was_acknowledged(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "s.db"
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    async with asyncio.timeout(30):
        said = [(await writer.stdout.readline()).split() for _ in range(lines)]
        writer.kill()
        said += [line.split() for line in (await writer.stdout.read()).splitlines(keepends=True)]
        await writer.wait()
    store = SqliteStore(path)
    await store.acquire("s")
    loaded = await store.load("s")
    await store.aclose()
    assert loaded is not None
    log = [it.id for it in loaded.timeline]
    assert log == [f"e{number}" for number in range(len(log))]
    committed = max((int(number) for what, number in said if what == b"committed"), default=-1)
    assert len(log) >= committed + 1
    known = {it.message.id for it in (*loaded.timeline, *loaded.queued)}
    assert all(f"m{int(number)}" in known for what, number in said if what == b"accepted")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """Write a few transactions and give the files as they lay then, with the log's length after each."""
    folder = tmp_path_factory.mktemp("recording")

    async def write() -> list[int]:
        store = SqliteStore(folder / "live.db")
        lengths: list[int] = []
        for number in range(6):
            if number % 3 == 2:
                await store.append("s", [MessageAccepted(waiting(f"q{number}"))])
            else:
                await store.append("s", [EntriesCommitted((entry(number), entry(number + 100)))])
            lengths.append((folder / "live.db-wal").stat().st_size)
        for name in ("live.db", "live.db-wal"):
            shutil.copy(folder / name, folder / name.replace("live", "cut"))
        await store.aclose()
        return lengths

    return folder, asyncio.run(write())


@settings(deadline=None, max_examples=60)
@given(st.data())
async def test_a_log_cut_at_any_byte_restores_every_whole_transaction(
    recording: tuple[Path, list[int]], data: st.DataObject
) -> None:
    source, lengths = recording
    cut = data.draw(
        st.integers(0, lengths[-1]) | st.sampled_from([at + by for at in lengths for by in (-1, 0)])
    )
    whole = sum(length <= cut for length in lengths)
    with TemporaryDirectory() as folder:
        for name in ("cut.db", "cut.db-wal"):
            shutil.copy(source / name, folder)
        with Path(folder, "cut.db-wal").open("r+b") as log:
            log.truncate(cut)
        store = SqliteStore(Path(folder, "cut.db"))
        loaded = await store.load("s")
        await store.aclose()
    if whole == 0:
        assert loaded is None
        return
    assert loaded is not None
    committed = [number for number in range(whole) if number % 3 != 2]
    assert [it.id for it in loaded.timeline] == [
        name for number in committed for name in (f"e{number}", f"e{number + 100}")
    ]
    assert [it.message.id for it in loaded.queued] == [
        f"q{number}" for number in range(whole) if number % 3 == 2
    ]


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_row_that_somebody_edited_opens_or_is_a_damage_that_is_told(data: st.DataObject) -> None:
    junk = st.sampled_from(["", "x", "null", "[]", "{}", b"\xff", None, -1, 2**62, 1e400, "[" * 300])

    async def fill(path: Path) -> None:
        store = SqliteStore(path)
        await store.acquire("s")
        await store.append("s", [MessageAccepted(waiting("m1")), EntriesCommitted((entry(0), entry(1)))])
        await store.save(snapshot(entries(3)))
        await store.append("s", [EntriesCommitted((entry(3),))])
        await store.aclose()
        with closing(sqlite3.connect(path)) as held:
            held.execute("INSERT INTO sessions_leases VALUES ('s', 'other', 1, 'elsewhere', 1.0, 1.0)")
            held.commit()

    async def look(path: Path) -> None:
        store = SqliteStore(path)
        try:
            with suppress(StorageError, SessionInUseError):
                await store.list()
                await store.acquire("s")
                await store.load("s")
        finally:
            await store.aclose()

    with TemporaryDirectory() as folder:
        path = Path(folder) / "s.db"
        asyncio.run(fill(path))
        with closing(sqlite3.connect(path)) as held:
            find = (
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'sessions%' ORDER BY name"
            )
            table = data.draw(st.sampled_from([name for (name,) in held.execute(find)]))
            columns = [row[1] for row in held.execute(f"PRAGMA table_info({table})")]
            column, value = data.draw(st.sampled_from(columns)), data.draw(junk)
            # SQLite itself refuses some of it.
            with suppress(sqlite3.IntegrityError):
                held.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))
            held.commit()
        asyncio.run(look(path))
