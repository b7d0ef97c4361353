"""Logs that share rows: whatever is forked, changed, shortened or deleted, each session keeps its own history."""

import sqlite3
from contextlib import aclosing, closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.messages.snapshot import ForkPoint
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.journal import EntriesCommitted
from agentick_core.storage.sqlite import SqliteStore
from tests.core.storage.samples import entries, entry, snapshot

NAMES = ("a", "b", "c", "d")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("append", "fork", "rewrite", "shorten", "discard", "delete")),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.integers(0, 9),
    ),
    max_size=30,
)


class Shelf:
    """What the store should hold: of each session the log, and the log as it was last saved."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.logs: dict[str, tuple[TimelineEntry, ...]] = {}
        self.saved: dict[str, tuple[TimelineEntry, ...] | None] = {}
        self.made = 0

    def fresh(self) -> TimelineEntry:
        self.made += 1
        return entry(self.made)

    async def append(self, name: str, _: str, count: int) -> None:
        new = tuple(self.fresh() for _ in range(count % 3))
        await self.store.append(name, [EntriesCommitted(new)])
        self.logs[name] = (*self.logs.get(name, ()), *new)
        self.saved.setdefault(name, None)

    async def fork(self, name: str, other: str, count: int) -> None:
        if name not in self.logs or other in self.logs:
            return
        log = self.logs[name][:count]
        await self.store.fork(name, snapshot(log, other, forked_from=ForkPoint(name)))
        self.logs[other] = self.saved[other] = log

    async def save(self, name: str, log: tuple[TimelineEntry, ...]) -> None:
        await self.store.save(snapshot(log, name))
        self.logs[name] = self.saved[name] = log

    async def rewrite(self, name: str, _: str, at: int) -> None:
        log = self.logs.get(name, ())
        await self.save(name, (*log[:at], self.fresh(), *log[at + 1 :]))

    async def shorten(self, name: str, _: str, at: int) -> None:
        await self.save(name, self.logs.get(name, ())[:at])

    async def discard(self, name: str, *_: object) -> None:
        await self.store.discard(name)
        saved = self.saved.get(name)
        if saved is None:
            self.logs.pop(name, None)
            self.saved.pop(name, None)
        else:
            self.logs[name] = saved

    async def delete(self, name: str, *_: object) -> None:
        await self.store.delete(name)
        self.logs.pop(name, None)
        self.saved.pop(name, None)


@settings(deadline=None, max_examples=60)
@given(STEPS, st.booleans())
async def test_whatever_is_done_to_sessions_that_share_history_each_keeps_its_own(
    steps: list[tuple[str, str, str, int]], leased: bool
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "s.db")
        async with aclosing(SqliteStore(path)) as store:
            shelf = Shelf(store)
            if leased:
                for name in NAMES:
                    await store.acquire(name)
                    await store.load(name)
            for what, name, other, number in steps:
                await getattr(shelf, what)(name, other, number)
            for name in NAMES:
                loaded = await store.load(name)
                assert (None if loaded is None else loaded.timeline) == shelf.logs.get(name)
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT count(*) FROM sessions_entries").fetchone()[0]
        different = {entry.id for log in shelf.logs.values() for entry in log}
        assert len(different) <= rows <= sum(len(log) for log in shelf.logs.values())


async def test_only_what_a_fork_says_itself_is_written_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "s.db")
    await store.save(snapshot(entries(100), "a"))
    await store.fork("a", snapshot(entries(90), "b", forked_from=ForkPoint("a", "e89")))
    await store.fork("b", snapshot(entries(40), "c", forked_from=ForkPoint("b", "e39")))
    await store.append("b", [EntriesCommitted((entry(500),))])

    def owners(connection: sqlite3.Connection) -> list[tuple[str, int]]:
        return connection.execute(
            "SELECT session_id, count(position) FROM sessions LEFT JOIN sessions_entries ON session = key "
            "GROUP BY key ORDER BY key"
        ).fetchall()

    assert await store.database.read(owners) == [("a", 100), ("b", 1), ("c", 0)]
    await store.delete("a")
    assert await store.database.read(owners) == [("b", 91), ("c", 0)]
    await store.delete("b")
    assert await store.database.read(owners) == [("c", 40)]
    loaded = await store.load("c")
    assert loaded == snapshot(entries(40), "c", forked_from=ForkPoint("b", "e39"))
    await store.aclose()


async def test_a_fork_of_what_is_not_stored_holds_all_of_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "s.db")
    fork = snapshot(entries(3), "b", forked_from=ForkPoint("a", "e2"))
    await store.fork("a", fork)
    assert await store.load("b") == fork
    (listed,) = await store.list()
    assert (listed.entries, listed.forked_from) == (3, ForkPoint("a", "e2"))
    changed = replace(fork, timeline=(entry(7),))
    await store.fork("b", replace(changed, session_id="c"))
    assert await store.load("c") == replace(changed, session_id="c")
    await store.aclose()
