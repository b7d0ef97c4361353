"""Events that are not of the protocol: the answer is cut off with an error that can be read, whatever a server sends."""

from collections.abc import Mapping
from typing import Any

import pytest

from agentick_core.errors import IncompleteStreamError
from agentick_core.models.anthropic.stream import EventReader
from agentick_core.models.failures import Endpoint
from agentick_core.models.openai.stream import ChunkReader
from agentick_core.models.reading import count_of, understood

ENDPOINT = Endpoint(provider="openai", title="A server", model="m", url="http://there")


def delta(**fields: object) -> Mapping[str, Any]:
    return {"choices": [{"delta": fields}]}


@pytest.mark.parametrize(
    "data",
    [
        {"choices": [1]},
        {"choices": "abc"},
        {"choices": [], "usage": 5},
        {"choices": [{"delta": "x"}]},
        delta(content=5),
        delta(tool_calls=[3]),
        delta(tool_calls=[{"index": 0, "id": 5, "function": {"name": 7, "arguments": "{}"}}]),
    ],
)
def test_a_chunk_that_is_none_cuts_the_answer_off(data: Mapping[str, Any]) -> None:
    with pytest.raises(IncompleteStreamError, match="not of the protocol"):
        understood(ENDPOINT, ChunkReader().read, data)


@pytest.mark.parametrize(
    "data",
    [
        {"type": "message_start", "message": None},
        {"type": "content_block_start", "index": 0, "content_block": None},
        {"type": "content_block_start", "index": [1], "content_block": {"type": "thinking"}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "tool_use", "id": 1, "name": 2},
        },
        {"type": "content_block_delta", "index": 0, "delta": None},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 5}},
        {"type": "message_delta", "delta": {"stop_reason": "stop"}, "usage": 5},
    ],
)
def test_an_event_that_is_none_cuts_the_answer_off(data: Mapping[str, Any]) -> None:
    with pytest.raises(IncompleteStreamError, match="not of the protocol"):
        understood(ENDPOINT, EventReader("m").read, data)


@pytest.mark.parametrize(
    ("sent", "count"), [(3, 3), (3.0, 3), (float("inf"), 0), (float("nan"), 0), ("3", 0)]
)
def test_a_number_of_tokens_is_a_whole_number_whatever_is_sent(sent: object, count: int) -> None:
    assert count_of(sent) == count
