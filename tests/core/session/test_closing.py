"""Closing: what it ends, and from where it may be called."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import (
    AbortError,
    Nodes,
    SessionClosedError,
    Timeline,
    component,
    create_app,
    use_effect,
    use_on_unmount,
    use_session,
    use_session_state,
    use_timeline,
)
from agentick_core.errors import StateError
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, call
from tests.core.session.talk import (
    SOON,
    Plain,
    held,
    kinds,
    mock,
    roles,
    seen,
    stopped,
    talking,
    texts,
    tool,
)

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_c13_c14_a_closed_session_refuses_everything_and_still_answers_questions() -> None:
    async with talking(ScriptedModel("ok")) as session:
        await session.send("hi").result
        await session.close()
        await session.close()
        calls: list[Any] = [
            lambda: session.send("x"),
            lambda: session.render({}),
            lambda: session.queue("x"),
            lambda: session.spawn(Plain, "x"),
            lambda: session.dispatch("x"),
            session.mount,
        ]
        for each in calls:
            with pytest.raises(SessionClosedError, match="Session is closed"):
                await each()
        for each in (session.interrupt, lambda: session.unqueue("x"), lambda: session.requeue([])):
            with pytest.raises(SessionClosedError):
                each()
        assert (session.status, session.is_terminal) == ("closed", True)
        assert len(session.snapshot().timeline) == 2
        assert session.inspect().status == "closed"


async def test_c14_closing_stops_what_runs_and_waits_until_it_has_ended() -> None:
    async with talking(ScriptedModel(held())) as session:
        closed: list[Any] = []
        session.on("close", closed.append)
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        following = await session.send("more", max_ticks=1)
        await session.close()
        error = await stopped(handle)
        assert (error.code, error.reason) == ("ABORT_CANCELLED", "Session closed")
        await stopped(following)
        assert [event async for event in following] == []
        assert (kinds(handle)[-1], session.status, closed) == ("execution_end", "closed", ["s"])
        assert texts(session.timeline) == ["hi", "partial"]
        assert texts(session.queued_messages) == ["more"]


async def test_closing_takes_the_tree_down() -> None:
    heard: list[str] = []

    @component
    def Tidy() -> Nodes:
        use_effect(lambda: lambda: heard.append("cleanup"), ())
        use_on_unmount(lambda: heard.append("unmount"))
        yield Timeline()

    async with talking(agent=Tidy) as session:
        await session.mount()
        await session.close()
    assert sorted(heard) == ["cleanup", "unmount"]


async def test_what_cleanups_set_while_it_closes_is_stored_and_what_is_set_later_is_refused() -> None:
    setters: list[Callable[[], object]] = []

    @component
    def Keeping() -> Nodes:
        _, set_note = use_session_state("note", "")
        timeline, session = use_timeline(), use_session()
        use_on_unmount(lambda: set_note("cleaned up"))
        setters[:] = [
            lambda: set_note("late"),
            lambda: session.state.set("other", 1),
            lambda: session.state.delete("note"),
            lambda: timeline.set([]),
        ]
        yield Timeline()

    store = MemoryStore()
    async with talking(agent=Keeping, store=store) as session:
        await session.send("hi").result
        await session.close()
        for late in setters:
            with pytest.raises(SessionClosedError):
                late()
        stored = await store.load("s")
        assert stored is not None
        assert (stored.com_state, len(stored.timeline)) == ({"note": "cleaned up"}, 2)
        assert len(session.timeline) == 2


async def test_a_tool_may_close_its_session() -> None:
    @tool
    async def leave() -> str:
        """Leave."""
        await session.close()
        assert session.is_terminal
        await asyncio.Event().wait()
        return "never"

    async with talking(ScriptedModel(call("leave")), tools=[leave]) as session:
        handle = await session.send("bye")
        await stopped(handle)
        async with asyncio.timeout(SOON):
            await session.wait_closed()
        assert roles(session.timeline) == ["user", "assistant", "tool"]
        assert session.timeline[-1].message.tool_results[0].is_error


async def test_a_command_may_close_its_session_and_even_its_app() -> None:
    @tool(audience="user")
    async def quit() -> str:
        """Quit."""
        await app.aclose()
        return "bye"

    app = create_app(Plain, model=mock(), tools=[quit])
    session = await app.session("s")
    async with asyncio.timeout(SOON):
        assert len(await session.dispatch("quit")) == 1
        await app.aclose()
    assert session.status == "closed"


async def test_closing_ends_commands_that_run() -> None:
    began = asyncio.Event()

    @tool(audience="user")
    async def wait() -> str:
        """Wait."""
        began.set()
        await asyncio.Event().wait()
        return "never"

    async with talking(tools=[wait]) as session:
        running = session.dispatch("wait")
        await began.wait()
        await session.close()
        with pytest.raises(AbortError):
            await running


async def test_what_went_wrong_inside_comes_first_though_closing_fails_too() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        async with create_app(Plain, model=ScriptedModel("never asked for")) as app:
            await app.session()
            raise ZeroDivisionError
    assert "1 of 1 steps left" in caught.value.__notes__[0]


async def test_a_session_that_was_asked_for_while_the_app_closed_is_not_opened_after_it() -> None:
    store = MemoryStore()
    app = create_app(Plain, model=ScriptedModel(held()), store=store)
    session = await app.session("s")
    await seen(await session.send("hi"), "content_delta")
    closing = asyncio.ensure_future(session.close())
    await asyncio.sleep(0)
    asked = asyncio.ensure_future(app.session("s"))
    await asyncio.sleep(0)
    await app.aclose()
    await closing
    with pytest.raises(StateError, match="The app is closed"):
        await asked
    assert not app.sessions
