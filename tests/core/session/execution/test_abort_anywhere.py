"""An abort at any moment, and in anything that hangs."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    ToolContext,
    component,
    use_continuation,
    use_on_execution_end,
    use_on_execution_start,
    use_on_message,
    use_on_mount,
    use_on_tick_start,
)
from agentick_core.errors import StateError
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import (
    SOON,
    Adder,
    held,
    idle,
    kinds,
    roles,
    seen,
    stopped,
    talking,
    texts,
    told,
    tool,
)


@pytest.mark.parametrize(
    "kind",
    [
        "execution_start",
        "tick_start",
        "compiled",
        "model_request",
        "content_delta",
        "message",
        "model_response",
    ],
)
async def test_an_abort_from_a_listener_stops_at_any_event_and_loses_nothing(kind: str) -> None:
    model = ScriptedModel.repeat(reply("some words", calls=[call("add", a=1, b=2)], chunk=4))
    async with talking(model, Adder) as session:

        def stop(event: Any) -> None:
            if event.type == kind and session.execution is not None:
                session.execution.abort("heard enough")

        session.on("event", stop)
        handle = await session.send("hi")
        await stopped(handle)
        await idle(session)
        assert (handle.status, kinds(handle)[-1]) == ("aborted", "execution_end")
        assert texts(session.timeline)[0] == "hi"
        assert "tool_result_start" not in kinds(handle)
        uses = [use.tool_use_id for entry in session.timeline for use in entry.message.tool_uses]
        results = [each.tool_use_id for entry in session.timeline for each in entry.message.tool_results]
        assert uses == results


@pytest.mark.parametrize("kind", ["entry_committed", "tick_end", "context_update", "result", "execution_end"])
async def test_an_abort_from_a_listener_near_the_end_leaves_a_whole_timeline(kind: str) -> None:
    async with talking() as session:

        def stop(event: Any) -> None:
            if event.type == kind and session.execution is not None:
                session.execution.abort()

        session.on("event", stop)
        handle = await session.send("hi")
        await handle.settled()
        await idle(session)
        assert texts(session.timeline) == ["hi", "Mock response"]
        assert handle.status == ("completed" if kind in ("result", "execution_end") else "aborted")
        assert kinds(handle)[-1] == "execution_end"


@pytest.mark.parametrize(
    "hook", [use_on_execution_start, use_on_tick_start, use_on_mount, use_continuation, use_on_execution_end]
)
async def test_an_abort_ends_a_callback_that_hangs(hook: Any) -> None:
    began = asyncio.Event()

    @component
    def Hanging() -> Nodes:
        @hook
        async def hang() -> None:
            began.set()
            await asyncio.Event().wait()

        yield Timeline()

    async with talking(agent=Hanging) as session:
        handle = await session.send("hi")
        async with asyncio.timeout(SOON):
            await began.wait()
            handle.abort()
            await handle.settled()
        await idle(session)
        expected = "completed" if hook is use_on_execution_end else "aborted"
        assert (handle.status, session.status) == (expected, "idle")
        assert texts(session.timeline)[0] == "hi"


async def test_closing_ends_a_callback_that_hangs_at_the_end() -> None:
    began = asyncio.Event()

    @component
    def Hanging() -> Nodes:
        @use_on_execution_end
        async def hang() -> None:
            began.set()
            await asyncio.Event().wait()

        yield Timeline()

    async with talking(agent=Hanging) as session:
        handle = await session.send("hi")
        await began.wait()
        async with asyncio.timeout(SOON):
            await session.close()
        assert handle.status == "completed"


async def test_the_first_abort_counts() -> None:
    async with talking(ScriptedModel(held())) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort("first")
        session.interrupt(reason="second")
        handle.abort("third")
        assert str(await stopped(handle)) == "first"


async def test_a_model_that_will_not_end_does_not_hold_up_the_result() -> None:
    release = asyncio.Event()

    async def stubborn(_: Any) -> AsyncIterator[str]:
        yield "one"
        try:
            await asyncio.Event().wait()
        finally:
            await release.wait()

    async with talking(FunctionModel(stubborn)) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        await stopped(handle)
        assert (session.status, session.execution) == ("running", handle)
        release.set()
        await idle(session)


async def test_a_cancellation_callback_that_raises_does_not_break_the_abort() -> None:
    @tool
    async def careless(ctx: ToolContext) -> str:
        """Register."""

        def fail(_: object) -> None:
            raise RuntimeError("careless")

        ctx.token.on_cancel(fail)
        await asyncio.Event().wait()
        return "never"

    async with talking(ScriptedModel(call("careless")), tools=[careless]) as session:
        handle = await session.send("hi")
        await seen(handle, "tool_result_start")
        handle.abort()
        await stopped(handle)
        await idle(session)
        assert roles(session.timeline) == ["user", "assistant", "tool"]


async def test_a_call_of_queue_ends_well_when_the_session_closes_meanwhile() -> None:
    began = asyncio.Event()

    @component
    def Hanging() -> Nodes:
        @use_on_message
        async def hang() -> None:
            began.set()
            await asyncio.Event().wait()

        yield Timeline()

    async with talking(agent=Hanging) as session:
        await session.mount()
        queued = session.queue("x")
        await began.wait()
        await session.close()
        assert (await queued).text == "x"


async def test_what_a_handle_queues_after_the_close_is_refused() -> None:
    async with talking() as session:
        handle = await session.send("hi")
        await handle.result
        await session.close()
        with pytest.raises(StateError, match="closed"):
            handle.queue_message("x")


async def test_a_session_tells_when_it_waits_for_the_next_tick() -> None:
    async with talking(ScriptedModel(held())) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        waiting = asyncio.create_task(told(session, "message_queued"))
        await asyncio.sleep(0)
        await session.queue("more")
        assert (await waiting).message.text == "more"
        handle.abort()
