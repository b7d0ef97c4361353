"""Sessions that are put to sleep, and woken."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, ToolContext, component, create_app, tool
from agentick_core.errors import StateError, StorageError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, TrackedRunner, call, reply
from tests.core.session.saying import Heard, asking
from tests.core.session.stores import BrokenStore, PlainStore, loaded
from tests.core.session.talk import SOON, Plain, mock, seen, talking, texts


async def test_a_session_sleeps_in_the_store_and_wakes_with_its_history(store: SessionStore) -> None:
    closed: list[str] = []
    async with create_app(Plain, model=mock(), store=store, on_session_close=closed.append) as app:
        session = await app.session("s", metadata={"type": "worker"})
        await session.send("hi").result
        snapshot = await app.hibernate("s")
        assert snapshot is not None
        assert (snapshot.hibernated, await loaded(store)) == (True, snapshot)
        assert (session.status, app.has("s"), closed) == ("closed", False, ["s"])
        assert await app.is_hibernated("s")
        listed = () if isinstance(store, PlainStore) else ("s",)
        assert await app.hibernated_sessions() == listed
        woken = await app.session("s")
        assert (texts(woken.timeline), woken.metadata) == (["hi", "Mock response"], {"type": "worker"})
        assert not await app.is_hibernated("s")
        assert await app.hibernated_sessions() == ()
        await woken.send("again").result
        await woken.close()
        assert not await app.is_hibernated("s")


async def test_hibernation_comes_in_the_order_of_its_hooks(store: SessionStore) -> None:
    order: list[str] = []

    def note(name: str) -> Any:
        return asking(lambda: order.append(name))

    hooks: dict[str, Any] = {
        f"on_{when}_{what}": note(f"{when} {what}")
        for what in ("persist", "restore", "hibernate", "hydrate")
        for when in ("before", "after")
    }
    async with create_app(
        Plain, model=mock(), store=store, on_session_close=lambda id: order.append("closed"), **hooks
    ) as app:
        session = await app.session("s")
        await session.send("hi").result
        order.clear()
        await session.hibernate()
        assert order == ["before hibernate", "before persist", "after persist", "closed", "after hibernate"]
        order.clear()
        await app.session("s")
        assert order == ["before hydrate", "before restore", "after restore", "after hydrate"]


async def test_a_host_may_refuse_hibernation_or_change_what_sleeps(store: SessionStore) -> None:
    answer: Any = False
    async with create_app(
        Plain, model=mock(), store=store, on_before_hibernate=lambda session, snapshot: answer
    ) as app:
        session = await app.session("s")
        await session.send("hi").result
        assert await session.hibernate() is None
        assert (session.status, app.has("s"), await app.is_hibernated("s")) == ("idle", True, False)
        await session.send("more").result
        assert texts((await loaded(store)).timeline) == texts(session.timeline)
        answer = replace(session.snapshot(), extra={"note": "asleep"})
        snapshot = await session.hibernate()
        assert snapshot is not None
        assert (await loaded(store)).extra == snapshot.extra == {"note": "asleep"}


async def test_a_refused_persist_refuses_the_hibernation(store: SessionStore) -> None:
    refuses = False
    async with talking(store=store, on_before_persist=asking(lambda: False if refuses else None)) as session:
        await session.send("hi").result
        refuses = True
        assert await session.hibernate() is None
        assert session.status == "idle"
        assert len((await loaded(store)).timeline) == 2


async def test_a_refused_hydration_gives_a_fresh_session_and_leaves_the_sleeper(store: SessionStore) -> None:
    async with create_app(
        Plain, model=mock(), store=store, on_before_hydrate=lambda id, snapshot: False
    ) as app:
        session = await app.session("s")
        await session.send("hi").result
        await session.hibernate()
        fresh = await app.session("s")
        await fresh.send("other").result
        assert texts(fresh.timeline) == ["other", "Mock response"]
        assert texts((await loaded(store)).timeline) == ["hi", "Mock response"]


async def test_what_runs_is_stopped_before_its_session_sleeps(store: SessionStore) -> None:
    async with talking(ScriptedModel(reply("half an ", hold=asyncio.Event())), store=store) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        await session.send("and then", max_ticks=1)
        async with asyncio.timeout(SOON):
            snapshot = await session.hibernate()
        assert handle.status == "aborted"
        assert snapshot is not None
        assert snapshot.timeline[0].message.text == "hi"
        assert snapshot.open_execution is None


async def test_nobody_is_there_to_sleep_or_nowhere_to_sleep_in() -> None:
    async with create_app(Plain, model=mock()) as app:
        assert await app.hibernate("nobody") is None
        session = await app.session("s")
        await session.send("hi").result
        assert (await app.is_hibernated("s"), await app.hibernated_sessions()) == (False, ())
        snapshot = await session.hibernate()
        assert snapshot is not None
        assert texts(snapshot.timeline) == ["hi", "Mock response"]
        assert (session.status, await app.is_hibernated("s")) == ("closed", False)
        assert await session.hibernate() is None


async def test_a_session_that_cannot_be_stored_does_not_sleep() -> None:
    store = BrokenStore()
    async with talking(store=store) as session:
        await session.send("hi").result
        store.broken = True
        with pytest.raises(StorageError, match="disk full"):
            await session.hibernate()
        assert session.status == "idle"
        store.broken = False
        await session.send("more").result
        assert texts((await loaded(store)).timeline) == texts(session.timeline)
        assert not (await loaded(store)).hibernated


async def test_a_session_cannot_sleep_from_inside() -> None:
    said: list[str] = []

    @tool
    async def sleep(ctx: ToolContext) -> str:
        """Sleep."""
        with pytest.raises(StateError, match="cannot hibernate from inside"):
            await session.hibernate()
        said.append("no")
        return "no"

    @component
    def Sleepy() -> Nodes:
        yield sleep
        yield Timeline()

    async with talking(ScriptedModel(call("sleep"), "well"), Sleepy, store=MemoryStore()) as session:
        assert (await session.send("hi").result).response == "well"
        assert said == ["no"]


async def test_the_runner_has_its_say_in_what_sleeps() -> None:
    store, runner = MemoryStore(), TrackedRunner(persist_data={"port": 1})
    async with create_app(Plain, model=mock(), store=store, runner=runner) as app:
        session = await app.session("s")
        snapshot = await session.hibernate()
        assert snapshot is not None
        assert (snapshot.extra, snapshot.hibernated) == ({"port": 1}, True)
        assert runner.hooks == ("on_session_init", "on_persist", "on_destroy")


async def test_a_session_that_was_woken_sleeps_no_more_though_nothing_happened_in_it(
    store: SessionStore,
) -> None:
    told: list[str] = []
    async with create_app(
        Plain, model=mock(), store=store, on_before_hydrate=lambda id, _: told.append(id)
    ) as app:
        await (await app.session("s")).send("hi").result
        await app.hibernate("s")
        for _ in range(2):
            session = await app.session("s")
            await session.close()
        assert (told, await app.is_hibernated("s")) == (["s"], False)
        assert texts((await loaded(store)).timeline) == ["hi", "Mock response"]


async def test_a_session_that_was_woken_by_another_app_sleeps_no_more_for_this_one_either(
    store: SessionStore,
) -> None:
    async with create_app(Plain, model=mock(), store=store) as one, create_app(Plain, store=store) as two:
        await (await one.session("s")).send("hi").result
        await one.hibernate("s")
        session = await two.session("s")
        assert (await one.is_hibernated("s"), await one.hibernated_sessions()) == (False, ())
        assert texts(session.timeline) == texts((await loaded(store)).timeline) == ["hi", "Mock response"]


async def test_what_is_queued_while_the_host_thinks_sleeps_with_the_session(store: SessionStore) -> None:
    async def think(session: Any, snapshot: SessionSnapshot) -> SessionSnapshot:
        await session.queue("later")
        return snapshot

    async with talking(store=store, on_before_hibernate=think) as session:
        await session.send("hi").result
        await session.hibernate()
        assert [each.message.text for each in (await loaded(store)).queued] == ["later"]


async def test_a_session_put_to_sleep_twice_at_once_sleeps_once(store: SessionStore) -> None:
    heard = Heard()
    async with create_app(Plain, model=mock(), store=store, on_after_hibernate=heard) as app:
        session = await app.session("s")
        await session.send("hi").result
        first, second = await asyncio.gather(session.hibernate(), app.hibernate("s"))
        assert first is not None
        assert second is None
        assert heard.calls == [("s", first)]


async def test_what_is_sent_while_a_session_falls_asleep_is_in_what_is_stored(store: SessionStore) -> None:
    late: list[Any] = []

    async def before(session: Any, _: SessionSnapshot) -> None:
        if not late:
            late.append(await session.send("late"))

    async with create_app(Plain, model=mock(), store=store, on_before_hibernate=before) as app:
        session = await app.session("s")
        await session.send("hi").result
        snapshot = await session.hibernate()
        assert snapshot is not None
        assert "late" in texts(snapshot.timeline)
        assert (await loaded(store), late[0].status != "running") == (snapshot, True)
