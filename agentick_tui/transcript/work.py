"""What tools do: the states and the output of calls, of the model's and of the user's."""

from dataclasses import replace

from agentick_core.events.orchestration import (
    ToolConfirmationRequired,
    ToolConfirmationResult,
    ToolProgress,
    ToolResultEvent,
    ToolResultStart,
)
from agentick_core.messages.message import Message
from agentick_tui.sanitize import shown
from agentick_tui.transcript.blocks import AgentBlock, CommandBlock, ToolBlock, ToolState
from agentick_tui.transcript.content import failure_state, output_text, result_state, seconds_of, summary_of
from agentick_tui.transcript.flow_text import FlowText
from agentick_tui.transcript.items import Item, ItemList
from agentick_tui.transcript.scope import Scope

WorkEvent = (
    ToolResultStart | ToolProgress | ToolResultEvent | ToolConfirmationRequired | ToolConfirmationResult
)


def apply_work(items: ItemList, scope: Scope, event: WorkEvent) -> None:
    """Let an event of a tool call change its block."""
    item = scope.calls.get(event.call_id)
    if item is None:
        item = _unseen(items, scope, event)
    if item is None or not isinstance(item.block, ToolBlock | CommandBlock):
        return
    block = item.block
    match event:
        case ToolResultStart():
            started = replace(block, state=ToolState.RUNNING)
            items.replace(
                item, replace(started, started_at=event.time) if isinstance(started, ToolBlock) else started
            )
            _count(items, scope)
        case ToolConfirmationRequired():
            items.replace(item, replace(block, state=ToolState.WAITING))
        case ToolConfirmationResult():
            state = ToolState.RUNNING if event.confirmed else ToolState.DENIED
            items.replace(item, replace(block, state=state))
        case ToolProgress():
            items.replace(item, replace(block, output=FlowText(output_text(event.content))))
        case ToolResultEvent():
            _finish(items, item, block, event)


def settle_results(items: ItemList, scope: Scope, message: Message) -> None:
    """Bring calls to what the stored results say, and keep what only the live ones know."""
    for result in message.tool_results:
        item = scope.calls.get(result.tool_use_id)
        if item is None:
            item = items.add(ToolBlock(result.tool_use_id, shown(result.name)), parent=scope.agent)
            scope.calls[result.tool_use_id] = item
        state, text = result_state(result)
        block = item.block
        seconds = seconds_of(result.metadata)
        if isinstance(block, ToolBlock):
            known = block.seconds if block.seconds is not None else seconds
            settled = replace(block, state=state, output=FlowText(text), seconds=known)
            if settled != block:
                items.replace(item, settled)


def close_calls(items: ItemList, scope: Scope, state: ToolState) -> None:
    """Give every call that has not ended a last state."""
    for item in scope.calls.values():
        if isinstance(item.block, ToolBlock | CommandBlock) and item.block.state.is_open:
            items.replace(item, replace(item.block, state=state))


def _unseen(items: ItemList, scope: Scope, event: WorkEvent) -> Item | None:
    """Make the block of a call that no event of an answer announced."""
    match event:
        case ToolResultStart():
            summary = summary_of(event.input, {})
            if event.origin == "user":
                item = items.add(CommandBlock(event.call_id, shown(event.name), summary))
            else:
                item = items.add(ToolBlock(event.call_id, shown(event.name), summary), parent=scope.agent)
        case ToolConfirmationRequired():
            summary = summary_of(event.input, {})
            item = items.add(ToolBlock(event.call_id, shown(event.name), summary), parent=scope.agent)
        case ToolResultEvent():
            if event.origin == "user":
                item = items.add(CommandBlock(event.call_id, shown(event.name)))
            else:
                item = items.add(ToolBlock(event.call_id, shown(event.name)), parent=scope.agent)
        case _:
            return None
    scope.calls[event.call_id] = item
    return item


def _finish(items: ItemList, item: Item, block: ToolBlock | CommandBlock, event: ToolResultEvent) -> None:
    text = output_text(event.result)
    state = ToolState.DONE
    if event.is_error:
        state, text = failure_state(text, event.error_type)
        if block.state is ToolState.DENIED and state is ToolState.FAILED:
            state = ToolState.DENIED
    done = replace(block, state=state, output=FlowText(text))
    if isinstance(done, ToolBlock) and event.completed_at and event.started_at:
        done = replace(done, seconds=max(0.0, event.completed_at - event.started_at))
    items.replace(item, done)


def _count(items: ItemList, scope: Scope) -> None:
    if scope.agent is not None and isinstance(scope.agent.block, AgentBlock):
        items.replace(scope.agent, replace(scope.agent.block, tools=scope.agent.block.tools + 1))
