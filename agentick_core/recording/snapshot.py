"""What a recording keeps of one tick."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from agentick_core.messages.blocks import Block, no_metadata
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolCall, ToolDefinition
from agentick_core.messages.usage import NO_USAGE, Usage

TickPhase: TypeAlias = Literal["complete", "failed", "aborted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberNode:
    """One mounted component, tool or node: its hooks by kind, and what is below it."""

    name: str
    key: str | None = None
    hooks: Mapping[str, int] = field(default_factory=no_metadata)
    children: "tuple[FiberNode, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberSummary:
    """How many components there are, and how many hooks, all together and by kind."""

    component_count: int = 0
    hook_count: int = 0
    hooks_by_type: Mapping[str, int] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiberSnapshot:
    """The tree as it stood when the tick ended; `tree` is None in a lightweight recording."""

    summary: FiberSummary = field(default_factory=FiberSummary)
    tree: FiberNode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSnapshot:
    """What the components said: the sections by id, the tools; and the history when the tick had ended."""

    sections: Mapping[str, str] = field(default_factory=no_metadata)
    timeline: tuple[TimelineEntry, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()
    model_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInput:
    """The request as the model got it; None where none was made."""

    formatted: ModelRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOutput:
    """What the model answered; `token_count` is what the provider counted of the answer."""

    content: tuple[Block, ...]
    stop_reason: str
    token_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSnapshot:
    """The model call: `latency` is in milliseconds, from the request to the whole answer, with every retry."""

    input: ModelInput = field(default_factory=ModelInput)
    output: RecordedOutput | None = None
    latency: float = 0.0
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedToolResult:
    """What came of one tool call, in the order of the calls."""

    tool_use_id: str
    name: str
    success: bool
    content: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsSnapshot:
    """The tool calls of the tick; `total_duration` is in milliseconds, from the first start to the last result."""

    calls: tuple[ToolCall, ...] = ()
    results: tuple[RecordedToolResult, ...] = ()
    total_duration: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSnapshot:
    """How the tick ended, and what waited then; `error` says why it failed, where it did."""

    execution_id: str
    phase: TickPhase = "complete"
    should_continue: bool = False
    stop_reason: str | None = None
    queued_messages: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TickSnapshot:
    """One tick.

    `number` counts the ticks of the session over its life and is never given twice; `tick`
    counts those of the execution. `timestamp` is in seconds since 1970, `duration` in milliseconds.
    """

    session_id: str
    number: int
    tick: int
    execution_id: str
    timestamp: float
    duration: float
    fiber: FiberSnapshot = field(default_factory=FiberSnapshot)
    com: ContextSnapshot = field(default_factory=ContextSnapshot)
    model: ModelSnapshot = field(default_factory=ModelSnapshot)
    tools: ToolsSnapshot = field(default_factory=ToolsSnapshot)
    execution: ExecutionSnapshot
