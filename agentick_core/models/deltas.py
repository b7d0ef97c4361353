"""What a model adapter yields while an answer comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agentick_core.messages.blocks import Block, no_metadata
from agentick_core.messages.usage import Usage


@dataclass(frozen=True, slots=True)
class MessageOpened:
    """The answer begins; `model` is what the provider calls itself."""

    model: str | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text; `new_block` begins a new block of it."""

    text: str
    new_block: bool = False


@dataclass(frozen=True, slots=True)
class ReasoningTextDelta:
    """More of what the model thinks; `new_block` begins a new block of it."""

    text: str
    new_block: bool = False


@dataclass(frozen=True, slots=True)
class ReasoningClosed:
    """The open reasoning is complete, with what the provider wants to see again; `model` is the one model that
    can read it, where that matters to the provider."""

    signature: str | None = None
    redacted_data: str | None = None
    provider: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCallOpened:
    """The model begins to call a tool; `id` is the provider's."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallInput:
    """More of the JSON text of the call's input."""

    id: str
    json_text: str


@dataclass(frozen=True, slots=True)
class ToolCallClosed:
    """The call is complete; `input` wins over the text where it is given."""

    id: str
    input: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BlockDelta:
    """A whole block that does not stream, such as an image."""

    block: Block


@dataclass(frozen=True, slots=True)
class ContentMetadata:
    """Something about the open text, such as citations; lists of the same key are joined."""

    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True)
class UsageDelta:
    """What the provider reports of the tokens so far."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class MessageClosed:
    """The answer is complete; always the last delta."""

    stop_reason: str
    usage: Usage | None = None


ModelDelta: TypeAlias = (
    MessageOpened
    | TextDelta
    | ReasoningTextDelta
    | ReasoningClosed
    | ToolCallOpened
    | ToolCallInput
    | ToolCallClosed
    | BlockDelta
    | ContentMetadata
    | UsageDelta
    | MessageClosed
)
