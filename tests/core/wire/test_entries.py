"""Blocks, messages, entries and snapshots as JSON."""

import json
import time
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.errors import StoreVersionError, WireError
from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    CodeBlock,
    ImageBlock,
    JsonBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from agentick_core.messages.message import Message, UserMessage
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.wire.entries import (
    block_from_wire,
    block_to_wire,
    entry_from_wire,
    entry_to_wire,
    message_from_wire,
    message_to_wire,
)
from agentick_core.wire.snapshot import snapshot_from_wire, snapshot_to_wire
from agentick_core.wire.values import dumps
from tests.core.wire.strategies import instances


@pytest.mark.parametrize("kind", get_args(Block), ids=lambda kind: kind.type)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_every_block_comes_back_from_json_as_it_was(kind: type, data: st.DataObject) -> None:
    block = data.draw(instances(kind))
    assert block_from_wire(json.loads(dumps(block_to_wire(block)))) == block


@settings(deadline=None)
@given(instances(Message))
def test_every_message_comes_back_from_json_as_it_was(message: Message) -> None:
    assert message_from_wire(json.loads(dumps(message_to_wire(message)))) == message


@settings(deadline=None)
@given(instances(TimelineEntry))
def test_every_entry_comes_back_from_json_as_it_was(entry: TimelineEntry) -> None:
    assert entry_from_wire(json.loads(dumps(entry_to_wire(entry)))) == entry


@settings(deadline=None, max_examples=50)
@given(instances(SessionSnapshot))
def test_every_snapshot_comes_back_from_json_as_it_was(snapshot: SessionSnapshot) -> None:
    assert snapshot_from_wire(json.loads(dumps(snapshot_to_wire(snapshot)))) == snapshot


@pytest.mark.parametrize(
    ("block", "data"),
    [
        (TextBlock("Hi"), {"type": "text", "text": "Hi"}),
        (TextBlock("Hi", id="b", metadata={"my_key": 1}),
         {"type": "text", "text": "Hi", "id": "b", "metadata": {"my_key": 1}}),
        (ReasoningBlock("hm", signature="s", provider="anthropic"),
         {"type": "reasoning", "text": "hm", "signature": "s", "provider": "anthropic"}),
        (ToolUseBlock("c1", "add", {"first_number": 1}),
         {"type": "tool_use", "toolUseId": "c1", "name": "add", "input": {"first_number": 1}}),
        (ToolResultBlock("c1", "add", (TextBlock("3"),)),
         {"type": "tool_result", "toolUseId": "c1", "name": "add", "content": [{"type": "text", "text": "3"}]}),
        (ToolResultBlock("c1", "add", (), is_error=True, executed_by="engine"),
         {"type": "tool_result", "toolUseId": "c1", "name": "add", "content": [], "isError": True,
          "executedBy": "engine"}),
        (ImageBlock(Base64Source("aa", "image/png"), alt_text="a bee"),
         {"type": "image", "source": {"type": "base64", "data": "aa", "mimeType": "image/png"},
          "altText": "a bee"}),
        (CodeBlock("x = 1"), {"type": "code", "text": "x = 1", "language": ""}),
        (JsonBlock({"snake_case": [1]}), {"type": "json", "data": {"snake_case": [1]}, "text": ""}),
    ],
)  # fmt: skip
def test_a_block_is_written_in_the_known_shape(block: Block, data: dict[str, Any]) -> None:
    assert block_to_wire(block) == data
    assert block_from_wire(data) == block


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "expected an object, got null"),
        ({"role": "user"}, "content: missing"),
        ({"role": "robot", "content": []}, "role: 'robot' is not one of user, assistant"),
        ({"role": "user", "content": "Hi"}, "content: expected a list, got str"),
        (
            {"role": "user", "content": [{"type": "text", "text": 1}]},
            r"content\[0\]\.text: expected a string",
        ),
        ({"role": "user", "content": [], "id": 4}, "id: expected a string, got int"),
        ({"role": "user", "content": [], "metadata": []}, "metadata: expected an object, got list"),
    ],
)
def test_a_malformed_message_is_refused_with_the_path_of_what_is_wrong(data: object, message: str) -> None:
    with pytest.raises(WireError, match=message):
        message_from_wire(data)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": None}, "id: expected a string, got null"),
        ({"tokens": "3"}, "tokens: expected a whole number, got str"),
        ({"tags": [1]}, r"tags\[0\]: expected a string, got int"),
        ({"executionId": 1}, "executionId: expected a string, got int"),
        ({"createdAt": "x"}, "createdAt: 'x' is not a time"),
    ],
)
def test_a_malformed_entry_is_refused_with_the_path_of_what_is_wrong(
    changes: dict[str, Any], message: str
) -> None:
    data: dict[str, Any] = {"id": "1", "message": {"role": "user", "content": []}, **changes}
    with pytest.raises(WireError, match=message):
        entry_from_wire(data)


def test_state_that_is_not_json_is_refused_naming_the_key() -> None:
    snapshot = SessionSnapshot(session_id="s", com_state={"registry": {"knob": print}})
    with pytest.raises(WireError, match=r"comState\.registry\.knob: a value of type builtin"):
        snapshot_to_wire(snapshot)


def test_a_new_session_is_written_with_little() -> None:
    data = snapshot_to_wire(SessionSnapshot(session_id="s", timestamp=2000, created_at=1.0))
    assert data == {
        "sessionId": "s",
        "version": "1.0",
        "tick": 1,
        "tickCount": 0,
        "timeline": [],
        "queued": [],
        "comState": {},
        "dataCache": {},
        "usage": {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0, "ticks": 0},
        "timestamp": 2000,
        "createdAt": "1970-01-01T00:00:01.000Z",
    }


def test_ten_thousand_entries_are_read_within_120_ms_of_cpu() -> None:
    entries = [
        TimelineEntry(
            f"entry-{number}",
            UserMessage("plain text " * 6, id=f"m-{number}"),
            ("user_input",),
            20,
            1.5e9,
            "x",
        )
        for number in range(10_000)
    ]
    rows = [dumps(entry_to_wire(entry)) for entry in entries]
    best = min(_cpu(rows) for _ in range(3))
    assert [entry_from_wire(json.loads(row)) for row in rows[:10]] == entries[:10]
    assert best < 0.120


def _cpu(rows: list[str]) -> float:
    start = time.process_time()
    read = [entry_from_wire(json.loads(row)) for row in rows]
    assert len(read) == len(rows)
    return time.process_time() - start


def test_a_session_of_another_version_is_refused_by_name() -> None:
    data = {**snapshot_to_wire(SessionSnapshot(session_id="s")), "version": "2.0"}
    with pytest.raises(StoreVersionError, match=r"version 2\.0"):
        snapshot_from_wire(data)
