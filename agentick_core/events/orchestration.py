"""The events of the loop: executions, ticks, tools, entries, children."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agentick_core.errors.as_json import error_to_json
from agentick_core.events.base import StreamEventBase
from agentick_core.messages.blocks import Block, no_metadata
from agentick_core.messages.compiled import RawCompiled
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.result import RawOutput, SendResult
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.tool import ToolCall
from agentick_core.messages.usage import NO_USAGE, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStart(StreamEventBase):
    """A send begins to be worked on."""

    type: ClassVar[str] = "execution_start"


@dataclass(frozen=True, slots=True)
class EventError:
    """An error as an event carries it; `code` and `hint` are empty where it is none of ours."""

    message: str
    name: str
    code: str = ""
    hint: str = ""

    @classmethod
    def of(cls, error: BaseException) -> "EventError":
        """Make it of what `to_json` tells of an error."""
        told = error_to_json(error, 0)
        return cls(told["message"], told["name"], told.get("code", ""), told.get("hint", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEnd(StreamEventBase):
    """The send is done, failed or was aborted; always the last event of an execution."""

    type: ClassVar[str] = "execution_end"
    stop_reason: str | None = None
    aborted: bool = False
    abort_reason: str | None = None
    error: EventError | None = None
    usage: Usage = NO_USAGE
    output: RawOutput | None = None
    new_timeline_entries: tuple[TimelineEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TickStart(StreamEventBase):
    """One model call is being prepared."""

    type: ClassVar[str] = "tick_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickEnd(StreamEventBase):
    """One model call and its tools are done."""

    type: ClassVar[str] = "tick_end"
    should_continue: bool
    usage: Usage | None = None
    stop_reason: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledEvent(StreamEventBase):
    """The component tree has become a request; `raw_compiled` is what the tree said, before a request was made of it.

    `passes` counts the renders it took to settle, and `forced_stable` says that it never settled, with the last
    two `reasons`.
    """

    type: ClassVar[str] = "compiled"
    request: ModelRequest
    raw_compiled: RawCompiled = field(default_factory=RawCompiled)
    passes: int = 1
    forced_stable: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequestEvent(StreamEventBase):
    """The request goes to the model."""

    type: ClassVar[str] = "model_request"
    model_id: str
    request: ModelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequestEvent(StreamEventBase):
    """The request in the provider's own words."""

    type: ClassVar[str] = "provider_request"
    model_id: str
    provider: str
    provider_input: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResponseEvent(StreamEventBase):
    """The model has answered; the engine knows what follows from it."""

    type: ClassVar[str] = "model_response"
    model_id: str
    message: Message
    stop_reason: str
    usage: Usage = NO_USAGE
    tool_calls: tuple[ToolCall, ...] = ()
    should_stop: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRetry(StreamEventBase):
    """A model call failed and is tried again after the delay."""

    type: ClassVar[str] = "model_retry"
    attempt: int
    delay_ms: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultStart(StreamEventBase):
    """A tool call begins to be worked on; `origin` is "model" or "user"."""

    type: ClassVar[str] = "tool_result_start"
    call_id: str
    name: str
    origin: str = "model"
    input: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProgress(StreamEventBase):
    """A running tool tells how far it is."""

    type: ClassVar[str] = "tool_progress"
    call_id: str
    content: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultEvent(StreamEventBase):
    """A tool call is done; times are in seconds since 1970."""

    type: ClassVar[str] = "tool_result"
    call_id: str
    name: str
    result: tuple[Block, ...]
    is_error: bool = False
    error_type: str | None = None
    executed_by: str = "engine"
    origin: str = "model"
    started_at: float = 0.0
    completed_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolConfirmationRequired(StreamEventBase):
    """A tool call waits for a person; `input` is exactly what would run, `rule` names what asked."""

    type: ClassVar[str] = "tool_confirmation_required"
    call_id: str
    name: str
    input: Mapping[str, Any]
    message: str
    rule: str = ""
    approval_key: str | None = None
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolConfirmationResult(StreamEventBase):
    """A person has answered."""

    type: ClassVar[str] = "tool_confirmation_result"
    call_id: str
    confirmed: bool
    always: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCommitted(StreamEventBase):
    """An entry is in the timeline, and durable; `timeline_index` is its place in the log."""

    type: ClassVar[str] = "entry_committed"
    entry: TimelineEntry
    timeline_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextUpdate(StreamEventBase):
    """How full the model's context is; `utilization` is in percent, None where the window is unknown."""

    type: ClassVar[str] = "context_update"
    model_id: str
    model_name: str | None = None
    provider: str | None = None
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    utilization: float | None = None
    estimated: bool = False
    supports_vision: bool | None = None
    supports_tool_use: bool | None = None
    is_reasoning_model: bool | None = None
    cumulative_usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueuedEvent(StreamEventBase):
    """A message was accepted and waits for the next tick or the next execution."""

    type: ClassVar[str] = "message_queued"
    message: Message
    when: str = "next_tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUnqueuedEvent(StreamEventBase):
    """A waiting message was taken back."""

    type: ClassVar[str] = "message_unqueued"
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionInterrupted(StreamEventBase):
    """An execution of an earlier process, the one of `execution_id`, was cut off and is marked so."""

    type: ClassVar[str] = "execution_interrupted"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistFailed(StreamEventBase):
    """A write to the store failed; it is tried again at the next write."""

    type: ClassVar[str] = "persist_failed"
    error: EventError


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnStart(StreamEventBase):
    """A child session begins."""

    type: ClassVar[str] = "spawn_start"
    spawn_id: str
    parent_execution_id: str
    child_execution_id: str
    child_session_id: str
    component_name: str
    label: str | None = None
    origin_call_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpawnEnd(StreamEventBase):
    """A child session is done; `output` is its response, or the error's text."""

    type: ClassVar[str] = "spawn_end"
    spawn_id: str
    parent_execution_id: str
    child_execution_id: str
    child_session_id: str
    output: str = ""
    is_error: bool = False
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkStart(StreamEventBase):
    """A session is being forked."""

    type: ClassVar[str] = "fork_start"
    fork_id: str
    child_session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkEnd(StreamEventBase):
    """The fork is ready."""

    type: ClassVar[str] = "fork_end"
    fork_id: str
    child_session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultEvent(StreamEventBase):
    """What the execution gives."""

    type: ClassVar[str] = "result"
    result: SendResult[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineErrorEvent(StreamEventBase):
    """The engine itself failed."""

    type: ClassVar[str] = "engine_error"
    error: EventError


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomEvent(StreamEventBase):
    """An event of somebody else's, of whatever type: pushed from outside, or one this version does not know."""

    type: str = "custom"  # pyright: ignore[reportIncompatibleVariableOverride]  # each has its own
    data: Mapping[str, Any] = field(default_factory=no_metadata)
