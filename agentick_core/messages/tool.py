"""What is said about a tool: its definition for a model or a person, a call, and a result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from agentick_core.messages.blocks import Block, no_metadata

Audience: TypeAlias = Literal["model", "user", "all"]
Effect: TypeAlias = Literal["read", "write", "execute", "network"]
Intent: TypeAlias = Literal["render", "action", "compute"]
ToolType: TypeAlias = Literal["server", "client", "provider", "output"]
ALL_EFFECTS: frozenset[Effect] = frozenset(("read", "write", "execute", "network"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDefinition:
    """A tool as it is offered: `input_schema` is a JSON schema of an object, `output_schema` that of what it gives.

    `provider_options` are what each provider, by its name, is told of the tool beside that.
    """

    name: str
    description: str = ""
    input_schema: Mapping[str, Any] = field(default_factory=no_metadata)
    output_schema: Mapping[str, Any] | None = None
    audience: Audience = "model"
    aliases: tuple[str, ...] = ()
    type: ToolType = "server"
    intent: Intent = "compute"
    effects: frozenset[Effect] = ALL_EFFECTS
    requires_confirmation: bool = False
    provider_options: Mapping[str, Mapping[str, Any]] = field(default_factory=no_metadata)
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool, as a model asked for it or a user dispatched it."""

    call_id: str
    name: str
    input: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True)
class ToolFailure:
    """Why a tool call failed: the text, its kind (a code such as TOOL_NOT_FOUND), and plain details."""

    error: str
    error_type: str
    details: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of one tool call; `failure` is None where it worked."""

    call_id: str
    name: str
    content: tuple[Block, ...]
    failure: ToolFailure | None = None
    executed_by: str = "engine"
    started_at: float = 0.0
    completed_at: float = 0.0

    @property
    def success(self) -> bool:
        """Whether the tool did its work."""
        return self.failure is None
