"""The events of a model's answer: message, content, reasoning, tool calls, usage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agentick_core.events.base import StreamEventBase
from agentick_core.messages.blocks import Block, no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.usage import NO_USAGE, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStart(StreamEventBase):
    """The model begins an answer."""

    type: ClassVar[str] = "message_start"
    role: str = "assistant"
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentStart(StreamEventBase):
    """A block of content begins."""

    type: ClassVar[str] = "content_start"
    block_type: str
    block_index: int
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDelta(StreamEventBase):
    """More of the open block."""

    type: ClassVar[str] = "content_delta"
    delta: str
    block_index: int = 0
    block_type: str = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEnd(StreamEventBase):
    """The open block is complete."""

    type: ClassVar[str] = "content_end"
    block_type: str
    block_index: int
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEvent(StreamEventBase):
    """A whole block of content."""

    type: ClassVar[str] = "content"
    block_index: int
    content: Block
    started_at: float = 0.0
    completed_at: float = 0.0
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningStart(StreamEventBase):
    """The model begins to think."""

    type: ClassVar[str] = "reasoning_start"
    block_index: int
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningDelta(StreamEventBase):
    """More of what the model thinks."""

    type: ClassVar[str] = "reasoning_delta"
    delta: str
    block_index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningEnd(StreamEventBase):
    """The model has thought this through."""

    type: ClassVar[str] = "reasoning_end"
    block_index: int
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningEvent(StreamEventBase):
    """A whole block of reasoning."""

    type: ClassVar[str] = "reasoning"
    block_index: int
    reasoning: str
    started_at: float = 0.0
    completed_at: float = 0.0
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallStart(StreamEventBase):
    """The model begins to call a tool."""

    type: ClassVar[str] = "tool_call_start"
    call_id: str
    name: str
    block_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta(StreamEventBase):
    """More of the JSON text of a tool call's input."""

    type: ClassVar[str] = "tool_call_delta"
    call_id: str
    delta: str
    block_index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallEnd(StreamEventBase):
    """The input of a tool call is complete."""

    type: ClassVar[str] = "tool_call_end"
    call_id: str
    block_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallEvent(StreamEventBase):
    """A whole tool call; `summary` is one line made by the tool itself."""

    type: ClassVar[str] = "tool_call"
    call_id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=no_metadata)
    block_index: int = 0
    summary: str | None = None
    started_at: float = 0.0
    completed_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEnd(StreamEventBase):
    """The model has ended its answer."""

    type: ClassVar[str] = "message_end"
    stop_reason: str
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(StreamEventBase):
    """The whole answer."""

    type: ClassVar[str] = "message"
    message: Message
    stop_reason: str
    usage: Usage = NO_USAGE
    model: str | None = None
    started_at: float = 0.0
    completed_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent(StreamEventBase):
    """What the provider reports of the tokens so far."""

    type: ClassVar[str] = "usage"
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent(StreamEventBase):
    """Something failed that does not end the execution by itself."""

    type: ClassVar[str] = "error"
    message: str
    code: str = ""
    source: str = ""
