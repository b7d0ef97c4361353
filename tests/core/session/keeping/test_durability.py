"""What a session writes while nobody answers in it: how long anybody waits for it, and what is left of it."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import Nodes, Timeline, component, create_app, use_session
from agentick_core.storage.journal import JournalRecord
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.stores import SlowStore, loaded, turns
from tests.core.session.talk import SOON, Adder, Plain, mock, seen, talking, texts

if TYPE_CHECKING:
    from agentick_core.messages.snapshot import SessionSnapshot


class Setter:
    """An agent, and the way to the state of its session."""

    def __init__(self) -> None:
        self.state: Any = None

        @component
        def Stateful() -> Nodes:
            self.state = use_session().state
            yield Timeline()

        self.agent = Stateful


async def test_a_send_is_answered_while_something_keeps_noting_state() -> None:
    setter, store = Setter(), SlowStore()

    async def count() -> None:
        number = 0
        while True:
            setter.state.set("progress", number := number + 1)
            await asyncio.sleep(0)

    async with talking(mock(), setter.agent, store=store) as session, asyncio.timeout(SOON):
        await session.mount()
        counting = asyncio.create_task(count())
        try:
            await session.send("hi").result
            await session.queue("more")
            await session.flush()
        finally:
            counting.cancel()
        await session.flush()
        stored = await loaded(store)
        assert stored.com_state == session.snapshot().com_state
        assert [queued.message.text for queued in stored.queued] == ["more"]


async def test_what_is_noted_while_a_write_runs_is_written_though_nobody_waits_for_it() -> None:
    setter, store = Setter(), SlowStore()
    async with talking(mock(), setter.agent, store=store) as session, asyncio.timeout(SOON):
        await session.mount()
        for number in range(3):
            setter.state.set("number", number)
            await turns(2)
        while (snapshot := await store.peek("s")) is None or snapshot.com_state != {"number": 2}:
            await asyncio.sleep(0)
        assert store.appends == 2


def journal_rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM sessions_journal").fetchone()[0]


async def test_a_session_that_closes_leaves_a_snapshot_and_no_journal(tmp_path: Path) -> None:
    path, setter = tmp_path / "s.db", Setter()
    for number in range(3):
        async with create_app(setter.agent, model=mock(), store=SqliteStore(path)) as app:
            session = await app.session("s")
            await session.mount()
            for value in range(20):
                setter.state.set("value", value)
                await session.flush()
            await session.append(f"note {number}")
            assert journal_rows(path) > 20
        assert journal_rows(path) == 0
    async with create_app(setter.agent, model=mock(), store=SqliteStore(path)) as app:
        session = await app.session("s")
        assert texts(session.timeline) == ["note 0", "note 1", "note 2"]
        assert session.snapshot().com_state == {"value": 19}


@pytest.mark.parametrize("answers", [False, True])
async def test_closing_a_session_in_which_nothing_happened_since_it_was_saved_writes_nothing(
    answers: bool,
) -> None:
    store = SlowStore()
    async with talking(store=store) as session:
        if answers:
            await session.send("hi").result
        written = store.appends, store.saves
        await session.close()
        assert (store.appends, store.saves) == written
        assert written[1] == answers


async def test_what_was_being_written_as_the_event_loop_closed_is_written_when_somebody_waits() -> None:
    class Stuck(MemoryStore):
        async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
            writing.set()
            await asyncio.Event().wait()

    async def talk() -> None:
        async with create_app(Plain, model=ScriptedModel(), store=store) as app:
            session = await app.session("s")
            queued.append(session.queue("kept"))
            try:
                await asyncio.Event().wait()
            finally:
                await session.flush()
                kept.append(await loaded(store))

    async def main() -> None:
        talks.append(asyncio.create_task(talk()))
        await writing.wait()

    writing, store = asyncio.Event(), Stuck()
    queued: list[Awaitable[Any]] = []
    kept: list[SessionSnapshot] = []
    talks: list[asyncio.Task[None]] = []
    await asyncio.wait_for(asyncio.to_thread(asyncio.run, main()), SOON)
    (snapshot,) = kept
    assert [waiting.message.text for waiting in snapshot.queued] == ["kept"]


async def test_the_number_of_a_tick_is_stored_with_what_is_stored_next() -> None:
    store, hold = SlowStore(), asyncio.Event()
    model = ScriptedModel(call("add", a=1, b=2), call("add", a=3, b=4), reply("7", hold=hold))
    async with talking(model, Adder, store=store) as session, asyncio.timeout(SOON):
        handle = await session.send("add")
        await seen(handle, "content_delta")
        assert ["TickBegun"] not in store.batches
        await session.flush()
        assert (await loaded(store)).tick_count == 3
        hold.set()
        await handle.result
