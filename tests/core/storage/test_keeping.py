"""How many sessions a store keeps: which go, which stay, and which count as used."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentick_core.errors import ValidationError
from agentick_core.storage.journal import StateChanged
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import ListingStore, PruningStore, ReadableStore
from tests.core.storage.samples import SetClock, entries, snapshot

Store = MemoryStore | SqliteStore


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> AsyncIterator[Store]:
    """A store with the sessions a, b and c, each saved a second after the last."""
    made = (
        MemoryStore(clock=clock) if request.param == "memory" else SqliteStore(tmp_path / "s.db", clock=clock)
    )
    for name in "abc":
        await made.save(snapshot(entries(2), name))
        clock.at += 1
    yield made
    if isinstance(made, SqliteStore):
        await made.aclose()


async def names(store: Store) -> str:
    return "".join(summary.session_id for summary in await store.list())


async def test_h19_a_store_counts_its_sessions_and_keeps_the_newest(store: Store) -> None:
    assert isinstance(store, ListingStore)
    assert isinstance(store, PruningStore)
    assert isinstance(store, ReadableStore)
    assert (await store.count(), await names(store)) == (3, "cba")
    assert await store.enforce_max_count(3) == 0
    assert await store.enforce_max_count(2) == 1
    assert (await store.count(), await names(store)) == (2, "cb")
    assert (await store.has("a"), await store.has("b"), await store.load("a")) == (False, True, None)
    await store.delete("b")
    assert (await store.count(), await names(store)) == (1, "c")
    assert await store.enforce_max_count(0) == 1
    assert await store.count() == 0


async def test_sessions_that_were_not_used_for_long_can_be_deleted(store: Store) -> None:
    assert await store.delete_older_than(3) == 0
    assert await store.delete_older_than(1.5) == 2
    assert await names(store) == "c"
    assert await store.load("c") == snapshot(entries(2), "c")


async def test_a_session_that_was_loaded_counts_as_used_and_one_that_was_looked_at_does_not(
    store: Store,
) -> None:
    assert await store.peek("b") == snapshot(entries(2), "b")
    assert await store.peek("nowhere") is None
    assert await names(store) == "cba"
    await store.load("a")
    assert await names(store) == "acb"
    assert (await store.list())[0].updated_at == 1003
    await store.append("b", [StateChanged({"x": 1})])
    assert await names(store) in ("bac", "abc")
    assert await store.enforce_max_count(2) == 1
    assert not await store.has("c")


async def test_a_session_in_use_is_never_deleted_however_old_it_is(store: Store) -> None:
    await store.acquire("a")
    assert await store.enforce_max_count(1) == 2
    assert await names(store) == "a"
    assert await store.enforce_max_count(0) == 0
    assert await store.delete_older_than(0) == 0
    await store.release("a")
    assert await store.delete_older_than(0) == 1


async def test_a_session_that_another_process_uses_is_never_deleted(tmp_path: Path, clock: SetClock) -> None:
    one, other = (SqliteStore(tmp_path / "s.db", clock=clock) for _ in range(2))
    await one.save(snapshot(session_id="a"))
    await one.acquire("a")
    clock.at += 5
    assert (await other.enforce_max_count(0), await other.delete_older_than(1)) == (0, 0)
    clock.at += 100
    assert await other.delete_older_than(1) == 1
    await one.aclose()
    await other.aclose()


async def test_a_limit_below_zero_deletes_nothing(store: Store) -> None:
    with pytest.raises(ValidationError, match="seconds must be 0 or more"):
        await store.delete_older_than(-1)
    with pytest.raises(ValidationError, match="count must be 0 or more"):
        await store.enforce_max_count(-1)
    assert await store.count() == 3


async def test_beat_47_saving_again_evicts_nobody_and_what_is_kept_is_a_copy() -> None:
    store = MemoryStore(2)
    state = {"list": [1]}
    await store.save(snapshot(session_id="a", com_state=state))
    for name in ("b", "a", "a", "b"):
        await store.save(snapshot(session_id=name, com_state=state))
    state["list"].append(2)
    loaded = await store.load("a")
    assert loaded is not None
    assert (await store.count(), loaded.com_state) == (2, {"list": [1]})


async def test_a_full_memory_keeps_the_sessions_that_are_open() -> None:
    store = MemoryStore(2)
    await store.acquire("a")
    for name in "abcd":
        await store.save(snapshot(session_id=name))
    assert sorted([it.session_id for it in await store.list()]) == ["a", "d"]
    await store.acquire("d")
    await store.save(snapshot(session_id="e"))
    assert await store.count() == 3
    await store.release("a")
    await store.release("d")
    await store.save(snapshot(session_id="f"))
    assert sorted([it.session_id for it in await store.list()]) == ["e", "f"]


async def test_beat_57_a_table_of_any_name_is_one_table(tmp_path: Path) -> None:
    name = 'we"ird; DROP TABLE sessions; --'
    store, plain = SqliteStore(tmp_path / "s.db", table=name), SqliteStore(tmp_path / "s.db")
    await plain.save(snapshot(session_id="kept"))
    await store.save(snapshot(session_id="a"))
    await store.fork("a", snapshot(session_id="b"))
    assert (await store.count(), await plain.count()) == (2, 1)
    assert await store.enforce_max_count(0) == 2
    assert await plain.has("kept")
    await store.aclose()
    await plain.aclose()
