"""When something breaks: the store, the program, the event loop; and what comes back."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from agentick_core import AbortError, App, create_app, tool
from agentick_core.errors import SessionInUseError, StorageError
from agentick_core.messages.message import UserMessage
from agentick_core.messages.snapshot import OpenExecution, QueuedMessage, SessionSnapshot
from agentick_core.session import patience
from agentick_core.session.tick import streamed
from agentick_core.storage.journal import (
    ExecutionOpened,
    JournalRecord,
    MessageAccepted,
    MessagesShown,
    PartialText,
)
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import JournalStore, SessionStore
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.stores import BrokenStore, PlainStore, loaded
from tests.core.session.talk import SOON, Adder, Plain, idle, mock, roles, seen, talking, texts


async def test_a_store_that_fails_never_fails_an_execution_and_is_made_good_later() -> None:
    store = BrokenStore()
    async with talking(store=store) as session:
        events: list[str] = []

        def note(event: Any) -> None:
            events.append(event.type)

        session.on("event", note)
        await session.send("one").result
        store.broken = True
        assert (await session.send("two").result).response == "Mock response"
        assert (await session.send("three").result).response == "Mock response"
        assert events.count("persist_failed") == 1
        assert session.inspect().persist_error == "disk full"
        with pytest.raises(StorageError, match="disk full"):
            await session.flush()
        assert len((await loaded(store)).timeline) == 2
        store.broken = False
        await session.flush()
        assert session.inspect().persist_error is None
        assert texts((await loaded(store)).timeline) == texts(session.timeline)
        await session.queue("four")
        assert (await loaded(store)).usage == session.snapshot().usage


@pytest.mark.parametrize(("hangs", "told"), [(True, "has not answered"), (False, "gave up")])
async def test_a_store_that_never_answers_or_cancels_itself_is_one_that_fails(
    hangs: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sulking(PlainStore):
        sulks = True

        async def save(self, snapshot: SessionSnapshot) -> None:
            if self.sulks and hangs:
                await asyncio.Event().wait()
            if self.sulks:
                raise asyncio.CancelledError
            await super().save(snapshot)

    monkeypatch.setattr(patience, "PATIENCE", 0.01)
    store = Sulking()
    async with talking(store=store) as session:
        assert (await session.send("hi").result).response == "Mock response"
        with pytest.raises(StorageError, match=told):
            await session.flush()
        store.sulks = False
        await session.flush()
        assert texts((await loaded(store)).timeline) == texts(session.timeline)


async def test_a_failure_in_the_middle_of_a_run_doubles_and_loses_nothing() -> None:
    store = BrokenStore()
    async with talking(ScriptedModel(call("add", a=1, b=2), "three"), Adder, store=store) as session:

        def disturb(event: Any) -> None:
            if event.type in ("tool_result_start", "tick_start"):
                store.broken = event.type == "tool_result_start"

        session.on("event", disturb)
        await session.send("hi").result
        stored = await loaded(store)
        assert texts(stored.timeline) == texts(session.timeline)
        assert (len(stored.timeline), stored.queued, stored.usage) == (4, (), session.snapshot().usage)


async def test_a_message_that_comes_while_the_end_is_stored_is_not_lost() -> None:
    late: list[Any] = []
    store = MemoryStore()
    app: App[Any] = create_app(Plain, model=mock(), store=store)
    session = await app.session("s")

    def queue_late(event: Any) -> None:
        if event.type == "execution_end" and not late:
            late.append(session.queue("late"))

    session.on("event", queue_late)
    async with app:
        await session.send("hi").result
        await idle(session)
        stored = await loaded(store)
        assert texts(stored.timeline).count("late") == 1
        assert stored.queued == ()


@pytest.mark.parametrize("text", ["", "I was sa"])
async def test_an_execution_cut_off_by_a_crash_comes_back_marked_and_is_not_run_again(
    store: SessionStore, text: str
) -> None:
    """as after kill -9"""
    if isinstance(store, PlainStore):
        await store.save(
            SessionSnapshot(
                session_id="s",
                queued=(QueuedMessage(UserMessage("hi", id="m1")),),
                open_execution=OpenExecution("e1", 1.0, text, ("m1",)),
            )
        )
    else:
        records: list[JournalRecord] = [
            MessageAccepted(QueuedMessage(UserMessage("hi", id="m1"))),
            ExecutionOpened("e1", 1.0),
            MessagesShown("e1", ("m1",)),
        ]
        records += [PartialText("e1", text)] if text else []
        await cast("JournalStore", store).append("s", records)
    model = ScriptedModel("back")
    async with create_app(Plain, model=model, store=store) as app:
        session = await app.session("s")
        assert (session.status, session.queued_messages, model.requests) == ("idle", (), [])
        assert texts(session.timeline) == ["hi", text][: 1 + bool(text)]
        assert {entry.execution_id for entry in session.timeline} == {"e1"}
        if text:
            assert session.timeline[1].tags == ("model_output", "interrupted")
        await session.close()
        session = await app.session("s")
        assert len(session.timeline) == 1 + bool(text)
        assert (await session.render({}).result).response == "back"


async def test_a_crash_while_a_tool_runs_leaves_its_outcome_unknown_and_what_waited_waiting(
    store: SessionStore,
) -> None:
    """as after kill -9: the session goes on in a copy of what was stored while the tool ran"""
    running, copy = asyncio.Event(), MemoryStore()

    @tool
    async def wipe(path: str) -> str:
        """Wipe a folder."""
        running.set()
        await asyncio.Event().wait()
        return path

    asking = reply("I wipe.", calls=[call("wipe", path="/tmp/x")])
    async with talking(ScriptedModel(asking), store=store, tools=[wipe]) as session:
        handle = await session.send("wipe it")
        await running.wait()
        await session.queue("and now?")
        await session.flush()
        await copy.save(await loaded(store))
        handle.abort()

    async with talking(store=copy) as session:
        assert roles(session.timeline) == ["user", "assistant", "tool"]
        assert texts(session.timeline)[:2] == ["wipe it", "I wipe."]
        (use,), (result,) = session.timeline[1].message.tool_uses, session.timeline[2].message.tool_results
        assert (use.input, result.tool_use_id, result.is_error) == ({"path": "/tmp/x"}, use.tool_use_id, True)
        assert "outcome is unknown" in result.content[0].text
        assert [message.text for message in session.queued_messages] == ["and now?"]


async def test_a_snapshot_in_the_middle_of_a_run_knows_what_is_shown_and_what_runs() -> None:
    async with talking(ScriptedModel(reply("x", hold=asyncio.Event()))) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        snapshot = session.snapshot()
        assert [queued.message.text for queued in snapshot.queued] == ["hi"]
        assert snapshot.open_execution is not None
        assert snapshot.open_execution.execution_id == handle.execution_id
        handle.abort()


async def test_an_aborted_execution_is_stored_too(store: SessionStore) -> None:
    async with talking(ScriptedModel(reply("half", hold=asyncio.Event())), store=store) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        with pytest.raises(AbortError):
            await handle.result
        await idle(session)
        stored = await loaded(store)
        assert texts(stored.timeline) == ["hi", "half"]
        assert (stored.queued, stored.open_execution) == ((), None)


async def test_another_program_cannot_write_the_same_session(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    async with create_app(Plain, model=mock(), store=path) as one, create_app(Plain, store=path) as two:
        session = await one.session("s")
        with pytest.raises(SessionInUseError):
            await two.session("s")
        await session.close()
        assert (await two.session("s")).status == "idle"


async def test_a_session_that_cannot_be_opened_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"

    def refuse(_: object) -> None:
        raise RuntimeError("no")

    async with (
        create_app(Plain, store=path, on_session_create=refuse) as one,
        create_app(Plain, store=path) as two,
    ):
        with pytest.raises(RuntimeError, match="no"):
            await one.session("s")
        assert not one.has("s")
        assert (await two.session("s")).status == "idle"


async def test_deleting_forgets_a_session_and_closing_does_not(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("hi").result
        await app.close("s")
        assert await store.load("s") is not None
        await app.delete("s")
        assert await store.load("s") is None
        assert (await app.session("s")).timeline == ()


async def test_the_answer_is_stored_in_time_while_it_streams_and_when_the_stream_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert streamed.PARTIAL_TEXT_SECONDS < 1
    monkeypatch.setattr(streamed, "PARTIAL_TEXT_SECONDS", 0.01)
    store = SqliteStore(tmp_path / "sessions.db")
    model = ScriptedModel(reply("a b c", chunk=1, hold=asyncio.Event()))
    async with talking(model, store=store) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta", lambda event: event.delta == "c")
        async with asyncio.timeout(SOON):
            while True:
                stored = await loaded(store)
                assert stored.open_execution is not None
                if stored.open_execution.partial == "a b c":
                    break
        handle.abort()


ROOT = Path(__file__).parents[4]
PROGRAM = """
import asyncio, sys
from agentick_core import create_app
from agentick_core.testing import ScriptedModel, reply
from tests.core.session.talk import Plain, seen

