"""The conversation so far, and the messages of this tick."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from agentick_core.components.structure import Messages
from agentick_core.hooks.timeline import use_tick_state
from agentick_core.messages.blocks import TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import Message, Role
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes

History: TypeAlias = tuple[TimelineEntry, ...]
TimelineRender: TypeAlias = Callable[[History, tuple[Message, ...], object | None], Nodes]

INTERRUPTED = TextBlock("[interrupted]")


@component
def Timeline(
    *,
    filter: Callable[[TimelineEntry], bool] | None = None,
    roles: Sequence[Role] | None = None,
    limit: int | None = None,
    render: TimelineRender | None = None,
) -> Nodes:
    """Show the history and then the messages of this tick.

    `roles` and `filter` choose among the history, `limit` keeps its newest entries; a tool call is shown only
    together with its result. `render` gets the history chosen, the new messages and the token budget (None
    without one), and says itself what is shown; `shown` and `Messages` help with that.
    """
    tick = use_tick_state()
    history = tick.history
    if roles is not None:
        history = tuple(entry for entry in history if entry.message.role in roles)
    if filter is not None:
        history = tuple(entry for entry in history if filter(entry))
    if limit is not None:
        history = history[max(0, len(history) - limit) :]
    if len(history) != len(tick.history):
        history = paired(history)
    if render is not None:
        return render(history, tick.pending, None)
    return Messages(*shown(history), *(_at_its_place(message) for message in tick.pending))


def shown(entries: Iterable[TimelineEntry]) -> tuple[Message, ...]:
    """Give the messages of entries as a model is shown them: partial answers are marked as such."""
    return tuple(_shown(entry) for entry in entries)


def paired(entries: Iterable[TimelineEntry]) -> History:
    """Give the entries without tool calls that have no result among them, and without results of no call."""
    entries = tuple(entries)
    calls = {use.tool_use_id for entry in entries for use in entry.message.tool_uses}
    results = {result.tool_use_id for entry in entries for result in entry.message.tool_results}
    whole = calls & results
    if whole == calls and whole == results:
        return entries
    cut = (replace(entry, message=_with_calls(entry.message, whole)) for entry in entries)
    return tuple(entry for entry in cut if entry.message.content)


def _with_calls(message: Message, ids: set[str]) -> Message:
    content = tuple(
        block
        for block in message.content
        if not isinstance(block, ToolUseBlock | ToolResultBlock) or block.tool_use_id in ids
    )
    return message if len(content) == len(message.content) else replace(message, content=content)


def _shown(entry: TimelineEntry) -> Message:
    message = _at_its_place(entry.message)
    if "interrupted" in entry.tags:
        return replace(message, content=(*message.content, INTERRUPTED))
    return message


def _at_its_place(message: Message) -> Message:
    return replace(message, role="event") if message.role == "system" else message
