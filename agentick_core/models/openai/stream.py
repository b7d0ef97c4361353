"""The chunks of a Chat Completions stream, as deltas; liberal, since servers differ in how they cut."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

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
from agentick_core.models.stopping import REFUSED
from agentick_core.models.tool_input import unique_among

Json: TypeAlias = Mapping[str, Any]

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
    """Turns the chunks of one stream into deltas."""

    def __init__(self) -> None:
        self.begun = False
        self._finish_reason: str | None = None
        self._calls: dict[int, _Call] = {}
        self._unique_id = unique_among(set())
        self._reasoning = False
        self._refused = False

    @property
    def complete(self) -> bool:
        """Whether the server has said why it stopped."""
        return self._finish_reason is not None

    def read(self, chunk: Json) -> Iterator[ModelDelta]:
        """Give what the chunk says. A server may leave out, or set to null, whatever the protocol demands."""
        if not self.begun:
            yield MessageOpened(chunk.get("model") or None)
        self.begun = True
        choices: Sequence[Json] = chunk.get("choices") or ()
        for choice in choices:
            if delta := choice.get("delta"):
                yield from self._delta(delta)
            self._finish_reason = choice.get("finish_reason") or self._finish_reason
        if usage := chunk.get("usage"):
            yield UsageDelta(usage_of(usage))

    def closed(self) -> MessageClosed:
        """Give the closing delta."""
        if self._refused:
            return MessageClosed(REFUSED)
        return MessageClosed(STOP_REASONS.get(str(self._finish_reason), "other"))

    def _delta(self, delta: Json) -> Iterator[ModelDelta]:
        if thought := _thought(delta):
            yield ReasoningTextDelta(thought, new_block=not self._reasoning)
            self._reasoning = True
        said: str | None = delta.get("content") or delta.get("refusal")
        self._refused = self._refused or bool(delta.get("refusal"))
        calls: Sequence[Json] = delta.get("tool_calls") or ()
        if self._reasoning and (said or calls):
            self._reasoning = False
            yield ReasoningClosed(provider="openai")
        if said:
            yield TextDelta(said)
        for call in calls:
            yield from self._call(call)

    def _call(self, call: Json) -> Iterator[ModelDelta]:
        index, call_id = self._index(call), call.get("id")
        function: Json = call.get("function") or {}
        name, arguments = function.get("name"), function.get("arguments")
        known = self._calls.get(index)
        if known is None or (call_id and name and call_id != known.sent):
            sent = call_id or f"call_{index}"
            known = self._calls[index] = _Call(sent, self._unique_id(sent))
            yield ToolCallOpened(known.id, name or "")
        if arguments:
            yield ToolCallInput(known.id, _json_text(arguments))

    def _index(self, call: Json) -> int:
        index: int | None = call.get("index")
        if index is not None:
            return index
        # Some servers send no index: a new id is a new call, and no id goes on with the last one.
        sent = call.get("id")
        if not sent:
            return max(0, len(self._calls) - 1)
        return next((at for at, known in self._calls.items() if known.sent == sent), len(self._calls))


def usage_of(usage: Json) -> Usage:
    """Read the token counts, of which a server may leave out any."""
    prompt: Json = usage.get("prompt_tokens_details") or {}
    completion: Json = usage.get("completion_tokens_details") or {}
    counted = Usage(
        input_tokens=count_of(usage.get("prompt_tokens")),
        output_tokens=count_of(usage.get("completion_tokens")),
        total_tokens=count_of(usage.get("total_tokens")),
        reasoning_tokens=count_of(completion.get("reasoning_tokens")),
        cached_input_tokens=count_of(prompt.get("cached_tokens")),
        cache_creation_tokens=count_of(prompt.get("cache_write_tokens")),
    )
    return counted.at_least(Usage(total_tokens=counted.input_tokens + counted.output_tokens))


def _thought(delta: Json) -> str:
    """Find the reasoning text, which compatible servers send in fields of their own."""
    thought: object = delta.get("reasoning_content") or delta.get("reasoning")
    return thought if isinstance(thought, str) else ""


def _json_text(arguments: object) -> str:
    """Give the arguments as JSON text; some servers send the object itself."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments)
