"""Client tools are answered through the session, in every way that there is."""

import asyncio
import json
from typing import Any

import pytest

from agentick_core import AbortError, ToolContext, create_tool
from agentick_core.errors import ToolError
from agentick_core.messages.blocks import TextBlock
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import (
    SOON,
    Plain,
    idle,
    result_texts,
    seen,
    talking,
    texts,
    tool,
)

client = create_tool(name="ask", type="client", requires_response=True)


@pytest.mark.parametrize("how", ["session", "handle", "channel", "positional", "blocks", "parent"])
async def test_beat_18_a_client_tool_is_answered_in_every_way(how: str) -> None:
    @tool(name="delegate")
    async def ask_child(ctx: ToolContext) -> str:
        """Let a child ask."""
        child = await ctx.spawn(Plain, "go", model=ScriptedModel(call("ask"), "ok"), tools=[client])
        await child.result
        return "".join(
            getattr(b, "text", "")
            for m in (await child.result).messages
            for r in m.tool_results
            for b in r.content
        )

    first = call("delegate") if how == "parent" else call("ask")
    async with (
        talking(ScriptedModel(first, "done"), tools=[client, ask_child]) as session,
        asyncio.timeout(SOON),
    ):
        handle = await session.send("go")
        asked = await seen(handle, "tool_result_start", lambda event: event.name == "ask")
        match how:
            case "handle":
                assert handle.submit_tool_result(asked.call_id, content="blue")
            case "channel":
                session.channel("tool_confirmation").publish(
                    {"type": "response", "id": asked.call_id, "payload": "blue"}
                )
            case "positional":
                assert session.submit_tool_result(asked.call_id, "blue")
            case "blocks":
                assert session.submit_tool_result(asked.call_id, content=[TextBlock("bl"), TextBlock("ue")])
            case _:
                assert session.submit_tool_result(asked.call_id, content="blue")
        assert (await handle.result).response == "done"
        assert result_texts(session) == ["blue"]
        assert session.submit_tool_result(asked.call_id, content="late") is False


async def test_beat_18_several_client_tools_wait_at_once_and_each_gets_its_own_answer() -> None:
    model = ScriptedModel(reply(calls=[call("ask"), call("ask")]), "done")
    async with talking(model, tools=[client]) as session, asyncio.timeout(SOON):
        asked: list[str] = []

        def hear(event: Any) -> None:
            if event.type == "tool_result_start":
                asked.append(event.call_id)

        session.on("event", hear)
        handle = await session.send("go")
        while len(asked) < 2:
            await asyncio.sleep(0)
        assert session.submit_tool_result(asked[1], content="second")
        assert session.submit_tool_result(asked[0], content="first")
        await handle.result
        assert result_texts(session) == ["first", "second"]


async def test_beat_18_a_client_tool_that_asks_first_is_allowed_and_then_answered() -> None:
    both = client.replace(requires_confirmation=True)
    async with talking(ScriptedModel(call("ask"), "done"), tools=[both]) as session, asyncio.timeout(SOON):
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        assert session.submit_tool_result(asked.call_id, approved=True)
        await seen(handle, "tool_confirmation_result")
        assert session.submit_tool_result(asked.call_id, content="blue")
        await handle.result
        assert result_texts(session) == ["blue"]


async def test_beat_18_a_client_tool_that_nobody_answers_is_an_error_after_its_time() -> None:
    model = ScriptedModel(call("ask"), "done")
    async with talking(model, tools=[client.replace(timeout=0.02)]) as session, asyncio.timeout(SOON):
        await session.send("go").result
        (text,) = result_texts(session)
        assert json.loads(text)["error_type"] == "CLIENT_TOOL_ERROR"
        assert "timed out after 20ms" in text
        with pytest.raises(ToolError, match="timed out"):
            await session.dispatch("ask")


async def test_beat_18_a_client_may_say_that_its_tool_has_failed() -> None:
    model = ScriptedModel(call("ask"), "done")
    async with talking(model, tools=[client]) as session, asyncio.timeout(SOON):
        handle = await session.send("go")
        asked = await seen(handle, "tool_result_start")
        assert session.submit_tool_result(asked.call_id, error="The window was closed.")
        assert session.submit_tool_result(asked.call_id, error="late") is False
        assert (await handle.result).response == "done"
        (text,) = result_texts(session)
        assert json.loads(text)["error"] == "The window was closed."
        assert json.loads(text)["error_type"] == "CLIENT_TOOL_ERROR"


async def test_beat_18_an_abort_ends_the_wait_for_a_client() -> None:
    async with talking(ScriptedModel(call("ask")), tools=[client]) as session, asyncio.timeout(SOON):
        handle = await session.send("go")
        asked = await seen(handle, "tool_result_start")
        handle.abort()
        with pytest.raises(AbortError):
            await handle.result
        await idle(session)
        assert session.submit_tool_result(asked.call_id, content="late") is False
        assert len(result_texts(session)) == 1
        assert texts(session.timeline)[0] == "go"