async def main():
    model = ScriptedModel(reply("I was saying", hold=asyncio.Event()))
    app = create_app(Plain, model=model, store=sys.argv[1])
    session = await app.session("s")
    handle = await session.send("hi")
    await seen(handle, "content_delta")
    await session.queue("later", when="next_execution")

asyncio.run(main())
"""


async def test_the_end_of_the_event_loop_is_an_abort_that_is_stored_without_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    command = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", PROGRAM, str(path)]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    store = SqliteStore(path)
    stored = await loaded(store)
    assert texts(stored.timeline) == ["hi", "I was saying"]
    assert stored.timeline[1].metadata == {"reason": "The event loop is closing"}
    assert [queued.message.text for queued in stored.queued] == ["later"]
    assert stored.open_execution is None
    await store.aclose()


async def test_many_sends_at_once_to_one_file_lose_and_double_nothing(tmp_path: Path) -> None:
    model = FunctionModel(lambda request: f"re {request.messages[-1].text}")
    path = tmp_path / "sessions.db"
    async with create_app(Plain, model=model, store=path) as app:
        sessions = [await app.session(f"s{n}") for n in range(4)]
        for number in range(5):
            await asyncio.gather(*(session.send(f"m{number}").result for session in sessions))
        expected = [text for n in range(5) for text in (f"m{n}", f"re m{n}")]
        for session in sessions:
            assert texts(session.timeline) == expected
    store = SqliteStore(path)
    for n in range(4):
        snapshot = await store.load(f"s{n}")
        assert snapshot is not None
        assert texts(snapshot.timeline) == expected
    await store.aclose()
