"""A whole conversation as JSON: every field that readers of the protocol look for is there, under its name."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    AgentickError,
    Nodes,
    System,
    Timeline,
    ToolContext,
    component,
    create_app,
    tool,
)
from agentick_core.components import Ephemeral, Section
from agentick_core.errors import AuthenticationError
from agentick_core.events import StreamEvent
from agentick_core.messages import OpenExecution, SessionSnapshot
from agentick_core.storage import MemoryStore
from agentick_core.testing import ScriptedModel, call, reply
from agentick_core.wire.events import from_wire, to_wire
from agentick_core.wire.snapshot import snapshot_to_wire

DEADLINE = 20.0
SECRET = "sk-ant-0123456789abcdef"
BASE = {"id", "sequence", "tick", "timestamp"}
TIMES = {"startedAt", "completedAt"}
USAGE = {"inputTokens", "outputTokens", "totalTokens", "ticks"}
SPAWN = {"spawnId", "parentExecutionId", "childExecutionId", "childSessionId"}
FIELDS: Mapping[str, set[str]] = {
    "message_start": {"role", "model"},
    "content_start": {"blockType", "blockIndex"},
    "content_delta": {"blockType", "blockIndex", "delta"},
    "content_end": {"blockType", "blockIndex"},
    "content": {"blockIndex", "content", *TIMES},
    "reasoning_start": {"blockIndex"},
    "reasoning_delta": {"blockIndex", "delta"},
    "reasoning_end": {"blockIndex"},
    "reasoning": {"blockIndex", "reasoning", *TIMES},
    "tool_call_start": {"callId", "name", "blockIndex"},
    "tool_call_delta": {"callId", "blockIndex", "delta"},
    "tool_call_end": {"callId", "blockIndex"},
    "tool_call": {"callId", "name", "input", "blockIndex", *TIMES},
    "message_end": {"stopReason", "usage"},
    "message": {"message", "stopReason", "usage", "model", *TIMES},
    "execution_start": {"executionId"},
    "execution_end": {"executionId", "aborted", "usage", "output", "newTimelineEntries"},
    "tick_start": {"tick"},
    "tick_end": {"tick", "shouldContinue", "usage", "stopReason", "model"},
    "compiled": {"system", "messages", "tools", "rawCompiled", "formattedInput"},
    "model_request": {"modelId", "input", "stage"},
    "provider_request": {"modelId", "provider", "providerInput"},
    "model_response": {"modelOutput", "engineState"},
    "tool_result_start": {"callId", "name"},
    "tool_result": {"callId", "name", "result", "isError", "executedBy", *TIMES},
    "tool_progress": {"callId", "content"},
    "tool_confirmation_required": {"callId", "name", "input", "message"},
    "tool_confirmation_result": {"callId", "confirmed", "always", "reason"},
    "entry_committed": {"entry", "executionId", "timelineIndex"},
    "context_update": {
        "modelId", "provider", "contextWindow", "inputTokens", "outputTokens", "totalTokens", "utilization",
        "supportsToolUse", "cumulativeUsage",
    },
    "spawn_start": {*SPAWN, "componentName", "originCallId"},
    "spawn_end": {*SPAWN, "output", "usage"},
    "result": {"result"},
    "message_queued": {"message", "when"},
}  # fmt: skip


@component
def Bee(topic: str) -> Nodes:
    yield System(f"You know {topic}.")
    yield Timeline()


@tool
async def research(topic: str, ctx: ToolContext) -> str:
    """Ask a sub-agent."""
    ctx.progress("asking")
    return (await ctx.spawn(Bee(topic), f"What of {topic}?").result).response


@tool(requires_confirmation=True)
async def pay(amount: int) -> str:
    """Pay."""
    return f"{amount} paid"


@component
def Keeper() -> Nodes:
    yield System("You keep bees.")
    yield Section("Honey is sweet.", id="notes", title="Notes")
    yield research
    yield pay
    yield Timeline()
    yield Ephemeral("It is noon.")


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return asyncio.run(conversation())


async def conversation() -> dict[str, Any]:
    """Have one with everything in it: its events as JSON, its snapshot and its recording."""
    model = ScriptedModel(
        reply("Wait.", reasoning="Hm.", calls=[call("research", topic="bees"), call("pay", amount=5)]),
        "They fly.",
        "Done.",
        ValueError("boom"),
    )
    events: list[Any] = []
    async with asyncio.timeout(DEADLINE), create_app(Keeper, model=model) as app:
        session = await app.session("garden", recording="lightweight")

        def heard(event: Any) -> None:
            events.append(event)
            if event.type == "tool_confirmation_required":
                session.submit_tool_result(event.call_id, approved=True, reason="ok")

        session.on("event", heard)
        await session.send("What of bees?").result
        with suppress(ValueError):
            await session.send("And wasps?").result
        await session.queue("Later")
        recording = session.get_recording()
        assert recording is not None
        snapshot = session.snapshot()
    return {
        "events": events,
        "data": [to_wire(event) for event in events],
        "recording": recording,
        "snapshot": snapshot_to_wire(snapshot),
    }


@pytest.mark.parametrize("kind", FIELDS)
def test_each_event_of_a_conversation_has_the_fields_of_the_protocol(told: dict[str, Any], kind: str) -> None:
    found = [data for data in told["data"] if data["type"] == kind]
    assert found
    for data in found:
        assert BASE | FIELDS[kind] <= data.keys()


def test_every_event_of_a_conversation_is_one_of_the_protocol(told: dict[str, Any]) -> None:
    assert {data["type"] for data in told["data"]} == FIELDS.keys()


def test_a_conversation_comes_back_from_json(told: dict[str, Any]) -> None:
    for event, data in zip(told["events"], told["data"], strict=True):
        read = from_wire(json.loads(json.dumps(data)))
        assert to_wire(read) == data
        assert read == event or event.type == "result"


def test_what_a_tree_compiles_to_is_told_beside_its_request(told: dict[str, Any]) -> None:
    compiled = next(data for data in told["data"] if data["type"] == "compiled")
    request = next(data for data in told["data"] if data["type"] == "model_request")
    raw, formatted = compiled["rawCompiled"], compiled["formattedInput"]
    assert compiled["system"] == "You keep bees.\n\nNotes: Honey is sweet."
    assert (
        compiled["tools"]
        == raw["tools"][::-1]
        == [
            {"name": "pay", "description": "Pay."},
            {"name": "research", "description": "Ask a sub-agent."},
        ]
    )
    assert [each["content"][0]["text"] for each in raw["timelineEntries"]] == ["What of bees?"]
    assert [each["content"][0]["text"] for each in raw["systemEntries"]] == ["You keep bees."]
    assert raw["sections"]["notes"]["content"] == [{"type": "text", "text": "Honey is sweet."}]
    assert [(each["content"][0]["text"], each["position"]) for each in raw["ephemeral"]] == [
        ("It is noon.", "end")
    ]
    assert formatted == request["input"]
    assert formatted["messages"] == compiled["messages"]
    assert [each["content"][0]["text"] for each in formatted["messages"]] == [
        "What of bees?", "[Context]\nIt is noon.",
    ]  # fmt: skip


def test_the_end_of_an_execution_tells_its_output_or_its_error(told: dict[str, Any]) -> None:
    *_, done, failed = [data for data in told["data"] if data["type"] == "execution_end"]
    assert done["output"].keys() >= {
        "timeline", "system", "sections", "ephemeral", "tools", "metadata", "modelOptions",
    }  # fmt: skip
    assert (done["aborted"], "error" in done, done["usage"].keys()) == (False, False, USAGE)
    assert (failed["aborted"], failed["output"]) == (False, None)
    assert failed["error"] == {"message": "boom", "name": "ValueError"}
    assert AgentickError.from_json(failed["error"]).message == "boom"
    result = next(data["result"] for data in told["data"] if data["type"] == "result")
    assert {"response", "outputs", "usage"} <= result.keys()


def test_an_answer_is_told_as_output_and_as_what_the_loop_makes_of_it(told: dict[str, Any]) -> None:
    answer = next(data for data in told["data"] if data["type"] == "model_response")
    assert answer["modelOutput"].keys() == {"model", "message", "usage", "stopReason", "toolCalls"}
    assert answer["engineState"].keys() == {"newTimelineEntries", "toolCalls", "shouldStop", "stopReason"}
    assert answer["modelOutput"]["toolCalls"][1] == {"id": "call_2", "name": "pay", "input": {"amount": 5}}


async def test_an_execution_that_was_cut_off_is_named_by_its_id() -> None:
    store, events = MemoryStore(), list[StreamEvent]()
    await store.save(SessionSnapshot(session_id="s", open_execution=OpenExecution("e1", 1.0, "I was sa")))
    async with create_app(Bee("bees"), model=ScriptedModel(), store=store, on_event=events.append) as app:
        await app.session("s")
    cut_off = next(event for event in events if event.type == "execution_interrupted")
    data = to_wire(cut_off)
    assert data["executionId"] == "e1"
    assert data.keys() == {"type", "executionId", "reason", *BASE}


async def test_an_execution_that_was_stopped_tells_that_and_no_error() -> None:
    events: list[StreamEvent] = []
    hold = asyncio.Event()
    model = ScriptedModel(reply("On and on", hold=hold))
    async with asyncio.timeout(DEADLINE), create_app(Bee("bees"), model=model, on_event=events.append) as app:
        handle = await (await app.session()).send("Tell me")
        async for event in handle:
            if event.type == "model_request":
                handle.abort("enough")
        with suppress(AbortError):
            await handle.result
    end = to_wire(events[-1])
    assert (end["aborted"], end["abortReason"], end["output"], "error" in end) == (
        True,
        "enough",
        None,
        False,
    )


async def test_no_key_leaves_in_an_event_that_tells_of_an_error() -> None:
    error = AuthenticationError(f"The provider says no to {SECRET}", hint=f"Is {SECRET} right?")
    events: list[StreamEvent] = []
    async with create_app(Bee("bees"), model=ScriptedModel(error), on_event=events.append) as app:
        with suppress(AuthenticationError):
            await (await app.session()).send("Hi").result
    text = json.dumps([to_wire(event) for event in events])
    assert SECRET not in text
    assert to_wire(events[-1])["error"] == {
        "message": "The provider says no to [key]",
        "name": "AuthenticationError",
        "code": "AUTH_ERROR",
        "hint": "Is [key] right?",
    }


def test_a_snapshot_has_the_fields_of_the_protocol(told: dict[str, Any]) -> None:
    snapshot = told["snapshot"]
    assert {
        "version", "sessionId", "tick", "timeline", "comState", "dataCache", "usage", "timestamp",
    } <= snapshot.keys()  # fmt: skip
    assert (snapshot["version"], snapshot["usage"].keys(), type(snapshot["timestamp"])) == ("1.0", USAGE, int)
    assert "metadata" not in snapshot
    assert "parentSessionId" not in snapshot


def test_a_recording_has_the_fields_of_the_protocol(told: dict[str, Any]) -> None:
    data = json.loads(json.dumps(told["recording"].to_json()))
    assert {"sessionId", "startedAt", "config", "inputs", "snapshots", "summary"} <= data.keys()
    assert data["config"].keys() == {"componentName", "initialProps", "maxTicks", "mode"}
    assert {"tickCount", "totalDuration", "totalUsage", "finalStatus"} <= data["summary"].keys()
    for tick in data["snapshots"]:
        assert {
            "sessionId", "tick", "timestamp", "duration", "fiber", "com", "model", "tools", "execution",
        } <= tick.keys()  # fmt: skip
        assert tick["fiber"].keys() == {"tree", "summary"}
        assert tick["fiber"]["tree"] is None
        assert tick["fiber"]["summary"].keys() == {"componentCount", "hookCount", "hooksByType"}
        assert tick["com"].keys() == {"sections", "timeline", "tools", "modelId", "metadata"}
        assert {"input", "latency"} <= tick["model"].keys()
        assert tick["tools"].keys() == {"calls", "results", "totalDuration"}
        assert {"phase", "shouldContinue", "queuedMessages", "executionId"} <= tick["execution"].keys()
    first = data["snapshots"][0]
    assert [entry["message"]["role"] for entry in first["com"]["timeline"]][:1] == ["user"]
    assert first["model"]["output"].keys() == {"content", "stopReason", "tokenCount"}
    assert first["tools"]["calls"][1] == {"id": "call_2", "name": "pay", "input": {"amount": 5}}
    assert first["tools"]["results"][1].keys() == {"toolUseId", "name", "success", "content"}
