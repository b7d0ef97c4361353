"""A tool that is placed under another name and with other options, and what is told of it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agentick_core import Nodes, Timeline, component, create_tool
from agentick_core.messages.tool import ToolDefinition
from agentick_core.recording import Recording
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.tool import Tool, tool
from agentick_core.wire.events import from_wire, to_wire
from tests.core.session.talk import seen, talking


@tool(intent="compute", provider_options={"openai": {"strict": True}})
async def pay(amount: int) -> str:
    """Pay."""
    return f"{amount} paid"


def placing(*tools: Tool[..., Any]) -> Any:
    @component
    def Placing() -> Nodes:
        yield tools
        yield Timeline()

    return Placing


def only(tools: Sequence[ToolDefinition]) -> ToolDefinition:
    (definition,) = tools
    return definition


async def test_the_model_calls_a_tool_by_the_name_that_it_has_where_it_is_placed() -> None:
    model = ScriptedModel(call("spend", amount=5), call("pay", amount=5), "done")
    async with talking(model, placing(pay.replace(name="spend", description="Spend."))) as session:
        await session.send("go").result
        offered = only(model.requests[0].tools)
        assert (offered.name, offered.description) == ("spend", "Spend.")
        found, lost = (request.messages[-1].tool_results[0] for request in model.requests[1:])
        assert "5 paid" in repr(found.content)
        assert "TOOL_NOT_FOUND" in repr(lost.content)
    assert (pay.name, pay.description) == ("pay", "Pay.")


async def test_a_tool_and_what_was_made_of_it_stand_side_by_side() -> None:
    model = ScriptedModel("hi")
    async with talking(model, placing(pay, pay.replace(name="spend", intent="action"))) as session:
        await session.send("go").result
        assert [(each.name, each.intent) for each in model.requests[0].tools] == [
            ("pay", "compute"),
            ("spend", "action"),
        ]


async def test_a_placed_tool_asks_first_with_its_own_question_while_the_original_does_not() -> None:
    asking = pay.replace(
        name="spend",
        requires_confirmation=True,
        confirmation_message=lambda input: f"Spend {input['amount']}?",
    )
    async with talking(ScriptedModel(call("spend", amount=5), "done"), placing(asking)) as session:
        handle = await session.send("go")
        asked = await seen(handle, "tool_confirmation_required")
        assert asked.message == "Spend 5?"
        session.submit_tool_result(asked.call_id, approved=True)
        assert (await handle.result).response == "done"
        assert only(await session.get_tool_definitions()).requires_confirmation
    assert not pay.definition().requires_confirmation

    async with talking(ScriptedModel(call("pay", amount=5), "done"), placing(pay)) as session:
        assert (await session.send("go").result).response == "done"


async def test_a_placed_tool_has_its_own_intent_type_and_provider_options() -> None:
    client = pay.replace(
        intent="render", type="client", default_result="shown", provider_options={"anthropic": {"x": 1}}
    )
    model = ScriptedModel(call("pay", amount=5), "done")
    async with talking(model, placing(client)) as session:
        await session.send("go").result
        (result,) = model.requests[1].messages[-1].tool_results
        assert (result.executed_by, "shown" in repr(result.content)) == ("client", True)
        for definition in (only(model.requests[0].tools), only(await session.get_tool_definitions())):
            assert (definition.intent, definition.type) == ("render", "client")
            assert definition.provider_options == {"anthropic": {"x": 1}}
    original = pay.definition()
    assert (original.intent, original.type) == ("compute", "server")
    assert original.provider_options == {"openai": {"strict": True}}


async def test_a_tool_that_lost_its_handler_by_its_new_type_is_told_to_the_model() -> None:
    ask = create_tool(name="ask", type="client")
    model = ScriptedModel(call("ask"), "done")
    async with talking(model, placing(ask.replace(type="server"))) as session:
        await session.send("go").result
        assert "TOOL_NO_HANDLER" in repr(model.requests[1].messages[-1])


async def test_what_is_told_of_a_tool_is_on_the_wire_and_in_the_recording_and_is_read_again(
    tmp_path: Path,
) -> None:
    shown = create_tool(
        name="show",
        type="client",
        intent="render",
        output={"type": "object"},
        provider_options={"openai": {"strict": True}},
    )
    told: list[Any] = []
    async with talking(ScriptedModel("hi"), tools=[shown, pay.replace(provider_options={})]) as session:
        session.on("event", told.append)
        session.start_recording("full")
        await session.send("go").result
        await asyncio.to_thread(session.get_recording().save, tmp_path / "session.json")
    (request,) = [event for event in told if event.type == "model_request"]
    plain, full = to_wire(request)["input"]["tools"]
    assert (full["intent"], full["outputSchema"]) == ("render", {"type": "object"})
    assert full["providerOptions"] == {"openai": {"strict": True}}
    assert plain["intent"] == "compute"
    assert not plain.keys() & {"outputSchema", "providerOptions"}
    assert from_wire(to_wire(request)) == request
    recorded = await asyncio.to_thread(Recording.load, tmp_path / "session.json")
    assert recorded.snapshots[0].com.tools == request.request.tools
