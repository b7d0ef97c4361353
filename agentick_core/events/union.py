"""The union of all stream events, and the questions readers ask of them."""

from typing import TypeAlias, TypeGuard

from agentick_core.events.model import (
    ContentDelta,
    ContentEnd,
    ContentEvent,
    ContentStart,
    ErrorEvent,
    MessageEnd,
    MessageEvent,
    MessageStart,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningEvent,
    ReasoningStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallEvent,
    ToolCallStart,
    UsageEvent,
)
from agentick_core.events.orchestration import (
    CompiledEvent,
    ContextUpdate,
    CustomEvent,
    EngineErrorEvent,
    EntryCommitted,
    ExecutionEnd,
    ExecutionInterrupted,
    ExecutionStart,
    ForkEnd,
    ForkStart,
    MessageQueuedEvent,
    MessageUnqueuedEvent,
    ModelRequestEvent,
    ModelResponseEvent,
    ModelRetry,
    PersistFailed,
    ProviderRequestEvent,
    ResultEvent,
    SpawnEnd,
    SpawnStart,
    TickEnd,
    TickStart,
    ToolConfirmationRequired,
    ToolConfirmationResult,
    ToolProgress,
    ToolResultEvent,
    ToolResultStart,
)

ModelStreamEvent: TypeAlias = (
    MessageStart
    | ContentStart
    | ContentDelta
    | ContentEnd
    | ContentEvent
    | ReasoningStart
    | ReasoningDelta
    | ReasoningEnd
    | ReasoningEvent
    | ToolCallStart
    | ToolCallDelta
    | ToolCallEnd
    | ToolCallEvent
    | MessageEnd
    | MessageEvent
    | UsageEvent
    | ErrorEvent
)

OrchestrationStreamEvent: TypeAlias = (
    ExecutionStart
    | ExecutionEnd
    | TickStart
    | TickEnd
    | CompiledEvent
    | ModelRequestEvent
    | ProviderRequestEvent
    | ModelResponseEvent
    | ModelRetry
    | ToolResultStart
    | ToolProgress
    | ToolResultEvent
    | ToolConfirmationRequired
    | ToolConfirmationResult
    | EntryCommitted
    | ContextUpdate
    | MessageQueuedEvent
    | MessageUnqueuedEvent
    | ExecutionInterrupted
    | PersistFailed
    | SpawnStart
    | SpawnEnd
    | ForkStart
    | ForkEnd
    | ResultEvent
    | EngineErrorEvent
    | CustomEvent
)

StreamEvent: TypeAlias = ModelStreamEvent | OrchestrationStreamEvent


def is_model_stream_event(event: StreamEvent) -> TypeGuard[ModelStreamEvent]:
    """Tell whether the event is part of a model's answer."""
    return isinstance(event, ModelStreamEvent)


def is_orchestration_stream_event(event: StreamEvent) -> TypeGuard[OrchestrationStreamEvent]:
    """Tell whether the event is one of the loop's."""
    return isinstance(event, OrchestrationStreamEvent)


def is_delta_event(event: StreamEvent) -> TypeGuard[ContentDelta | ReasoningDelta | ToolCallDelta]:
    """Tell whether the event carries a piece of something that is still growing."""
    return isinstance(event, ContentDelta | ReasoningDelta | ToolCallDelta)


def is_final_event(
    event: StreamEvent,
) -> TypeGuard[ContentEvent | ReasoningEvent | ToolCallEvent | MessageEvent | ResultEvent]:
    """Tell whether the event carries something whole: a block, a call, a message, or what an execution gives."""
    return isinstance(event, ContentEvent | ReasoningEvent | ToolCallEvent | MessageEvent | ResultEvent)


def is_spawn_event(event: StreamEvent) -> TypeGuard[SpawnStart | SpawnEnd]:
    """Tell whether the event begins or ends a child."""
    return isinstance(event, SpawnStart | SpawnEnd)


def is_fork_event(event: StreamEvent) -> TypeGuard[ForkStart | ForkEnd]:
    """Tell whether the event begins or ends a fork."""
    return isinstance(event, ForkStart | ForkEnd)
