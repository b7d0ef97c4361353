"""What a store holds of a session, when, and how the session comes back from it."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    ToolContext,
    component,
    create_app,
    tool,
    use_session,
    use_session_state,
)
from agentick_core.errors import StoreDamagedError, ValidationError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.models.deltas import MessageClosed, ToolCallInput, ToolCallOpened
from agentick_core.storage.journal import (
    EntriesCommitted,
    JournalRecord,
)
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from agentick_core.wire.snapshot import snapshot_from_wire, snapshot_to_wire
from tests.core.session.clocks import HandClock
from tests.core.session.stores import PlainStore, loaded
from tests.core.session.talk import Adder, Plain, idle, mock, roles, seen, talking, texts
from tests.core.storage.test_sqlite import change


async def test_h1_after_each_send_the_store_holds_the_history(store: SessionStore) -> None:
    async with talking(store=store) as session:
        for count in (2, 4):
            await session.send("hi").result
            snapshot = await loaded(store)
            assert (snapshot.version, snapshot.session_id) == ("1.0", "s")
            assert (len(snapshot.timeline), snapshot.usage.ticks, snapshot.tick) == (count, count // 2, 2)
            assert snapshot.open_execution is None


async def test_h2_a_closed_session_comes_back_with_its_history(store: SessionStore) -> None:
    model = mock()
    async with create_app(Plain, model=model, store=store) as app:
        first = await app.session("s", metadata={"type": "worker"})
        await first.send("one").result
        await first.close()
        assert not app.has("s")
        second = await app.session("s")
        assert second is not first
        assert (roles(second.timeline), second.current_tick) == (["user", "assistant"], 1)
        assert second.metadata == {"type": "worker"}
        await second.send("two").result
        assert texts(model.requests[1]) == ["one", "Mock response", "two"]
        assert second.inspect().total_usage.ticks == 2


async def test_h5_a_snapshot_survives_json() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), "three"), Adder) as session:
        await session.send("hi").result
        await session.queue("more")
        snapshot = session.snapshot()
        assert snapshot_from_wire(json.loads(json.dumps(snapshot_to_wire(snapshot)))) == snapshot


async def test_h10_a_restored_session_answers_even_where_one_tick_is_all_it_may(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store, max_ticks=1) as app:
        for _ in range(3):
            session = await app.session("s")
            result = await session.send("hi").result
            assert (result.response, result.tick, result.usage.ticks) == ("Mock response", 1, 1)
            await session.close()


async def test_a_snapshot_says_when_it_was_taken_in_milliseconds_on_the_wire_too() -> None:
    clock = HandClock()
    async with talking(clock=clock) as session:
        clock.advance(0.25)
        snapshot = session.snapshot()
        assert (snapshot.timestamp, snapshot_to_wire(snapshot)["timestamp"]) == (1_000_250, 1_000_250)


async def test_h11_a_slow_save_does_not_overtake_a_newer_one() -> None:
    class SlowStore(PlainStore):
        async def save(self, snapshot: SessionSnapshot) -> None:
            await asyncio.sleep(0.01 / (1 + len(snapshot.timeline)))
            await super().save(snapshot)

    store = SlowStore()
    async with talking(store=store) as session:
        await session.send("one").result
        await session.send("two").result
        await session.queue("three")
        await session.flush()
        assert len(store.saved["s"].timeline) == 4
        assert len(store.saved["s"].queued) == 1


async def test_beat_44_what_a_command_has_set_is_stored_when_it_is_over() -> None:
    class SlowStore(PlainStore):
        async def save(self, snapshot: SessionSnapshot) -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            await super().save(snapshot)

    store = SlowStore()

    @tool(audience="user")
    async def note(ctx: ToolContext) -> None:
        """Note."""
        ctx.state.set("noted", True)

    async with talking(store=store, tools=[note]) as session:
        await session.dispatch("note")
        assert (await loaded(store)).com_state == {"noted": True}


async def test_h16_runs_without_a_session_are_not_stored(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        handle = await app.run("hi")
        assert app.sessions == {}
        assert (await handle.result).response == "Mock response"
        assert await store.load(handle.session_id) is None


async def test_h17_asking_twice_at_once_for_a_session_gives_one(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        one, two = await asyncio.gather(app.session("D"), app.session("D"))
        assert one is two


async def test_h20_metadata_never_changes(store: SessionStore) -> None:
    given = {"type": "worker"}
    async with create_app(Plain, model=mock(), store=store) as app:
        session = await app.session("s", metadata=given)
        given["type"] = "other"
        with pytest.raises(TypeError):
            cast("dict[str, Any]", session.metadata)["type"] = "mine"
        await session.send("hi").result
        assert (await loaded(store)).metadata == {"type": "worker"}
        assert (await app.session("t")).metadata == {}


async def test_h22_what_is_queued_is_there_after_a_restore(store: SessionStore) -> None:
    model = mock()
    async with create_app(Plain, model=model, store=store) as app:
        session = await app.session("s")
        one, two, three = [await session.queue(text) for text in ("one", "two", "three")]
        session.requeue([three.id])
        session.unqueue(one.id)
        await session.close()
        session = await app.session("s")
        assert session.queued_messages == (three, two)
        await session.send("four").result
        assert texts(model.requests[0]) == ["three", "two", "four"]


async def test_session_state_and_the_chosen_model_come_back(store: SessionStore) -> None:
    @component
    def Mood() -> Nodes:
        mood, _ = use_session_state("mood", "calm")
        yield mood
        yield Timeline()

    async with create_app(Mood, model=mock(), store=store) as app:
        session = await app.session("s")
        assert session.set_model("offline").info.spec == "offline"
        session._core.state.set("mood", "wild")  # pyright: ignore[reportPrivateUsage]  # as a hook does
        await session.close()
        session = await app.session("s")
        assert session.inspect().model == "offline"
        assert session.snapshot().com_state == {"mood": "wild"}
        handle = await session.send("hi")
        assert (await seen(handle, "model_request")).model_id == "offline"
        handle.abort()


async def test_a_message_is_durable_when_its_send_is_given_and_entries_before_they_are_told(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "sessions.db")
    hold = asyncio.Event()
    appended: list[int] = []
    told: list[int] = []

    class Watched(MemoryStore):
        async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
            await asyncio.sleep(0)
            await super().append(session_id, records)
            appended.extend(len(each.entries) for each in records if isinstance(each, EntriesCommitted))

    def note(event: Any) -> None:
        if event.type == "entry_committed":
            told.append(sum(appended))

    async with talking(ScriptedModel(reply("x", hold=hold)), store=store) as session:
        await session.send("hi")
        snapshot = await loaded(store)
        assert [queued.message.text for queued in snapshot.queued] == ["hi"]
        hold.set()
        await idle(session)
    async with talking(mock(), store=Watched(), on_event=note) as session:
        await session.send("hi").result
    assert told == [2, 2]


async def test_a_session_in_which_nothing_happened_leaves_nothing_behind(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "sessions.db")
    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).close()
        assert await store.list() == []


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a":' + "[" * 900 + "]" * 900 + "}"])
async def test_arguments_that_are_not_json_do_not_keep_the_session_from_being_stored(
    store: SessionStore, text: str
) -> None:
    called = [ToolCallOpened("c", "add"), ToolCallInput("c", text), MessageClosed("tool_use")]
    steps = iter([called])
    async with talking(FunctionModel(lambda _: next(steps, "done")), Adder, store=store) as session:
        await session.send("hi").result
        assert session.inspect().persist_error is None
        assert len((await loaded(store)).timeline) == 4


async def test_state_that_is_not_json_is_refused_and_what_is_not_to_be_stored_any_more_is_forgotten(
    tmp_path: Path,
) -> None:
    store = SqliteStore(tmp_path / "sessions.db")
    setting: list[Any] = []

    @component
    def Keeping() -> Nodes:
        ctx = use_session()
        setting[:] = [ctx.state]
        yield Timeline()

    async with talking(agent=Keeping, store=store) as session:
        await session.mount()
        state = setting[0]
        for value in ({1: "a"}, float("inf"), object()):
            with pytest.raises(ValidationError):
                state.set("x", value)
        state.set("x", 1)
        state.set("x", 2, persist=False)
        await session.flush()
        assert (await loaded(store)).com_state == {}


async def test_a_session_that_is_damaged_is_free_for_another_program_which_finds_it_mended(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.db"
    async with create_app(Plain, model=mock(), store=path) as app:
        await (await app.session("s")).send("hi").result
    async with (
        create_app(Plain, model=mock(), store=path) as one,
        create_app(Plain, model=mock(), store=path) as other,
    ):
        change(path, "UPDATE sessions_snapshots SET body = '?' || body")
        with pytest.raises(StoreDamagedError):
            await one.session("s")
        change(path, "UPDATE sessions_snapshots SET body = substr(body, 2)")
        assert texts((await other.session("s")).timeline) == ["hi", "Mock response"]
