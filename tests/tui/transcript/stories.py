"""Sessions told as events, and as the entries that are stored of them."""

from collections.abc import Iterator, Sequence

from agentick_core.events.model import (
    ContentDelta,
    ContentEnd,
    ContentEvent,
    ContentStart,
    MessageEnd,
    MessageEvent,
    MessageStart,
    ReasoningDelta,
    ReasoningEnd,
    ReasoningStart,
    ToolCallEnd,
    ToolCallEvent,
    ToolCallStart,
)
from agentick_core.events.orchestration import (
    EntryCommitted,
    ExecutionEnd,
    ExecutionStart,
    MessageQueuedEvent,
    TickEnd,
    TickStart,
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.events.union import StreamEvent
from agentick_core.messages.blocks import Block, ReasoningBlock, TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry


def streamed(message: Message, size: int, *, whole: bool) -> Iterator[StreamEvent]:
    """Tell an answer in deltas of some size; `whole` ends it with the event that carries all of it."""
    yield MessageStart()
    for index, block in enumerate(message.content):
        yield from _block(block, index, size)
    yield MessageEnd(stop_reason="stop")
    if whole:
        yield MessageEvent(message=message, stop_reason="stop")


def turn(
    entries: Sequence[TimelineEntry], size: int = 3, *, whole: bool = True, queued: bool = True
) -> list[StreamEvent]:
    """Tell how entries came to be: messages of the user first, then each answer with its results."""
    events: list[StreamEvent] = []
    users = [entry for entry in entries if entry.message.role == "user"]
    if queued:
        events += [MessageQueuedEvent(message=entry.message) for entry in users]
    events.append(ExecutionStart())
    pending = list(users)
    rest = [entry for entry in entries if entry.message.role != "user"]
    for number, entry in enumerate(rest):
        if entry.message.role == "assistant":
            answered = rest[number + 1] if number + 1 < len(rest) else None
            results = answered if answered is not None and answered.message.role == "tool" else None
            events += _tick(entry, results, pending, size, whole=whole)
            pending = []
    events.append(ExecutionEnd())
    return events


def _tick(
    answer: TimelineEntry,
    results: TimelineEntry | None,
    users: Sequence[TimelineEntry],
    size: int,
    *,
    whole: bool,
) -> Iterator[StreamEvent]:
    yield TickStart()
    yield from streamed(answer.message, size, whole=whole)
    for result in results.message.tool_results if results else ():
        yield ToolResultStart(call_id=result.tool_use_id, name=result.name)
        yield ToolResultEvent(
            call_id=result.tool_use_id, name=result.name, result=result.content, is_error=result.is_error
        )
    committed: list[TimelineEntry] = [*users, answer, *([results] if results else [])]
    for index, one in enumerate(committed):
        yield EntryCommitted(entry=one, timeline_index=index)
    yield TickEnd(should_continue=results is not None)


def _block(block: Block, index: int, size: int) -> Iterator[StreamEvent]:
    match block:
        case TextBlock(text):
            yield ContentStart(block_type="text", block_index=index)
            for at in range(0, len(text), size):
                yield ContentDelta(delta=text[at : at + size], block_index=index)
            yield ContentEnd(block_type="text", block_index=index)
            yield ContentEvent(block_index=index, content=block)
        case ReasoningBlock(text):
            yield ReasoningStart(block_index=index)
            for at in range(0, len(text), size):
                yield ReasoningDelta(delta=text[at : at + size], block_index=index)
            yield ReasoningEnd(block_index=index)
        case ToolUseBlock():
            yield ToolCallStart(call_id=block.tool_use_id, name=block.name, block_index=index)
            yield ToolCallEnd(call_id=block.tool_use_id, block_index=index)
            yield ToolCallEvent(
                call_id=block.tool_use_id, name=block.name, input=block.input, block_index=index
            )
        case _:
            yield ContentEvent(block_index=index, content=block)


def entry(id: str, message: Message, *tags: str) -> TimelineEntry:
    """Make a stored entry."""
    return TimelineEntry(id, message, tags)


def result(call_id: str, name: str, text: str, *, is_error: bool = False) -> ToolResultBlock:
    """Make a tool's result."""
    return ToolResultBlock(call_id, name, (TextBlock(text),), is_error=is_error)
