"""The events of a Messages stream, as deltas."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import (
    ContentMetadata,
    MessageClosed,
    MessageOpened,
    ModelDelta,
    ReasoningClosed,
    ReasoningTextDelta,
    TextDelta,
    ToolCallClosed,
    ToolCallInput,
    ToolCallOpened,
    UsageDelta,
)
from agentick_core.models.reading import count_of
from agentick_core.models.stopping import REFUSED

Json: TypeAlias = Mapping[str, Any]

STOP_REASONS: Mapping[str, str] = {
    "end_turn": "stop",
    "max_tokens": "max_tokens",
    "stop_sequence": "stop_sequence",
    "tool_use": "tool_use",
    "pause_turn": "paused",
    "refusal": REFUSED,
    "model_context_window_exceeded": "max_tokens",
}


class EventReader:
    """Turns the events of one stream into deltas."""

    def __init__(self, model: str) -> None:
        self.complete = False
        self.begun = False
        self._model = model
        self._stop_reason = ""
        self._calls: dict[int, str] = {}
        self._signatures: dict[int, str] = {}

    def read(self, event: Json) -> Iterator[ModelDelta]:
        """Give what the event says; of kinds that are not known here, nothing."""
        self.begun = True
        match event.get("type"):
            case "message_start":
                message = event["message"]
                yield MessageOpened(message.get("model") or None)
                yield UsageDelta(usage_of(message.get("usage") or {}))
            case "content_block_start":
                yield from self._begin(event["index"], event["content_block"])
            case "content_block_delta":
                yield from self._grow(event["index"], event["delta"])
            case "content_block_stop":
                yield from self._end(event["index"])
            case "message_delta":
                self._stop_reason = event["delta"].get("stop_reason") or self._stop_reason
                yield UsageDelta(usage_of(event.get("usage") or {}))
            case "message_stop":
                self.complete = True
            case _:
                return

    def closed(self) -> MessageClosed:
        """Give the closing delta."""
        return MessageClosed(STOP_REASONS.get(str(self._stop_reason), "other"))

    def _begin(self, index: int, block: Json) -> Iterator[ModelDelta]:
        match block.get("type"):
            case "text":
                yield TextDelta(block["text"])
            case "thinking":
                self._signatures[index] = block.get("signature") or ""
                yield ReasoningTextDelta(block.get("thinking") or "", new_block=True)
            case "redacted_thinking":
                yield ReasoningClosed(redacted_data=block["data"], provider="anthropic", model=self._model)
            case "tool_use":
                self._calls[index] = block["id"]
                yield ToolCallOpened(block["id"], block["name"])
                if block.get("input"):
                    yield ToolCallInput(block["id"], json.dumps(block["input"]))
                    yield ToolCallClosed(self._calls.pop(index))
            case _:
                return

    def _grow(self, index: int, delta: Json) -> Iterator[ModelDelta]:
        match delta.get("type"):
            case "text_delta":
                yield TextDelta(delta["text"])
            case "thinking_delta":
                yield ReasoningTextDelta(delta["thinking"])
            case "signature_delta":
                self._signatures[index] = self._signatures.get(index, "") + delta["signature"]
            case "input_json_delta":
                if index in self._calls:
                    yield ToolCallInput(self._calls[index], delta["partial_json"])
            case "citations_delta":
                yield ContentMetadata({"citations": [delta["citation"]]})
            case _:
                return

    def _end(self, index: int) -> Iterator[ModelDelta]:
        if index in self._calls:
            yield ToolCallClosed(self._calls.pop(index))
        if index in self._signatures:
            yield ReasoningClosed(
                self._signatures.pop(index) or None, provider="anthropic", model=self._model
            )


def usage_of(usage: Json) -> Usage:
    """Read the token counts: what was read from and written to the cache counts as input, too."""
    cached = count_of(usage.get("cache_read_input_tokens"))
    created = count_of(usage.get("cache_creation_input_tokens"))
    read, written = (
        count_of(usage.get("input_tokens")) + cached + created,
        count_of(usage.get("output_tokens")),
    )
    details: Json = usage.get("output_tokens_details") or {}
    return Usage(
        input_tokens=read,
        output_tokens=written,
        total_tokens=read + written,
        reasoning_tokens=count_of(details.get("thinking_tokens")),
        cached_input_tokens=cached,
        cache_creation_tokens=created,
    )
