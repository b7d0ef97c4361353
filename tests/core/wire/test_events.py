"""Events as JSON: every type of them comes back as it went."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.clock import isoformat
from agentick_core.errors import AgentickError, AuthenticationError, WireError
from agentick_core.events.model import ContentDelta, ErrorEvent, MessageEnd, ToolCallEvent
from agentick_core.events.orchestration import (
    CompiledEvent,
    CustomEvent,
    EntryCommitted,
    EventError,
    ExecutionEnd,
    ModelRequestEvent,
    ModelResponseEvent,
    ResultEvent,
    TickStart,
    ToolResultEvent,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.compiled import CompiledEphemeral, CompiledSection, RawCompiled
from agentick_core.messages.message import AssistantMessage, UserMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.result import RawOutput, SendResult
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolCall, ToolDefinition
from agentick_core.messages.usage import Usage
from agentick_core.wire.events import from_wire, stream_start_line, to_wire
from agentick_core.wire.values import dumps
from tests.core.wire.strategies import instances

STAMP: dict[str, Any] = {"id": "e:1", "sequence": 1, "tick": 1, "time": 1763676000.123, "execution_id": "e"}


@pytest.mark.parametrize("kind", get_args(StreamEvent), ids=lambda kind: kind.type)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_every_event_comes_back_from_json_as_it_was(kind: type, data: st.DataObject) -> None:
    event = data.draw(instances(kind))
    assert from_wire(json.loads(dumps(to_wire(event)))) == event


def test_a_delta_is_written_with_camel_case_names_and_an_iso_time() -> None:
    event = ContentDelta(**STAMP, delta="Hi", spawn_path=("s1",))
    assert to_wire(event) == {
        "type": "content_delta",
        "id": "e:1",
        "sequence": 1,
        "tick": 1,
        "timestamp": "2025-11-20T22:00:00.123Z",
        "executionId": "e",
        "spawnPath": ["s1"],
        "delta": "Hi",
        "blockIndex": 0,
        "blockType": "text",
    }
    assert to_wire(event)["timestamp"] == isoformat(event.time) == event.timestamp


def test_keys_inside_a_tools_input_are_left_alone() -> None:
    event = ToolCallEvent(**STAMP, call_id="c", name="search", input={"max_results": {"inner_key": 1}})
    assert to_wire(event)["input"] == {"max_results": {"inner_key": 1}}
    assert to_wire(event)["callId"] == "c"


def test_a_stream_begins_with_its_version() -> None:
    assert json.loads(stream_start_line()) == {"type": "stream_start", "version": 1}


def test_an_event_of_an_unknown_type_becomes_a_custom_event() -> None:
    data = {"type": "weather", "id": "x", "sequence": 4, "tick": 2, "wind_speed": 3, "at": {"lat": 1}}
    event = from_wire(data)
    assert event == CustomEvent(
        id="x", sequence=4, tick=2, type="weather", data={"wind_speed": 3, "at": {"lat": 1}}
    )
    assert to_wire(event)["type"] == "weather"
    assert from_wire(to_wire(event)) == event
    borrowed = CustomEvent(type="message", data={"x": 1})
    assert from_wire(to_wire(borrowed)) == CustomEvent(data={"x": 1, "type": "message"})


def test_the_request_of_a_model_is_written_as_the_readers_of_the_stream_know_it() -> None:
    request = ModelRequest(system=("Be kind.",), messages=(UserMessage("Hi"),))
    compiled = to_wire(CompiledEvent(**STAMP, request=request))
    assert compiled["system"] == "Be kind."
    assert compiled["messages"] == [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    assert compiled["formattedInput"]["system"] == ["Be kind."]
    assert compiled["formattedInput"]["messages"] == compiled["messages"]
    asked = to_wire(ModelRequestEvent(**STAMP, model_id="m", request=request))
    assert (asked["modelId"], asked["stage"], asked["input"]["system"]) == ("m", "model_input", ["Be kind."])


def test_what_the_tree_said_stands_beside_the_request_that_was_made_of_it() -> None:
    event = CompiledEvent(
        **STAMP,
        request=ModelRequest(tools=(ToolDefinition(name="bash", description="Run it."),)),
        raw_compiled=RawCompiled(
            system=("Be kind.",),
            sections=(CompiledSection(id="notes", text="Bees.", title="Notes", tags=("a",)),),
            messages=(UserMessage("Hi"),),
            ephemeral=(CompiledEphemeral(UserMessage("Noon"), "start", 2),),
            tools=("bash", "mine"),
        ),
    )
    data = to_wire(event)
    assert "system" not in data
    assert data["tools"] == [{"name": "bash", "description": "Run it."}]
    assert data["rawCompiled"] == {
        "sections": {
            "notes": {
                "id": "notes",
                "title": "Notes",
                "content": [{"type": "text", "text": "Bees."}],
                "position": "system",
                "audience": "model",
                "tags": ["a"],
            }
        },
        "timelineEntries": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "systemEntries": [{"role": "system", "content": [{"type": "text", "text": "Be kind."}]}],
        "tools": [{"name": "bash", "description": "Run it."}, {"name": "mine", "description": ""}],
        "ephemeral": [
            {
                "role": "user",
                "content": [{"type": "text", "text": "Noon"}],
                "position": "start",
                "order": 2,
            }
        ],
    }
    assert from_wire(json.loads(dumps(data))) == event


def test_the_answer_of_a_model_is_written_as_output_and_what_follows_from_it() -> None:
    data = to_wire(
        ModelResponseEvent(**STAMP, model_id="m", message=AssistantMessage("Yes"), stop_reason="stop")
    )
    assert data["modelOutput"]["message"]["content"] == [{"type": "text", "text": "Yes"}]
    assert data["modelOutput"]["stopReason"] == "stop"
    assert (data["modelOutput"]["model"], data["modelOutput"]["toolCalls"]) == ("m", [])
    assert data["engineState"] == {
        "newTimelineEntries": [
            {"kind": "message", "message": data["modelOutput"]["message"], "tags": ["model_output"]}
        ],
        "toolCalls": [],
        "shouldStop": True,
        "stopReason": "stop",
    }


def test_the_calls_of_an_answer_are_named_by_their_id() -> None:
    call = ToolCall("call_1", "search", {"q": "bees"})
    event = ModelResponseEvent(
        **STAMP, model_id="m", message=AssistantMessage(""), stop_reason="tool_use", tool_calls=(call,)
    )
    data = to_wire(event)
    told = {"id": "call_1", "name": "search", "input": {"q": "bees"}}
    assert data["modelOutput"]["toolCalls"] == data["engineState"]["toolCalls"] == [told]
    assert from_wire(data) == event


def test_an_execution_without_an_output_says_so() -> None:
    data = to_wire(ExecutionEnd(**STAMP, error=EventError.of(ValueError("boom"))))
    assert data["output"] is None
    assert data["error"] == {"message": "boom", "name": "ValueError"}
    assert to_wire(ExecutionEnd(**STAMP, output=RawOutput()))["output"]["metadata"] == {}


def test_the_error_of_an_execution_can_be_raised_again_by_whoever_reads_it() -> None:
    error = AuthenticationError("No key sk-ant-0123456789abc", hint="Set it.")
    data = to_wire(ExecutionEnd(**STAMP, error=EventError.of(error)))
    read = AgentickError.from_json(data["error"])
    assert (type(read), read.message, read.hint) == (AuthenticationError, "No key [key]", "Set it.")


def test_an_error_carries_its_message_and_code_in_one_object() -> None:
    data = to_wire(ErrorEvent(**STAMP, message="no", code="NETWORK_ERROR"))
    assert data["error"] == {"message": "no", "code": "NETWORK_ERROR"}


def test_a_result_does_not_repeat_the_history() -> None:
    data = to_wire(ResultEvent(**STAMP, result=SendResult(response="Hi", usage=Usage(1, 2, 3, ticks=1))))
    assert data["result"]["response"] == "Hi"
    assert data["result"]["usage"] == {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3, "ticks": 1}
    assert "raw" not in data["result"]


def test_what_is_absent_is_left_out() -> None:
    data = to_wire(MessageEnd(stop_reason="stop"))
    assert data == {
        "type": "message_end",
        "sequence": 0,
        "tick": 0,
        "timestamp": "1970-01-01T00:00:00.000Z",
        "stopReason": "stop",
    }


def test_an_sdks_own_object_stays_behind_and_the_event_goes() -> None:
    assert "raw" not in from_and_to(TickStart(**STAMP, raw=object()))


def from_and_to(event: StreamEvent) -> dict[str, Any]:
    return {key: value for key, value in to_wire(event).items() if value is not None}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "expected an object, got list"),
        ({}, "type: expected a string, got null"),
        ({"type": "content_delta"}, "content_delta.delta: missing"),
        ({"type": "content_delta", "delta": 3}, "content_delta.delta: expected a string, got int"),
        (
            {"type": "tick_start", "timestamp": "yesterday"},
            "tick_start.timestamp: 'yesterday' is not a time",
        ),
        ({"type": "tick_start", "tick": True}, "tick_start.tick: expected a whole number, got bool"),
        ({"type": "error"}, "error.error: expected an object, got null"),
        ({"type": "model_request"}, "model_request.input: expected an object, got null"),
        ({"type": "compiled"}, "compiled.formattedInput: expected an object, got null"),
        (
            {"type": "compiled", "formattedInput": {}, "rawCompiled": {"sections": []}},
            "compiled.rawCompiled: this is not what a tree compiles to",
        ),
        (
            {
                "type": "compiled",
                "formattedInput": {},
                "rawCompiled": {
                    "sections": {},
                    "timelineEntries": [3],
                    "systemEntries": [],
                    "tools": [],
                    "ephemeral": [],
                },
            },
            "compiled.rawCompiled.messages[0]: expected an object, got int",
        ),
        (
            {"type": "content", "blockIndex": 0, "content": {"type": "smell"}},
            "content.content.type: 'smell' is not one of",
        ),
        (
            {
                "type": "entry_committed",
                "timelineIndex": 0,
                "entry": {"id": "1", "message": {"role": "user", "content": [{"type": "text"}]}},
            },
            "entry_committed.entry.message.content[0].text: missing",
        ),
        (
            {
                "type": "entry_committed",
                "timelineIndex": 0,
                "entry": {"id": "1", "createdAt": "x", "message": {"role": "user", "content": []}},
            },
            "entry_committed.entry.createdAt: 'x' is not a time",
        ),
    ],
)
def test_a_malformed_event_is_refused_with_the_path_of_what_is_wrong(data: object, message: str) -> None:
    with pytest.raises(WireError) as failure:
        from_wire(data)
    assert failure.value.message.startswith(message)


def test_a_value_that_is_not_json_is_refused_with_its_path() -> None:
    with pytest.raises(WireError, match=r"tool_call\.input\.when: a value of type set is not JSON"):
        to_wire(ToolCallEvent(**STAMP, call_id="c", name="t", input={"when": {1}}))


def test_a_block_that_is_none_of_ours_is_refused() -> None:
    event = ToolResultEvent(**STAMP, call_id="c", name="t", result=(TextBlock("a"), "b"))  # pyright: ignore[reportArgumentType]  # what an untyped caller does
    with pytest.raises(WireError, match=r"tool_result\.result\[1\]: str is not one of TextBlock"):
        to_wire(event)


def test_fields_of_a_newer_version_are_passed_over() -> None:
    assert from_wire({"type": "tick_start", "tick": 2, "mood": "good"}) == TickStart(tick=2)


def test_an_entry_is_written_with_its_kind() -> None:
    entry = TimelineEntry("t1", UserMessage("Hi", id="m1"), ("user_input",), created_at=1.5)
    data = to_wire(EntryCommitted(**STAMP, entry=entry, timeline_index=3))
    assert data["entry"] == {
        "kind": "message",
        "id": "t1",
        "message": {"role": "user", "content": [{"type": "text", "text": "Hi"}], "id": "m1"},
        "tags": ["user_input"],
        "createdAt": "1970-01-01T00:00:01.500Z",
    }
    assert data["timelineIndex"] == 3
