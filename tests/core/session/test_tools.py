"""Tools through a session: offered, asked about, run, answered."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    Decision,
    Nodes,
    Section,
    Timeline,
    ToolContext,
    component,
    create_tool,
    use_session_state,
)
from agentick_core.messages.message import Message
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Adder, add, kinds, mock, roles, seen, talking, texts, tool


def results(message: Message) -> list[str]:
    return ["".join(getattr(block, "text", "") for block in each.content) for each in message.tool_results]


@tool(requires_confirmation=True)
async def danger(n: int = 1) -> str:
    """Do something dangerous."""
    return f"did {n}"


async def test_d1_a_tool_call_is_run_and_shown_to_the_model_with_its_result() -> None:
    model = ScriptedModel(call("add", a=2, b=3), "five")
    async with talking(model, Adder) as session:
        assert (await session.send("2+3?").result).response == "five"
        assert roles(session.timeline) == ["user", "assistant", "tool", "assistant"]
        user, asked, answered = model.requests[1].messages
        assert user.text == "2+3?"
        assert asked.tool_uses[0].input == {"a": 2, "b": 3}
        assert results(answered) == ["5"]
        assert answered.tool_results[0].tool_use_id == asked.tool_uses[0].tool_use_id


async def test_d2_a_tool_sets_state_that_the_next_tick_shows() -> None:
    @component
    def Counter() -> Nodes:
        count, _ = use_session_state("count", 0)

        @tool
        async def bump(ctx: ToolContext) -> str:
            """Count."""
            ctx.state.set("count", ctx.state.get("count", 0) + 1)
            return "ok"

        yield Section(f"count {count}", id="count")
        yield bump
        yield Timeline()

    model = ScriptedModel(call("bump"), "done")
    async with talking(model, Counter) as session:
        await session.send("go").result
        assert [request.sections["count"] for request in model.requests] == ["count 0", "count 1"]
        assert session.snapshot().com_state == {"count": 1}


async def test_d4_an_unknown_tool_is_an_error_that_the_model_reads() -> None:
    model = ScriptedModel(call("nobody"), "sorry")
    async with talking(model) as session:
        assert (await session.send("go").result).response == "sorry"
        (text,) = results(model.requests[1].messages[-1])
        assert "TOOL_NOT_FOUND" in text
        assert session.timeline[2].message.tool_results[0].is_error


async def test_d5_a_tool_that_raises_is_an_error_that_the_model_reads() -> None:
    @tool
    async def explode() -> str:
        """Explode."""
        raise ValueError("kaboom")

    model = ScriptedModel(call("explode"), "sorry")
    async with talking(model, tools=[explode]) as session:
        assert (await session.send("go").result).response == "sorry"
        (text,) = results(model.requests[1].messages[-1])
        assert "kaboom" in text
        assert session.inspect().last_tool_results[0].success is False


async def test_d7_arguments_that_do_not_fit_never_reach_the_tool() -> None:
    model = ScriptedModel(call("add", a="many", b=1), "sorry")
    async with talking(model, Adder) as session:
        await session.send("go").result
        (text,) = results(model.requests[1].messages[-1])
        assert "Validation failed: a" in text


async def test_d8_parallel_calls_are_answered_in_the_order_they_were_made() -> None:
    second_is_done = asyncio.Event()

    @tool
    async def first() -> str:
        """Wait for the second."""
        await second_is_done.wait()
        return "one"

    @tool
    async def second() -> str:
        """Be quick."""
        second_is_done.set()
        return "two"

    model = ScriptedModel(reply(calls=[call("first"), call("second")]), "done")
    async with talking(model, tools=[first, second]) as session:
        await session.send("go").result
        assert roles(session.timeline) == ["user", "assistant", "tool", "assistant"]
        assert results(session.timeline[2].message) == ["one", "two"]


async def test_d10_tools_of_a_send_are_there_in_all_its_ticks_and_in_no_other() -> None:
    model = ScriptedModel(call("add", a=1, b=2), "three", "none")
    async with talking(model) as session:
        await session.send("go", tools=[add]).result
        assert await session.get_tool_definitions() == ()
        await session.send("and now?").result
        assert [[each.name for each in request.tools] for request in model.requests] == [["add"], ["add"], []]


async def test_d11_a_tool_for_the_user_is_never_shown_to_the_model() -> None:
    model = ScriptedModel(call("quit"), "done")
    quit_, help_ = add.replace(name="quit", audience="user"), add.replace(name="help", audience="all")
    async with talking(model, tools=[quit_, help_]) as session:
        await session.send("go").result
        assert [[each.name for each in request.tools] for request in model.requests] == [["help"]] * 2
        assert "TOOL_NOT_FOUND" in results(model.requests[1].messages[-1])[0]
        for name in ("quit", "help"):
            (block,) = await session.dispatch(name, {"a": 1, "b": 2})
            assert block.text == "3"


async def test_d13_a_call_waits_for_the_person_and_runs_when_approved() -> None:
    async with talking(ScriptedModel(call("danger"), "done"), tools=[danger]) as session:
        handle = await session.send("go")
        async for event in handle:
            if event.type == "tool_confirmation_required":
                assert session.inspect().pending_confirmations == (event.call_id,)
                assert handle.submit_tool_result(event.call_id, approved=True)
        assert (await handle.result).response == "done"
        told = [kind for kind in kinds(handle) if kind.startswith(("tool_result", "tool_conf"))]
        assert told == [
            "tool_result_start", "tool_confirmation_required", "tool_confirmation_result", "tool_result",
        ]  # fmt: skip
        assert results(session.timeline[2].message) == ["did 1"]


async def test_d14_a_refusal_and_its_reason_reach_the_model() -> None:
    model = ScriptedModel(call("danger"), "as you wish")
    async with talking(model, tools=[danger]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, {"approved": False, "reason": "not on my watch"})
        assert (await handle.result).response == "as you wish"
        (text,) = results(model.requests[1].messages[-1])
        assert "not on my watch" in text


async def test_an_answer_from_inside_a_listener_counts() -> None:
    """BEAT 1"""
    async with talking(ScriptedModel(call("danger"), "done"), tools=[danger]) as session:

        def answer(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                session.submit_tool_result(event.call_id, Decision(True))

        session.on("event", answer)
        assert (await session.send("go").result).response == "done"


async def test_an_answer_on_the_channel_counts() -> None:
    async with talking(ScriptedModel(call("danger"), "done"), tools=[danger]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.channel("tool_confirmation").publish(
            {"type": "response", "id": asked.call_id, "payload": {"approved": True}}
        )
        assert (await handle.result).response == "done"


async def test_a_response_that_makes_no_sense_on_the_channel_harms_nothing() -> None:
    async with talking(ScriptedModel(call("danger"), "done"), tools=[danger]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        channel = session.channel("tool_confirmation")
        channel.publish({"type": "response", "id": asked.call_id, "payload": {"approved": "perhaps"}})
        channel.publish({"type": "response", "id": "nobody", "payload": {"approved": True}})
        assert handle.status == "running"
        session.submit_tool_result(asked.call_id, approved=True)
        await handle.result


async def test_d16_edited_arguments_are_what_runs() -> None:
    async with talking(ScriptedModel(call("danger", n=1), "done"), tools=[danger]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, approved=True, modified_arguments={"n": 99})
        await handle.result
        assert results(session.timeline[2].message) == ["did 99"]


@pytest.mark.parametrize("name", ["input", "modified_arguments", "modifiedArguments"])
async def test_an_answer_in_one_piece_may_name_the_edited_arguments_in_any_way(name: str) -> None:
    async with talking(ScriptedModel(call("danger", n=1), "done"), tools=[danger]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, {"approved": True, name: {"n": 99}})
        await handle.result
        assert results(session.timeline[2].message) == ["did 99"]


async def test_d17_always_is_remembered_in_the_session() -> None:
    async with talking(
        ScriptedModel(call("danger"), "done", call("danger"), "done"), tools=[danger]
    ) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(asked.call_id, approved=True, always=True)
        await handle.result
        again = await session.send("go")
        await again.result
        assert "tool_confirmation_required" not in kinds(again)


async def test_the_hosts_callback_may_decide_in_a_persons_place() -> None:
    def agree(_: object) -> Decision:
        return Decision(True)

    async with talking(
        ScriptedModel(call("danger"), "done"), tools=[danger], on_tool_confirmation=agree
    ) as session:
        assert (await session.send("go").result).response == "done"


async def test_a_client_tool_is_answered_through_the_session() -> None:
    """BEAT 18"""
    ask = create_tool(name="ask", type="client", requires_response=True)
    async with talking(ScriptedModel(call("ask"), "thanks"), tools=[ask]) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_result_start")
        assert session.submit_tool_result(asked.call_id, content="blue")
        await handle.result
        assert results(session.timeline[2].message) == ["blue"]


async def test_an_output_tool_gives_an_output_and_its_call_has_a_result() -> None:
    """BEAT 16"""
    answer = create_tool(name="answer", type="output", input={"type": "object"})
    async with talking(ScriptedModel(call("answer", value=42), "done"), tools=[answer]) as session:
        result = await session.send("go").result
        assert result.outputs == {"answer": {"value": 42}}
        assert roles(session.timeline) == ["user", "assistant", "tool", "assistant"]


async def test_the_nearest_source_of_a_tool_wins() -> None:
    def named(text: str) -> Any:
        @tool(name="who")
        async def who() -> str:
            """Say who."""
            return text

        return who

    @component
    def WithTool(mine: bool = False) -> Nodes:
        yield Timeline()
        if mine:
            yield named("tree")

    async with talking(mock(), WithTool, tools=[named("app")]) as session:
        said: list[str] = []
        for mine in (False, True):
            await session.render({"mine": mine}).result
            (block,) = await session.dispatch("who")
            said.append(block.text)
        assert said == ["app", "tree"]


async def test_a_tool_in_a_thread_tells_its_progress_and_may_not_touch_the_state() -> None:
    errors: list[str] = []

    @tool
    def work(ctx: ToolContext) -> str:
        """Work."""
        ctx.progress("half")
        for forbidden in (
            lambda: ctx.state.set("x", 1),
            lambda: ctx.state.delete("x"),
            lambda: ctx.queue("x"),
        ):
            try:
                forbidden()
            # Whatever it is, the test looks at which it was.
            except Exception as error:
                errors.append(type(error).__name__)
        ctx.call_soon(lambda: ctx.state.set("y", 2))
        return "done"

    async with talking(ScriptedModel(call("work"), "ok"), tools=[work]) as session:
        handle = await session.send("go")
        await handle.result
        assert errors == ["StateError", "StateError", "NoRunningLoopError"]
        assert "tool_progress" in kinds(handle)
        assert (session.snapshot().com_state, session.queued_messages) == ({"y": 2}, ())


async def test_a_message_that_a_tool_queues_is_in_the_next_tick() -> None:
    @tool
    async def note(ctx: ToolContext) -> str:
        """Note."""
        await ctx.queue("by the way")
        return "noted"

    model = ScriptedModel(call("note"), "ok")
    async with talking(model, tools=[note]) as session:
        await session.send("go").result
        assert texts(model.requests[1])[-1] == "by the way"


async def test_a_tool_may_ask_for_the_end_or_for_another_tick() -> None:
    @tool
    async def enough(ctx: ToolContext) -> str:
        """Stop."""
        ctx.request_stop("enough")
        return "ok"

    async with talking(ScriptedModel(call("enough")), tools=[enough]) as session:
        assert (await session.send("go").result).stop_reason == "enough"


async def test_of_several_who_ask_for_the_end_the_higher_priority_gives_the_reason() -> None:
    @tool
    async def enough(ctx: ToolContext) -> str:
        """Stop."""
        ctx.request_stop("tired")
        ctx.request_stop("it is urgent", priority=5)
        ctx.request_stop("hungry")
        ctx.request_continue("never mind", priority=9)
        return "ok"

    async with talking(ScriptedModel(call("enough")), tools=[enough]) as session:
        assert (await session.send("go").result).stop_reason == "it is urgent"


async def test_ids_that_a_provider_uses_twice_are_told_apart() -> None:
    def again() -> Any:
        from agentick_core.messages.blocks import ToolUseBlock

        return ToolUseBlock("call_1", "add", {"a": 1, "b": 2})

    async with talking(ScriptedModel(again(), again(), "done"), Adder) as session:
        await session.send("go").result
        ids = [use.tool_use_id for entry in session.timeline for use in entry.message.tool_uses]
        assert len(set(ids)) == 2


@pytest.mark.parametrize("wrong", [{}, {"approved": "yes"}])
async def test_an_answer_that_says_neither_yes_nor_no_is_refused(wrong: Any) -> None:
    from agentick_core.errors import ValidationError

    async with talking(ScriptedModel(call("danger"), "done"), tools=[danger]) as session:
        assert session.submit_tool_result("nobody", wrong) is False
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        with pytest.raises(ValidationError, match="approved"):
            session.submit_tool_result(asked.call_id, wrong)
        session.submit_tool_result(asked.call_id, approved=True)
        await handle.result
