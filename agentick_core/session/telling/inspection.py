"""A truthful picture of a session at this moment, for DevTools and for debugging."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from agentick_core.compile.annotate import TreeTokens
from agentick_core.messages.blocks import Block, no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.result import RawOutput
from agentick_core.messages.tool import Audience, ToolCall
from agentick_core.messages.usage import NO_USAGE, Usage

Phase: TypeAlias = Literal["compile", "model", "tools", "ingest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOutput:
    """The last answer of the model."""

    content: tuple[Block, ...]
    stop_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutcome:
    """What became of a tool call."""

    tool_use_id: str
    name: str
    success: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentCount:
    """The components that are mounted."""

    count: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HookCount:
    """The hooks that are in use, all together and by type."""

    count: int = 0
    by_type: Mapping[str, int] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A session as it stands. `current_phase` is None while nothing runs; `tools` says who may call each,
    `tokens` is an estimate of what each part of the last context took, and which component it came from."""

    id: str
    status: str
    current_tick: int
    model: str | None = None
    queued_messages: tuple[Message, ...] = ()
    current_phase: Phase | None = None
    is_aborted: bool = False
    last_output: RawOutput | None = None
    last_model_output: ModelOutput | None = None
    last_tool_calls: tuple[ToolCall, ...] = ()
    last_tool_results: tuple[ToolOutcome, ...] = ()
    pending_confirmations: tuple[str, ...] = ()
    total_usage: Usage = NO_USAGE
    tick_count: int = 0
    components: ComponentCount = field(default_factory=ComponentCount)
    hooks: HookCount = field(default_factory=HookCount)
    tools: Mapping[str, Audience] = field(default_factory=no_metadata)
    tokens: TreeTokens | None = None
    timeline_length: int = 0
    forced_stable: tuple[str, ...] = ()
    persist_error: str | None = None
    state: Mapping[str, Any] = field(default_factory=no_metadata)
