"""What must hold of a session however it is closed, restored, labelled and stored."""

import asyncio
from typing import Any, cast

import pytest

from agentick_core import (
    AbortError,
    Nodes,
    SessionClosedError,
    Timeline,
    component,
    create_app,
    tool,
    use_session,
)
from agentick_core.errors import StoreVersionError, ValidationError
from agentick_core.hooks import use_data
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, TrackedRunner, call, reply
from agentick_core.wire.snapshot import snapshot_from_wire, snapshot_to_wire
from tests.core.session.saying import Heard
from tests.core.session.stores import PlainStore, loaded
from tests.core.session.talk import SOON, Plain, mock, seen, stopped, talking, texts


async def test_beat_9_a_session_that_is_closed_while_it_runs_stays_closed() -> None:
    async with talking(ScriptedModel(reply("x", hold=asyncio.Event()))) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        async with asyncio.timeout(SOON):
            await session.close()
        assert (session.status, session.is_terminal) == ("closed", True)
        with pytest.raises(AbortError, match="Execution aborted"):
            await handle.result
        with pytest.raises(SessionClosedError, match="Session is closed"):
            await session.mount()
        with pytest.raises(SessionClosedError, match="Session is closed"):
            await session.send("more").result


async def test_beat_10_closing_while_a_tick_compiles_is_an_abort_like_any_other() -> None:
    compiling, model = asyncio.Event(), mock()

    async def fetch() -> str:
        compiling.set()
        await asyncio.Event().wait()
        return ""

    @component
    def Fetching() -> Nodes:
        use_data("slow", fetch)
        yield Timeline()

    async with talking(model, Fetching) as session:
        handle = await session.send("hi")
        await compiling.wait()
        async with asyncio.timeout(SOON):
            await session.close()
        assert (await stopped(handle)).reason == "Session closed"
        end = handle.events.to_list()[-1]
        assert (end.type, end.aborted, end.error, handle.status) == ("execution_end", True, None, "aborted")
        assert (texts(session.timeline), model.requests) == (["hi"], [])


@pytest.mark.parametrize("hooked", [True, False])
async def test_beat_43_a_result_waits_for_its_write(hooked: bool) -> None:
    saved: list[SessionSnapshot] = []

    class Slow(PlainStore):
        async def save(self, snapshot: SessionSnapshot) -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            await super().save(snapshot)
            saved.append(snapshot)

    store, told = Slow(), Heard()
    async with talking(store=store, on_after_persist=told if hooked else None) as session:
        for count in (1, 2):
            await session.send("hi").result
            assert len((await loaded(store)).timeline) == len(saved[-1].timeline) == 2 * count
            assert len(told.calls) == (count if hooked else 0)


async def test_beat_45_a_history_takes_no_tick_from_a_run() -> None:
    model = ScriptedModel("one")
    async with create_app(Plain, model=model, max_ticks=1) as app:
        result = await app.run("hi", history=["before", {"role": "assistant", "content": "yes?"}]).result
        assert (result.response, result.tick, result.usage.ticks) == ("one", 1, 1)


async def test_beat_46_runs_leave_nothing_in_the_store_and_push_nobody_out(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store, max_active=1) as app:
        session = await app.session("s")
        handles = [await app.run("hi") for _ in range(3)]
        for each in handles:
            await each.result
            assert await store.load(each.session_id) is None
        assert dict(app.sessions) == {"s": session}


async def test_beat_46_a_send_to_the_app_without_an_id_leaves_as_little(store: SessionStore) -> None:
    closed: list[str] = []
    async with create_app(
        Plain, model=mock(), store=store, max_active=1, on_session_close=closed.append
    ) as app:
        session = await app.session("s")
        handle = await app.send("hi")
        assert (await handle.result).response == "Mock response"
        assert (await (await app.send()).result).response == ""
        assert await store.load(handle.session_id) is None
        assert dict(app.sessions) == {"s": session}
    assert handle.session_id in closed


class NotJson:
    """Something that has no JSON form."""


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (NotJson(), "a value of type NotJson"),
        ({"a": [1, {"b": len}]}, r"a\[1\].b: a value of type builtin_function_or_method"),
        ({"a": {7: 1}}, "a: the key 7 is not a string"),
        ([1.0, float("nan")], r"\[1\]: nan"),
    ],
)
async def test_beat_48_what_cannot_be_stored_is_refused_where_it_is_set(value: Any, where: str) -> None:
    state: list[Any] = []

    @component
    def Keeping() -> Nodes:
        state[:] = [use_session().state]
        yield Timeline()

    store = MemoryStore()
    async with talking(agent=Keeping, store=store) as session:
        await session.mount()
        with pytest.raises(ValidationError, match=f"Session state 'mood' is not JSON: {where}"):
            state[0].set("mood", value)
        state[0].set("live", value, persist=False)
        await session.send("hi").result
        assert (session.inspect().persist_error, (await loaded(store)).com_state) == (None, {})


async def test_beat_49_a_snapshot_of_another_version_is_refused() -> None:
    data = {**snapshot_to_wire(SessionSnapshot(session_id="s")), "version": "99.0"}
    with pytest.raises(StoreVersionError, match=r"99\.0"):
        snapshot_from_wire(data)


async def test_beat_49_a_restore_is_told_to_the_runner_when_the_session_is_opened_after_its_begin(
    store: SessionStore,
) -> None:
    await store.save(SessionSnapshot(session_id="s", extra={"port": 1}))
    runner = TrackedRunner()
    async with talking(store=store, runner=runner):
        assert runner.hooks == ("on_session_init", "on_restore")
        assert runner.restored == {"port": 1}


async def test_h20_labels_do_not_follow_what_is_done_to_the_callers_own(store: SessionStore) -> None:
    given: dict[str, Any] = {"type": "worker", "tags": ["a"]}
    async with create_app(Plain, model=mock(), store=store) as app:
        session = await app.session("s", metadata=given)
        given["tags"].append("b")
        cast("dict[str, Any]", session.metadata)["tags"].append("c")
        assert session.metadata == {"type": "worker", "tags": ["a"]}
        await session.send("hi").result
        assert (await loaded(store)).metadata == {"type": "worker", "tags": ["a"]}
        other = await app.session("t")
        await other.send("hi").result
        assert "metadata" not in snapshot_to_wire(other.snapshot())


async def test_a_session_that_is_deleted_by_its_own_tool_is_gone(store: SessionStore) -> None:
    @tool
    async def forget() -> str:
        """Forget everything."""
        await app.delete("s")
        return "forgotten"

    async with create_app(Plain, model=ScriptedModel(call("forget")), tools=[forget], store=store) as app:
        session = await app.session("s")
        with pytest.raises(AbortError):
            await session.send("hi").result
        async with asyncio.timeout(SOON):
            await session.close()
        assert await store.load("s") is None
