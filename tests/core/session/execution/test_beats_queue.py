"""What becomes of messages when turns are stopped, joined, resumed or fail: none is lost, none is said twice."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    ToolContext,
    component,
    use_on_tick_end,
)
from agentick_core.errors import InvalidRequestError, ProviderError
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import (
    SOON,
    held,
    idle,
    kinds,
    mock,
    seen,
    stopped,
    talking,
    texts,
    tool,
)


class Stubborn:
    """A model whose first call ends only when it is let go, however it is stopped."""

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.asked: list[list[str]] = []

    async def __call__(self, request: Any) -> Any:
        self.asked.append(texts(request))
        if len(self.asked) > 1:
            yield f"answer {len(self.asked)}"
            return
        try:
            yield "one"
            await asyncio.Event().wait()
        finally:
            await self.let_go.wait()


@pytest.mark.parametrize("how", ["send", "render", "two sends"])
async def test_beat_2_what_is_sent_while_an_aborted_run_unwinds_gets_a_live_handle(how: str) -> None:
    model = Stubborn()
    async with talking(FunctionModel(model)) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        first.abort()
        await stopped(first)
        assert session.status == "running"
        handle = await (session.render({}) if how == "render" else session.send("two"))
        if how == "two sends":
            assert await session.send("three") is handle
        assert handle is not first
        assert (handle.status, kinds(handle), len(model.asked)) == ("running", [], 1)
        model.let_go.set()
        async with asyncio.timeout(SOON):
            assert (await handle.result).response == "answer 2"
        assert (session.status, first.status, handle.status) == ("idle", "aborted", "completed")
        wanted = {"send": ["two"], "render": [], "two sends": ["two", "three"]}[how]
        assert texts(session.timeline) == ["one", "one", *wanted, "answer 2"]


async def test_beat_2_a_listener_of_the_aborted_end_sends_anew() -> None:
    handles: list[Any] = []
    async with talking(ScriptedModel(held(), "second")) as session:

        def again(event: Any) -> None:
            if event.type == "execution_end" and event.aborted:
                handles.append(session.send("two"))

        session.on("event", again)
        first = await session.send("one")
        await seen(first, "content_delta")
        first.abort()
        await stopped(first)
        await idle(session)
        assert (await handles[0].result).response == "second"


async def test_beat_2_a_tool_that_does_not_heed_the_abort_holds_up_no_later_send() -> None:
    let_go = asyncio.Event()

    @tool
    async def deaf() -> str:
        """Do not listen."""
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        return "late"

    async with talking(ScriptedModel(call("deaf"), "second"), tools=[deaf]) as session:
        first = await session.send("one")
        await seen(first, "tool_result_start")
        first.abort()
        second = await session.send("two")
        let_go.set()
        async with asyncio.timeout(SOON):
            assert (await second.result).response == "second"


def by_send(session: Any, _: Any) -> Any:
    return session.send("more")


def by_queue(session: Any, _: Any) -> Any:
    return session.queue("more")


def by_handle(_: Any, handle: Any) -> Any:
    handle.queue_message("more")


@pytest.mark.parametrize("way", [by_send, by_queue, by_handle])
@pytest.mark.parametrize("moment", ["tick_start", "content_delta", "model_response", "entry_committed"])
async def test_beat_3_a_message_of_any_moment_of_a_tick_is_in_the_next(way: Any, moment: str) -> None:
    model = ScriptedModel(reply("first", stop_reason="other"), "second")
    async with talking(model) as session:
        told: list[str] = []

        def add(event: Any) -> None:
            if event.type == moment and not told:
                told.append("more")
                way(session, session.execution)

        session.on("event", add)
        result = await session.send("one").result
        assert (result.response, result.usage.ticks) == ("second", 2)
        assert texts(model.requests[0]) == ["one"]
        assert texts(model.requests[1]) == ["one", "first", "more"]
        assert texts(session.timeline) == ["one", "first", "more", "second"]


async def test_beat_3_messages_of_tools_and_callbacks_are_in_the_next_tick_too() -> None:
    @tool
    async def note(ctx: ToolContext) -> str:
        """Note."""
        await ctx.queue("from the tool")
        return "noted"

    @component
    def Talkative() -> Nodes:
        @use_on_tick_end
        async def more(event: Any) -> None:
            if event.tick == 1:
                await event.ctx.queue("from the callback")

        yield note
        yield Timeline()

    model = ScriptedModel(call("note"), "done")
    async with talking(model, Talkative) as session:
        await session.send("go").result
        assert texts(model.requests[1])[-2:] == ["from the tool", "from the callback"]
        assert session.queued_messages == ()


async def test_beat_4_an_execution_that_resumed_by_itself_is_like_any_other() -> None:
    first = asyncio.Event()
    model = ScriptedModel(reply("1", hold=first), held("2"), "3")
    async with talking(model) as session:
        handle = await session.send("a")
        await seen(handle, "content_delta")
        await session.queue("b", when="next_execution")
        first.set()
        assert (await handle.result).response == "1"
        resumed = session.execution
        assert resumed is not None
        assert (resumed is handle, resumed.status) == (False, "running")
        await seen(resumed, "content_delta")
        assert await session.send("c") is resumed
        session.interrupt("d", "no")
        assert (await stopped(resumed)).reason == "no"
        await idle(session)
        assert texts(session.timeline) == ["a", "1", "b", "2", "c", "d", "3"]
        assert kinds(resumed)[0] == "execution_start"
        assert kinds(resumed)[-1] == "execution_end"


@pytest.mark.parametrize("how", ["abort", "interrupt", "close"])
async def test_beat_4_an_execution_that_resumed_by_itself_can_be_stopped(how: str) -> None:
    async with talking(ScriptedModel(InvalidRequestError("no"), held())) as session:
        handle = await session.send("a")
        await session.queue("b", when="next_execution")
        with pytest.raises(ProviderError):
            await handle.result
        resumed = session.execution
        assert resumed is not None
        await seen(resumed, "content_delta")
        match how:
            case "abort":
                resumed.abort()
            case "interrupt":
                session.interrupt()
            case _:
                await session.close()
        await stopped(resumed)
        await idle(session)
        assert texts(session.timeline) == ["a", "b", "partial"]


async def test_beat_4_one_execution_follows_the_other_and_never_two_at_once() -> None:
    model = mock()
    async with talking(model) as session:
        order: list[str] = []

        def listen(event: Any) -> None:
            if event.type in ("execution_start", "execution_end"):
                order.append(event.type)
            if event.type == "tick_start" and len(model.requests) < 3:
                session.queue("more", when="next_execution")

        session.on("event", listen)
        await session.send("go").result
        await idle(session)
        assert order == ["execution_start", "execution_end"] * 4
