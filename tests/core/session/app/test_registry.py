"""Which sessions stay in memory: the bounds, who goes first, who never goes."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentick_core import App, Nodes, Session, Timeline, component, create_app, tool
from agentick_core.errors import StateError, StorageError, ValidationError
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, reply
from tests.core.session.clocks import HandClock
from tests.core.session.stores import BrokenStore, PlainStore
from tests.core.session.talk import SOON, Plain, idle, mock, seen, texts


async def until(met: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SOON):
        while not met():
            await asyncio.sleep(0)


def holding(*holds: asyncio.Event) -> ScriptedModel:
    return ScriptedModel(*(reply("done", hold=hold) for hold in holds))


async def test_h13_the_least_recently_used_idle_session_goes_and_can_be_restored(store: SessionStore) -> None:
    closed: list[str] = []
    async with create_app(
        Plain, model=mock(), store=store, max_active=2, on_session_close=closed.append
    ) as app:
        for id in "ab":
            await (await app.session(id)).send(f"hi {id}").result
        await app.session("a")
        await app.session("c")
        assert (sorted(app.sessions), closed) == (["a", "c"], ["b"])
        restored = await app.session("b")
        assert texts(restored.timeline) == ["hi b", "Mock response"]
        assert sorted(app.sessions) == ["b", "c"]


async def test_h13_a_session_is_used_by_its_events_too() -> None:
    async with create_app(Plain, model=mock(), max_active=2) as app:
        a = await app.session("a")
        await app.session("b")
        a.push_event("here", {})
        await app.session("c")
        assert sorted(app.sessions) == ["a", "c"]


async def test_h13_a_session_is_used_by_what_is_published_on_its_channels() -> None:
    async with create_app(Plain, model=mock(), max_active=2) as app:
        a = await app.session("a")
        await app.session("b")
        a.channel("typing").publish({"type": "key"})
        await app.session("c")
        assert sorted(app.sessions) == ["a", "c"]


async def test_looking_at_a_session_is_no_use_of_it() -> None:
    async with create_app(Plain, model=mock(), max_active=2) as app:
        a = await app.session("a")
        await app.session("b")
        assert (app.get_session("a"), app.get_session("x")) == (a, None)
        assert app.has("a")
        await app.session("c")
        assert sorted(app.sessions) == ["b", "c"]


async def test_beat_11_a_running_session_never_goes_and_does_not_count() -> None:
    hold = asyncio.Event()
    async with create_app(Plain, model=holding(hold), store=MemoryStore(), max_active=1) as app:
        running = await app.session("a")
        handle = await running.send("hi")
        await seen(handle, "content_delta")
        await app.session("b")
        await app.session("c")
        assert sorted(app.sessions) == ["a", "c"]
        hold.set()
        assert (await handle.result).response == "done"
        await until(lambda: len(app.sessions) == 1)
        assert list(app.sessions) == ["a"]


async def test_a_session_that_runs_a_command_does_not_go() -> None:
    begun, hold = asyncio.Event(), asyncio.Event()

    @tool
    async def slow() -> str:
        """Take long."""
        begun.set()
        await hold.wait()
        return "done"

    @component
    def Slow() -> Nodes:
        yield slow
        yield Timeline()

    async with create_app(Slow, model=mock(), max_active=1) as app:
        session = await app.session("a")
        command = session.dispatch("slow")
        await begun.wait()
        await app.session("b")
        assert sorted(app.sessions) == ["a", "b"]
        hold.set()
        assert await command == (TextBlock("done"),)
        await until(lambda: len(app.sessions) == 1)


async def test_beat_11_a_session_whose_child_runs_never_goes_and_does_not_count() -> None:
    hold = asyncio.Event()
    async with create_app(Plain, model=holding(hold), max_active=1) as app:
        parent = await app.session("a")
        child = await parent.spawn(Plain, "hi")
        await seen(child, "content_delta")
        await app.session("b")
        await app.session("c")
        assert sorted(app.sessions) == ["a", "c"]
        hold.set()
        assert (await child.result).response == "done"
        await until(lambda: len(app.sessions) == 1)


async def test_beat_11_a_session_is_stored_before_it_goes_with_what_waits_in_it(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store, max_active=1) as app:
        await (await app.session("a")).queue("later")
        await app.session("b")
        assert list(app.sessions) == ["b"]
        assert [message.text for message in (await app.session("a")).queued_messages] == ["later"]


async def test_a_session_that_cannot_be_stored_stays() -> None:
    store = BrokenStore()
    async with create_app(Plain, model=mock(), store=store, max_active=1) as app:
        session = await app.session("a")
        store.broken = True
        await session.send("hi").result
        await app.session("b")
        assert sorted(app.sessions) == ["a", "b"]
        store.broken = False
        await app.session("c")
        assert list(app.sessions) == ["c"]


async def test_a_session_that_makes_room_is_gone_when_the_next_is_there_whoever_let_it_go() -> None:
    store = BrokenStore()
    async with create_app(Plain, model=mock(), store=store, max_active=1) as app:
        session = await app.session("a")
        store.broken = True
        await session.send("hi").result
        store.broken = False
        await app.session("b")
        assert list(app.sessions) == ["b"]


async def test_whatever_a_store_raises_keeps_no_other_session_from_being_opened() -> None:
    class Broken(PlainStore):
        async def save(self, snapshot: SessionSnapshot) -> None:
            raise OSError("the disk is on fire")

    async with create_app(Plain, model=mock(), store=Broken(), max_active=1) as app:
        session = await app.session("a")
        assert (await session.send("hi").result).response == "Mock response"
        await app.session("b")
        assert sorted(app.sessions) == ["a", "b"]
        with pytest.raises(StorageError, match="could not be stored: the disk is on fire"):
            await session.flush()


async def test_who_asks_for_a_session_that_is_about_to_go_keeps_it() -> None:
    flushing, go_on = asyncio.Event(), asyncio.Event()

    class Slow(MemoryStore):
        slow = False

        async def append(self, session_id: str, records: Any) -> None:
            if self.slow and session_id == "a":
                flushing.set()
                await go_on.wait()
            await super().append(session_id, records)

    store = Slow()
    async with create_app(Plain, model=mock(), store=store, max_active=1) as app:
        a = await app.session("a")
        store.slow = True
        a.set_model(mock())
        await flushing.wait()
        opening = asyncio.create_task(app.session("b"))
        await until(lambda: app.has("b"))
        assert await app.session("a") is a
        go_on.set()
        await opening
        assert app.get_session("a") is a
        assert a.status == "idle"


@pytest.fixture
async def timed() -> Any:
    """Give an app whose sessions go after a minute, and its clock."""
    clock = HandClock()
    async with create_app(
        Plain, model=mock(), store=MemoryStore(clock=clock), idle_timeout=60.0, clock=clock
    ) as app:
        yield app, clock


async def test_h14_a_session_goes_when_nobody_has_used_it_for_so_long(
    timed: tuple[App[Any], HandClock],
) -> None:
    app, clock = timed
    closed: list[str] = []
    app.on_session_close(closed.append)
    a = await app.session("a")
    await a.send("hi").result
    await app.session("b")
    clock.advance(40)
    await app.session("b")
    await app.sweep()
    assert sorted(app.sessions) == ["a", "b"]
    clock.advance(20)
    await app.sweep()
    assert (list(app.sessions), closed) == (["b"], ["a"])
    assert texts((await app.session("a")).timeline) == ["hi", "Mock response"]


async def test_h14_a_model_call_that_takes_longer_than_the_bound_keeps_its_session() -> None:
    clock, hold = HandClock(), asyncio.Event()
    async with create_app(Plain, model=holding(hold), idle_timeout=60.0, clock=clock) as app:
        session = await app.session("a")
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        clock.advance(1000)
        await app.sweep()
        assert app.has("a")
        hold.set()
        assert (await handle.result).response == "done"
        await idle(session)
        await app.sweep()
        assert app.has("a")
        clock.advance(60)
        await app.sweep()
        assert not app.has("a")


async def test_h14_idle_sessions_go_by_themselves() -> None:
    closed = asyncio.Event()
    async with create_app(
        Plain, model=mock(), idle_timeout=0.05, on_session_close=lambda _: closed.set()
    ) as app:
        for id in "ab":
            closed.clear()
            await app.session(id)
            async with asyncio.timeout(SOON):
                await closed.wait()
            assert not app.has(id)


async def test_opening_one_session_lets_those_go_that_are_due(timed: tuple[App[Any], HandClock]) -> None:
    app, clock = timed
    await app.session("a")
    clock.advance(61)
    await app.session("b")
    assert list(app.sessions) == ["b"]


async def test_runs_and_children_take_no_place_in_memory() -> None:
    store = MemoryStore()
    async with create_app(Plain, model=mock(), store=store, max_active=1) as app:
        session = await app.session("a")
        await app.run("hi").result
        await session.spawn(Plain, "hi").result
        assert dict(app.sessions) == {"a": session}
        assert await store.list() == []


async def test_the_host_is_told_of_sessions_as_long_as_it_wants() -> None:
    created: list[str] = []
    closed: list[str] = []
    async with create_app(Plain, model=mock()) as app:
        stop_created = app.on_session_create(lambda session: created.append(session.id))
        stop_closed = app.on_session_close(closed.append)
        handle = await app.run("hi")
        await handle.result
        await app.session("a")
        await app.close("a")
        await until(lambda: len(closed) == 2)
        assert created == [handle.session_id, "a"]
        assert sorted(closed) == sorted(created)
        stop_created()
        stop_closed()
        stop_closed()
        await app.session("b")
        await app.close("b")
        assert (len(created), len(closed)) == (2, 2)


async def test_bounds_that_keep_nothing_are_refused() -> None:
    for options in ({"max_active": 0}, {"idle_timeout": 0}):
        given: Any = options
        with pytest.raises(ValidationError, match="must be above zero"):
            create_app(Plain, **given)


async def test_a_callback_of_its_opening_that_asks_for_the_session_is_told_so_and_does_not_hang() -> None:
    async def ask(session: Session[Any]) -> None:
        await app.session(session.id)

    async with create_app(Plain, model=mock(), on_session_create=ask) as app:
        async with asyncio.timeout(SOON):
            with pytest.raises(StateError, match="Session 'a' is just being opened"):
                await app.session("a")


async def test_beat_42_many_that_open_many_sessions_at_once_get_one_of_each_id() -> None:
    async with create_app(Plain, model=mock(), store=MemoryStore(), max_active=2) as app:
        opened = await asyncio.gather(*(app.session(id) for id in "aabb"))
        assert opened[0] is opened[1]
        assert opened[2] is opened[3]
