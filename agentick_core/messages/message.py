"""A message: who speaks, and the blocks that were said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from agentick_core.messages.blocks import (
    NO_METADATA,
    Block,
    ContentLike,
    ToolResultBlock,
    ToolUseBlock,
    as_blocks,
    no_metadata,
    text_of,
)

Role: TypeAlias = Literal["user", "assistant", "system", "tool", "event"]
ROLES: tuple[Role, ...] = ("user", "assistant", "system", "tool", "event")

StopReason: TypeAlias = Literal[
    "stop", "max_tokens", "stop_sequence", "content_filter", "tool_use", "function_call", "unspecified",
    "other", "stopped", "paused", "format_error", "empty_response", "no_content", "explicit_completion",
    "natural_completion", "refused", "error",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `id` is empty until a session accepts it; text or one block given as `content` becomes a tuple."""

    role: Role
    content: tuple[Block, ...]
    id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)

    def __post_init__(self) -> None:
        if type(self.content) is not tuple:
            object.__setattr__(self, "content", as_blocks(self.content))

    @property
    def text(self) -> str:
        """The text blocks, joined by blank lines."""
        return text_of(self.content)

    @property
    def tool_uses(self) -> tuple[ToolUseBlock, ...]:
        """The tool calls in this message, in order."""
        return tuple(block for block in self.content if isinstance(block, ToolUseBlock))

    @property
    def tool_results(self) -> tuple[ToolResultBlock, ...]:
        """The tool results in this message, in order."""
        return tuple(block for block in self.content if isinstance(block, ToolResultBlock))


def UserMessage(content: ContentLike, *, id: str = "", metadata: Mapping[str, Any] = NO_METADATA) -> Message:
    """Make a message that the user says."""
    return Message("user", as_blocks(content), id, metadata)


def AssistantMessage(
    content: ContentLike, *, id: str = "", metadata: Mapping[str, Any] = NO_METADATA
) -> Message:
    """Make a message that the model says."""
    return Message("assistant", as_blocks(content), id, metadata)


def SystemMessage(
    content: ContentLike, *, id: str = "", metadata: Mapping[str, Any] = NO_METADATA
) -> Message:
    """Make a message of instructions."""
    return Message("system", as_blocks(content), id, metadata)


def ToolMessage(content: ContentLike, *, id: str = "", metadata: Mapping[str, Any] = NO_METADATA) -> Message:
    """Make a message that holds tool results."""
    return Message("tool", as_blocks(content), id, metadata)


def EventMessage(content: ContentLike, *, id: str = "", metadata: Mapping[str, Any] = NO_METADATA) -> Message:
    """Make a message that tells of something that happened."""
    return Message("event", as_blocks(content), id, metadata)
