"""The chunks of a Chat Completions stream, as deltas; liberal, since servers differ in how they cut."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import (
    MessageClosed,
    MessageOpened,
    ModelDelta,
    ReasoningClosed,
    ReasoningTextDelta,
    TextDelta,
    ToolCallInput,
    ToolCallOpened,
    UsageDelta,
)
from agentick_core.models.reading import count_of
from agentick_core.models.tool_input import unique_among

if TYPE_CHECKING:
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk
    from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

STOP_REASONS: Mapping[str, str] = {
    "stop": "stop",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "function_call",
    "content_filter": "content_filter",
}


class _Call(NamedTuple):
    """A call that has begun: the id that the server sent, which it may use twice, and the one that tells it apart."""

    sent: str
    id: str


class ChunkReader:
    """Turns the chunks of one stream into deltas; `finish_reason` is None until the server has given it."""

    def __init__(self) -> None:
        self.finish_reason: str | None = None
        self.chunks = 0
        self._calls: dict[int, _Call] = {}
        self._unique_id = unique_among(set())
        self._reasoning = False

    def read(self, chunk: "ChatCompletionChunk") -> Iterator[ModelDelta]:
        """Give what the chunk says."""
        if self.chunks == 0:
            yield MessageOpened(chunk.model or None)
        self.chunks += 1
        # A server may leave out what the protocol demands: the SDK then gives None where its types do not.
        for choice in cast("list[Any]", chunk.choices or []):
            if choice.delta is not None:
                yield from self._delta(choice.delta)
            if choice.finish_reason:
                self.finish_reason = choice.finish_reason
        if chunk.usage is not None:
            yield UsageDelta(usage_of(chunk.usage))

    def closed(self) -> MessageClosed:
        """Give the closing delta."""
        return MessageClosed(STOP_REASONS.get(str(self.finish_reason), "other"))

    def _delta(self, delta: "ChoiceDelta") -> Iterator[ModelDelta]:
        if thought := _thought(delta):
            yield ReasoningTextDelta(thought, new_block=not self._reasoning)
            self._reasoning = True
        said = delta.content or delta.refusal
        if self._reasoning and (said or delta.tool_calls):
            self._reasoning = False
            yield ReasoningClosed(provider="openai")
        if said:
            yield TextDelta(said)
        for call in delta.tool_calls or ():
            yield from self._call(call)

    def _call(self, call: "ChoiceDeltaToolCall") -> Iterator[ModelDelta]:
        index, name = self._index(call), call.function.name if call.function else None
        known = self._calls.get(index)
        if known is None or (call.id and name and call.id != known.sent):
            sent = call.id or f"call_{index}"
            known = self._calls[index] = _Call(sent, self._unique_id(sent))
            yield ToolCallOpened(known.id, name or "")
        if call.function and call.function.arguments:
            yield ToolCallInput(known.id, _json_text(call.function.arguments))

    def _index(self, call: "ChoiceDeltaToolCall") -> int:
        index = cast("int | None", call.index)
        if index is not None:
            return index
        # Some servers send no index: a new id is a new call, and no id goes on with the last one.
        if not call.id:
            return max(0, len(self._calls) - 1)
        return next((at for at, known in self._calls.items() if known.sent == call.id), len(self._calls))


def usage_of(usage: "CompletionUsage") -> Usage:
    """Read the token counts, of which a server may leave out any."""
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    counted = Usage(
        input_tokens=count_of(usage.prompt_tokens),
        output_tokens=count_of(usage.completion_tokens),
        total_tokens=count_of(usage.total_tokens),
        reasoning_tokens=count_of(completion.reasoning_tokens if completion else None),
        cached_input_tokens=count_of(prompt.cached_tokens if prompt else None),
        cache_creation_tokens=count_of(prompt.cache_write_tokens if prompt else None),
    )
    return counted.at_least(Usage(total_tokens=counted.input_tokens + counted.output_tokens))


def _thought(delta: "ChoiceDelta") -> str:
    """Find the reasoning text, which compatible servers send in fields of their own."""
    extra = delta.model_extra or {}
    for field in ("reasoning_content", "reasoning"):
        if isinstance(extra.get(field), str) and extra[field]:
            return extra[field]
    return ""


def _json_text(arguments: object) -> str:
    """Give the arguments as JSON text; some servers send the object itself."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)
