"""What the end of an execution tells: why it ended, what was answered, what it took."""

from typing import Any

import pytest

from agentick_core import (
    AgentickError,
    Complete,
    Nodes,
    Timeline,
    ToolContext,
    component,
    run,
    tool,
    use_continuation,
)
from agentick_core.errors import InvalidRequestError
from agentick_core.events import ExecutionEnd
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Plain, held, kinds, mock, seen, talking


@tool
async def again() -> str:
    """Go on."""
    return "more"


@component
def Endless() -> Nodes:
    yield again
    yield Timeline()


async def test_beat_24_the_last_tick_that_was_allowed_says_so() -> None:
    async with talking(ScriptedModel(call("again"), call("again")), Endless) as session:
        handle = await session.send("go", max_ticks=2)
        result = await handle.result
        end = next(event for event in handle.events.to_list() if isinstance(event, ExecutionEnd))
        assert result.stop_reason == end.stop_reason == "max_ticks"
    async with talking() as session:
        assert (await session.send("go", max_ticks=1).result).stop_reason is None


@component
def Insisting() -> Nodes:
    use_continuation(lambda: True)
    yield Timeline()


async def test_beat_24_wherever_the_limit_is_set_its_exhaustion_is_told() -> None:
    async with talking(agent=Insisting, max_ticks=2) as session:
        for begin in (
            lambda: session.send("go"),
            lambda: session.render({}),
            lambda: session.spawn(Insisting, "go"),
        ):
            handle = await begin()
            result = await handle.result
            assert (result.stop_reason, result.tick) == ("max_ticks", 2)
            goes_on = [event.should_continue for event in handle.events.to_list() if event.type == "tick_end"]
            assert goes_on == [True, False]
    assert (await run(Insisting, "go", model=mock(), max_ticks=3).result).stop_reason == "max_ticks"


async def test_beat_25_what_was_sent_in_the_models_name_is_no_response() -> None:
    @component
    def Stopping() -> Nodes:
        yield Complete(reason="enough")
        yield Timeline()

    async with talking(agent=Stopping) as session:
        result = await session.send(
            messages=[{"role": "assistant", "content": "mine"}, {"role": "user", "content": "hi"}]
        ).result
        assert (result.response, result.stop_reason) == ("", "enough")


async def test_beat_25_the_response_is_all_the_text_of_the_last_answer() -> None:
    async with talking(
        ScriptedModel(reply(["one", "two"]), call("again"), reply(["three", "four"])), Endless
    ) as session:
        assert (await session.send("a").result).response == "one\n\ntwo"
        result = await session.send("b").result
        assert result.response == "three\n\nfour"
        assert [message.role for message in result.messages] == ["user", "assistant", "tool", "assistant"]


async def test_beat_26_a_childs_execution_has_its_own_id_and_its_usage_is_in_the_tree() -> None:
    async with talking() as session:
        events: list[Any] = []
        session.on("event", events.append)
        handle = await session.spawn(Plain, "hi")
        await handle.result
        start = next(event for event in events if event.type == "spawn_start")
        end = next(event for event in events if event.type == "spawn_end")
        assert start.child_execution_id == end.child_execution_id == handle.execution_id
        assert start.child_session_id == end.child_session_id == handle.session_id
        assert start.child_execution_id != start.child_session_id


async def test_beat_26_a_parents_usage_counts_its_children_apart() -> None:
    @tool
    async def ask() -> str:
        """Ask a child."""
        return (await session.spawn(Plain, "hi").result).response

    @component
    def Asking() -> Nodes:
        yield ask
        yield Timeline()

    async with talking(ScriptedModel(call("ask"), "from the child", "done"), Asking) as session:
        result = await session.send("go").result
        assert (result.usage.ticks, result.usage_tree.ticks) == (2, 3)
        assert result.usage_tree.total_tokens == 45


@pytest.mark.parametrize("ends", ["fails", "is stopped"])
async def test_beat_26_what_a_child_took_counts_also_where_it_gives_no_answer(ends: str) -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        child = await ctx.spawn(Endless, "hi")
        if ends == "is stopped":
            await seen(child, "content_delta")
            child.abort("enough")
        try:
            return (await child.result).response
        except AgentickError as error:
            return str(error)

    last = held() if ends == "is stopped" else reply("part", error=InvalidRequestError("broken"))
    async with talking(ScriptedModel(call("ask"), call("again"), last, "done"), tools=[ask]) as session:
        result = await session.send("go").result
        assert (result.response, result.usage.ticks, result.usage_tree.ticks) == ("done", 2, 3)


async def test_beat_26_the_usage_of_grandchildren_is_in_the_tree_once() -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "hi").result).response

    @tool
    async def pass_on(ctx: ToolContext) -> str:
        """Ask a child that asks another."""
        return (await ctx.spawn(Asking, "hi").result).response

    @component
    def Asking() -> Nodes:
        yield ask
        yield Timeline()

    model = ScriptedModel(call("pass_on"), call("ask"), "leaf", "middle", "done")
    async with talking(model, tools=[pass_on]) as session:
        result = await session.send("go").result
        assert (result.usage.ticks, result.usage_tree.ticks) == (2, 5)


@pytest.mark.parametrize(
    "reason", ["other", "unspecified", "stop_sequence", "stop", "tool_use", "error", "one of their own"]
)
async def test_beat_32_an_answer_without_calls_ends_the_loop_whatever_the_reason_is_called(
    reason: str,
) -> None:
    async with talking(ScriptedModel(reply("once", stop_reason=reason))) as session:
        result = await session.send("hi").result
        assert (result.tick, result.response) == (1, "once")
        assert [entry.message.role for entry in session.timeline] == ["user", "assistant"]


async def test_beat_28_tools_of_a_component_are_there_in_every_execution() -> None:
    @component
    def Once() -> Nodes:
        @use_continuation
        def stop() -> None: ...

        yield again
        yield Timeline()

    async with talking(agent=Once) as session:
        for text in ("one", "two", "three"):
            handle = await session.send(text)
            request = (await seen(handle, "model_request")).request
            await handle.result
            assert [each.name for each in request.tools] == ["again"]
            assert "message_end" in kinds(handle)
