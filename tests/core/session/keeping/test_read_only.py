"""A session that one program writes and another reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentick_core import create_app
from agentick_core.errors import NotFoundError, SessionInUseError, StateError
from agentick_core.messages.snapshot import ForkPoint
from agentick_core.testing import FunctionModel, ScriptedModel, call
from tests.core.session.talk import Adder, Plain, mock, seen, talking, texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.db"


async def test_a_session_in_use_can_be_read_meanwhile_and_follows_its_writer(path: Path) -> None:
    async with talking(store=path) as writer, create_app(Plain, model=mock(), store=path) as app:
        await writer.send("one").result
        with pytest.raises(SessionInUseError):
            await app.session("s")
        reader = await app.session("s", read_only=True)
        assert (reader.read_only, writer.read_only) == (True, False)
        assert reader.timeline == writer.timeline
        assert reader.inspect().total_usage == writer.inspect().total_usage
        told: list[Any] = []
        reader.on("event", told.append)
        assert await reader.refresh() == ()
        await writer.send("two").result
        assert len(reader.timeline) == 2
        fresh = await reader.refresh()
        assert fresh == writer.timeline[2:]
        assert reader.timeline == writer.timeline
        assert [(event.type, event.entry, event.timeline_index) for event in told] == [
            ("entry_committed", entry, at) for at, entry in enumerate(writer.timeline) if at >= 2
        ]
        assert reader.snapshot().usage.ticks == 2


WRITES: dict[str, Callable[[Any], Any]] = {
    "send": lambda session: session.send("hi"),
    "render": lambda session: session.render({}),
    "queue": lambda session: session.queue("hi"),
    "dispatch": lambda session: session.dispatch("add", {"a": 1, "b": 2}),
    "spawn": lambda session: session.spawn(Plain, "hi"),
    "mount": lambda session: session.mount(),
}


@pytest.mark.parametrize("name", WRITES)
async def test_nothing_can_be_said_in_a_session_that_is_open_read_only(path: Path, name: str) -> None:
    async with talking(store=path) as writer, create_app(Adder, model=mock(), store=path) as app:
        await writer.send("one").result
        reader = await app.session("s", read_only=True)
        with pytest.raises(StateError, match="Session is open read-only") as failure:
            await WRITES[name](reader)
        assert failure.value.hint == "Fork it, or open it again when the other program has closed it."
        for write in (
            lambda: reader.interrupt("stop"),
            lambda: reader.requeue(["a"]),
            lambda: reader.unqueue("a"),
            lambda: reader.set_model(mock()),
        ):
            with pytest.raises(StateError, match="Session is open read-only"):
                write()
        assert (await writer.send("two").result).response == "Mock response"


async def test_a_reader_sees_an_execution_that_runs_and_does_not_mark_it_interrupted(path: Path) -> None:
    async def answer(_: Any) -> str:
        reader = await app.session("s", read_only=True)
        running = reader.snapshot()
        assert running.open_execution is not None
        assert texts(tuple(queued.message for queued in running.queued)) == ["one"]
        return "fine"

    async with talking(FunctionModel(answer), store=path) as writer, create_app(Plain, store=path) as app:
        assert (await writer.send("one").result).response == "fine"
        reader = await app.session("s", read_only=True)
        await reader.refresh()
        assert texts(reader.timeline) == ["one", "fine"]
        assert reader.snapshot().open_execution is None


async def test_a_reader_shows_the_view_and_the_state_of_the_writer(path: Path) -> None:
    async with (
        talking(store=path, max_timeline_entries=2) as writer,
        create_app(Plain, store=path) as app,
    ):
        await writer.send("one").result
        reader = await app.session("s", read_only=True)
        await writer.send("two").result
        writer._core.state.set("a", 1)
        await writer.queue("waits", when="next_execution")
        await reader.refresh()
        assert texts(reader.timeline) == ["two", "Mock response"]
        assert reader.snapshot().com_state == {"a": 1}
        assert texts(reader.queued_messages) == ["waits"]
        writer._core.state.delete("a")
        await writer.flush()
        await reader.refresh()
        assert reader.snapshot().com_state == {}


async def test_a_reader_can_be_forked_while_the_other_program_writes(path: Path) -> None:
    async with talking(store=path) as writer, create_app(Plain, model=mock(), store=path) as app:
        await writer.send("one").result
        reader = await app.session("s", read_only=True)
        fork = await reader.fork(id="f")
        assert (fork.read_only, fork.forked_from) == (False, ForkPoint("s", writer.timeline[-1].id))
        assert (await fork.send("two").result).response == "Mock response"
        assert texts(fork.timeline) == ["one", "Mock response", "two", "Mock response"]
        assert len(writer.timeline) == 2


async def test_a_closed_reader_leaves_the_writer_its_session(path: Path) -> None:
    async with talking(store=path) as writer, create_app(Plain, model=mock(), store=path) as app:
        await writer.send("one").result
        await (await app.session("s", read_only=True)).close()
        with pytest.raises(SessionInUseError):
            await app.session("s")
        await writer.send("two").result
        await writer.close()
        assert len((await app.session("s")).timeline) == 4


async def test_what_is_not_stored_cannot_be_read(path: Path) -> None:
    for store in (path, None):
        async with create_app(Plain, model=mock(), store=store) as app:
            with pytest.raises(NotFoundError, match="No session 'nowhere' is stored"):
                await app.session("nowhere", read_only=True)
            assert not app.has("nowhere")


async def test_a_session_is_not_open_both_ways_in_one_app(path: Path) -> None:
    async with create_app(Plain, model=mock(), store=path) as app:
        writer = await app.session("s")
        await writer.send("one").result
        with pytest.raises(StateError, match="read_only"):
            await app.session("s", read_only=True)
        with pytest.raises(StateError, match="read-only is refreshed"):
            await writer.refresh()
        await writer.close()
        reader = await app.session("s", read_only=True)
        with pytest.raises(StateError, match="read_only"):
            await app.session("s")
        await app.delete("s")
        assert reader.is_terminal


async def test_a_reader_is_told_when_the_session_was_deleted(path: Path) -> None:
    async with create_app(Plain, model=mock(), store=path) as writing, create_app(Plain, store=path) as app:
        await (await writing.session("s")).send("one").result
        reader = await app.session("s", read_only=True)
        await writing.delete("s")
        with pytest.raises(NotFoundError):
            await reader.refresh()
        assert texts(reader.timeline) == ["one", "Mock response"]


async def test_tool_pairs_come_whole_to_a_reader(path: Path) -> None:
    model = ScriptedModel(call("add", a=1, b=2), "three")
    async with talking(model, Adder, store=path) as writer, create_app(Adder, store=path) as app:
        handle = await writer.send("hi")
        await seen(handle, "tick_end")
        reader = await app.session("s", read_only=True)
        calls = {use.tool_use_id for entry in reader.timeline for use in entry.message.tool_uses}
        assert len(calls) == 1
        assert [entry.message.role for entry in reader.timeline][:3] == ["user", "assistant", "tool"]
        await handle.result
