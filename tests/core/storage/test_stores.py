"""What every store of ours does, in memory and in SQLite alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentick_core.errors import WireError
from agentick_core.messages.blocks import TextBlock, ToolUseBlock
from agentick_core.messages.message import AssistantMessage, Message, SystemMessage
from agentick_core.messages.snapshot import ForkPoint, OpenExecution, SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import Usage
from agentick_core.storage.journal import (
    EntriesCommitted,
    ExecutionOpened,
    MessageAccepted,
    MessageTaken,
    ModelChosen,
    PartialText,
    SessionOpened,
    StateChanged,
    TickBegun,
    ToolsBegun,
    UsageAdded,
    ViewChanged,
)
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import JournalStore, ListingStore, SessionStore
from tests.core.storage.samples import SetClock, entries, entry, snapshot, waiting

Store = MemoryStore | SqliteStore


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore(clock=clock)
        return
    opened = SqliteStore(tmp_path / "s.db", clock=clock)
    yield opened
    await opened.aclose()


FULL = snapshot(
    (entry(1), entry(4)),
    log=entries(5),
    tick=7,
    queued=(waiting("q1"),),
    com_state={"count": 1, "nested": {"snake_case": [1, None, "é"]}},
    data_cache={"k": {"value": 1, "tick": 2}},
    usage=Usage(1, 2, 3, 4, 5, 6, 7),
    model="openai:x",
    parent_session_id="p",
    forked_from=ForkPoint("f", "e2"),
    metadata={"type": "worker"},
    open_execution=OpenExecution("x1", 5.5, "so f", ("q1",), AssistantMessage("so far", id="a1"), ("c1",)),
    extra={"mine": True},
    timestamp=1763676000123,
)


async def test_what_was_saved_is_loaded(store: Store) -> None:
    await store.save(FULL)
    assert await store.load("s") == FULL
    assert await store.has("s")


async def test_a_session_that_was_never_stored_is_not_there(store: Store) -> None:
    assert await store.load("s") is None
    assert not await store.has("s")
    assert list(await store.list()) == []
    await store.delete("s")
    await store.discard("s")


async def test_a_deleted_session_is_gone_and_the_others_stay(store: Store) -> None:
    await store.save(FULL)
    await store.save(snapshot(entries(1), "other"))
    await store.append("s", [EntriesCommitted((entry(5),))])
    await store.delete("s")
    assert await store.load("s") is None
    assert await store.load("other") == snapshot(entries(1), "other")


async def test_a_session_lives_in_its_journal_before_it_was_ever_saved(store: Store) -> None:
    await store.append("s", [SessionOpened(5.5, {"type": "worker"}, parent="p")])
    await store.append("s", [MessageAccepted(waiting("m0", "text 0"))])
    await store.append("s", [ExecutionOpened("x1", 6.5)])
    assert await store.load("s") == SessionSnapshot(
        session_id="s",
        created_at=5.5,
        metadata={"type": "worker"},
        parent_session_id="p",
        queued=(waiting("m0", "text 0"),),
        open_execution=OpenExecution("x1", 6.5),
    )


async def test_what_happens_after_a_save_is_laid_over_it(store: Store) -> None:
    await store.save(FULL)
    await store.append("s", [MessageAccepted(waiting("m5"))])
    await store.append(
        "s",
        [
            EntriesCommitted((entry(5), entry(6)), taken=("m5", "q1")),
            StateChanged({"count": 2, "new": [1]}, deleted=("nested",)),
            TickBegun(9),
            UsageAdded(Usage(10, 10, 20, ticks=1)),
            ModelChosen("anthropic:y"),
        ],
    )
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.timeline == (entry(1), entry(4), entry(5), entry(6))
    assert loaded.log == entries(7)
    assert loaded.queued == ()
    assert loaded.com_state == {"count": 2, "new": [1]}
    assert (loaded.tick_count, loaded.usage) == (9, Usage(11, 12, 23, 4, 5, 6, 8))
    assert loaded.model == "anthropic:y"
    assert loaded.metadata == {"type": "worker"}


async def test_an_answer_that_was_cut_off_is_there_with_what_it_had_called(store: Store) -> None:
    await store.append("s", [ExecutionOpened("x1", 5.0)])
    await store.append("s", [PartialText("x1", "The an")])
    await store.append("s", [PartialText("x1", "The answer")])
    answer = Message("assistant", (TextBlock("The answer"), ToolUseBlock("c1", "search", {"q": 1})), "a1")
    await store.append("s", [ToolsBegun("x1", answer)])
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.open_execution == OpenExecution("x1", 5.0, "The answer", answer=answer)


async def test_a_save_replaces_the_journal(store: Store) -> None:
    await store.save(snapshot(entries(2)))
    await store.append("s", [EntriesCommitted((entry(2),)), StateChanged({"a": 1})])
    changed = snapshot((entry(0), entry(1, "redacted")), com_state={"b": 2})
    await store.save(changed)
    assert await store.load("s") == changed


async def test_a_discarded_journal_leaves_what_was_saved_before(store: Store) -> None:
    await store.save(FULL)
    await store.append("s", [EntriesCommitted((entry(5),), taken=("q1",)), StateChanged({"a": 1})])
    await store.discard("s")
    assert await store.load("s") == FULL
    await store.append("s", [EntriesCommitted((entry(6),))])
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.timeline == (entry(1), entry(4), entry(6))
    assert loaded.log == (*entries(5), entry(6))


async def test_a_discarded_session_that_was_never_saved_is_gone(store: Store) -> None:
    await store.append("s", [EntriesCommitted((entry(0),))])
    await store.discard("s")
    assert await store.load("s") is None
    assert list(await store.list()) == []


async def test_a_message_taken_back_waits_no_longer(store: Store) -> None:
    await store.append("s", [MessageAccepted(waiting("a")), MessageAccepted(waiting("b"))])
    await store.append("s", [MessageTaken(("a",))])
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.queued == (waiting("b"),)


async def test_a_view_keeps_what_is_committed_after_it(store: Store) -> None:
    await store.save(snapshot(entries(2)))
    await store.append("s", [ViewChanged(("e1",))])
    await store.append("s", [EntriesCommitted((entry(2),))])
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.timeline == (entry(1), entry(2))
    assert loaded.log == entries(3)
    await store.append("s", [ViewChanged(None)])
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.log is None
    assert loaded.timeline == entries(3)


async def test_what_is_shown_counts_where_the_log_says_otherwise(store: Store) -> None:
    changed, new = entry(1, "redacted"), entry(9, "a summary")
    await store.save(snapshot((new, changed), log=entries(3)))
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.timeline == (new, changed)
    assert loaded.whole_log == (entry(0), changed, entry(2), new)


async def test_what_is_stored_is_a_copy(store: Store) -> None:
    numbers = [1]
    await store.save(snapshot(com_state={"numbers": numbers}))
    numbers.append(2)
    added = [3]
    await store.append("s", [StateChanged({"added": added})])
    added.append(4)
    loaded = await store.load("s")
    assert loaded is not None
    assert loaded.com_state == {"numbers": [1], "added": [3]}
    loaded.com_state["numbers"].append(5)
    again = await store.load("s")
    assert again is not None
    assert again.com_state["numbers"] == [1]


async def test_state_that_is_not_json_is_refused_naming_its_key_and_nothing_is_written(store: Store) -> None:
    with pytest.raises(WireError, match=r"registry\.knob: a value of type builtin_function_or_method"):
        await store.save(snapshot(com_state={"registry": {"knob": print}}))
    with pytest.raises(WireError, match="when: a value of type object is not JSON"):
        await store.append("s", [StateChanged({"when": object()})])
    assert not await store.has("s")


async def test_the_list_tells_what_each_session_is_about_the_last_written_first(
    store: Store, clock: SetClock
) -> None:
    system = TimelineEntry("e", SystemMessage("You are kind."))
    await store.save(snapshot((system, entry(0, "How do\n bees   fly?" + "x" * 300), entry(2)), "one"))
    clock.at = 1001.0
    opened = SessionOpened(3.5, {"type": "worker"}, "p", ForkPoint("f"))
    await store.append("two", [opened, MessageAccepted(waiting("a", "Not yet answered"))])
    clock.at = 1002.0
    await store.save(snapshot((TimelineEntry("e", AssistantMessage("Hi")),), "three"))
    three, two, one = await store.list()
    assert (one.session_id, one.entries, one.created_at, one.updated_at) == ("one", 3, 1.25, 1000.0)
    assert one.preview.startswith("How do bees fly?x")
    assert len(one.preview) == 200
    assert (two.session_id, two.entries, two.preview) == ("two", 0, "Not yet answered")
    assert (two.created_at, two.metadata, two.parent_session_id, two.forked_from) == (
        3.5, {"type": "worker"}, "p", ForkPoint("f"),
    )  # fmt: skip
    assert (three.session_id, three.preview) == ("three", "")


async def test_a_store_says_by_its_methods_what_it_can(store: Store) -> None:
    assert isinstance(store, SessionStore)
    assert isinstance(store, ListingStore)
    assert isinstance(store, JournalStore)


async def test_saving_a_stored_session_again_drops_none() -> None:
    store = MemoryStore(2)
    for name in ("a", "b", "a"):
        await store.save(snapshot(session_id=name))
    assert [await store.has(name) for name in ("a", "b")] == [True, True]


async def test_a_full_memory_drops_the_session_used_least_recently() -> None:
    store = MemoryStore(2)
    await store.save(snapshot(session_id="a"))
    await store.append("b", [StateChanged({"x": 1})])
    await store.load("a")
    await store.append("c", [StateChanged({"x": 1})])
    assert [await store.has(name) for name in ("a", "b", "c")] == [True, False, True]
