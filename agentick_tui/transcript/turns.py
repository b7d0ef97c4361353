"""What frames the answers: messages of the user, stored entries, ends, errors, sub-agents."""

from dataclasses import replace

from agentick_core import errors
from agentick_core.errors import AgentickError
from agentick_core.events.model import ErrorEvent
from agentick_core.events.orchestration import (
    EngineErrorEvent,
    EntryCommitted,
    EventError,
    ExecutionEnd,
    ExecutionInterrupted,
    ExecutionStart,
    MessageQueuedEvent,
    MessageUnqueuedEvent,
    ModelRetry,
    PersistFailed,
    SpawnEnd,
    TickStart,
)
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_tui.sanitize import flow
from agentick_tui.transcript.blocks import (
    AgentBlock,
    ErrorBlock,
    InterruptedBlock,
    NoticeBlock,
    ToolState,
    UserBlock,
)
from agentick_tui.transcript.content import split_user_content
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.items import ItemList
from agentick_tui.transcript.retries import ended, retried
from agentick_tui.transcript.scope import Scope
from agentick_tui.transcript.speech import close_texts, settle_message
from agentick_tui.transcript.work import close_calls, settle_results

TurnEvent = (
    ExecutionStart
    | ExecutionEnd
    | TickStart
    | EntryCommitted
    | MessageQueuedEvent
    | MessageUnqueuedEvent
    | ModelRetry
    | ExecutionInterrupted
)
TroubleEvent = ErrorEvent | EngineErrorEvent | PersistFailed


def apply_turn(items: ItemList, scope: Scope, event: TurnEvent) -> None:
    """Let an event around the answers change the blocks."""
    match event:
        case ExecutionStart() | TickStart():
            _begin(items, scope, event)
        case ExecutionEnd():
            _end(items, scope, event)
        case EntryCommitted():
            settle_entry(items, scope, event.entry)
        case MessageQueuedEvent():
            _queue(items, scope, event)
        case MessageUnqueuedEvent():
            scope.waiting = [one for one in scope.waiting if one.message.id != event.message_id]
            gone = scope.users.pop(event.message_id, None)
            items.remove([gone] if gone else [])
        case ModelRetry():
            retried(items, scope, event)
        case ExecutionInterrupted():
            items.add(InterruptedBlock(flow(event.reason)), parent=scope.agent)


def apply_trouble(items: ItemList, scope: Scope, event: TroubleEvent) -> None:
    """Show a failure as a card."""
    match event:
        case ErrorEvent():
            block = ErrorBlock(AgentickError.title, flow(event.message), flow(event.source))
        case EngineErrorEvent(error=error):
            block = error_block(error)
        case PersistFailed(error=error):
            block = replace(error_block(error), title="The conversation could not be saved")
    items.add(block, parent=scope.agent)


def error_block(error: EventError) -> ErrorBlock:
    """Make the card of an error."""
    kind = getattr(errors, error.name, AgentickError)
    return ErrorBlock(getattr(kind, "title", AgentickError.title), flow(error.message), flow(error.hint))


def settle_entry(items: ItemList, scope: Scope, entry: TimelineEntry) -> None:
    """Bring the blocks to what a stored entry says."""
    message = entry.message
    match message.role:
        case "user":
            _user(items, scope, message)
        case "assistant":
            settle_message(items, scope, message)
        case "tool":
            settle_results(items, scope, message)
        case "system" | "event":
            _notice(items, scope, message)
    if "interrupted" in entry.tags and scope.mark is None:
        reason = entry.metadata.get("reason") or ""
        scope.mark = items.add(InterruptedBlock(flow(str(reason))), parent=scope.agent)


def end_agent(items: ItemList, scope: Scope, state: ToolState, event: SpawnEnd | None = None) -> None:
    """Close a sub-agent, and fold away what it did."""
    item = scope.agent
    if item is None or not isinstance(item.block, AgentBlock) or not item.block.state.is_open:
        return
    close_texts(items, scope)
    close_calls(items, scope, ToolState.CANCELLED if state is ToolState.CANCELLED else ToolState.UNKNOWN)
    block = replace(item.block, state=state)
    if event is not None:
        seconds = max(0.0, event.time - block.started_at) if block.started_at else None
        tokens = event.usage.total_tokens if event.usage else 0
        block = replace(block, seconds=seconds, tokens=tokens, output=FlowText(event.output))
    items.replace(item, block)
    items.fold(item, True)


def _begin(items: ItemList, scope: Scope, event: ExecutionStart | TickStart) -> None:
    scope.running = True
    if isinstance(event, ExecutionStart):
        scope.mark = None
    scope.begin_message()
    taken = [one for one in scope.waiting if one.when == "next_execution" or isinstance(event, TickStart)]
    scope.waiting = [one for one in scope.waiting if one not in taken]
    for one in taken:
        _user(items, scope, one.message)


def _end(items: ItemList, scope: Scope, event: ExecutionEnd) -> None:
    scope.running = False
    ended(items, scope, event)
    close_texts(items, scope)
    close_calls(items, scope, ToolState.CANCELLED if event.aborted else ToolState.UNKNOWN)
    scope.begin_message()
    if event.error is not None:
        # The card says what the mark says, and more.
        items.remove([scope.mark] if scope.mark else [])
        items.add(error_block(event.error), parent=scope.agent)
    elif event.aborted and scope.mark is None:
        items.add(InterruptedBlock(flow(event.abort_reason or "")), parent=scope.agent)


def _queue(items: ItemList, scope: Scope, event: MessageQueuedEvent) -> None:
    """Show a message at once where nothing runs; else when it is taken."""
    if scope.running:
        scope.waiting.append(event)
    else:
        _user(items, scope, event.message)


def _user(items: ItemList, scope: Scope, message: Message) -> None:
    if message.role != "user" or (message.id and message.id in scope.users):
        return
    text, attachments = split_user_content(message.content)
    first = scope.message[0] if scope.message else None
    block = UserBlock(FlowText(text), attachments)
    item = (
        items.add(block, parent=scope.agent, before=first) if first else items.add(block, parent=scope.agent)
    )
    if message.id:
        scope.users[message.id] = item
    scope.waiting = [one for one in scope.waiting if one.message.id != message.id]


def _notice(items: ItemList, scope: Scope, message: Message) -> None:
    text, others = split_user_content(message.content)
    line = flow(" · ".join(filter(None, (text, *others))))
    if line:
        items.add(NoticeBlock(line), parent=scope.agent)
