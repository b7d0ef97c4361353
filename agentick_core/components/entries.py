"""Entries of a timeline as the messages that a model is shown."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeAlias

from agentick_core.messages.blocks import TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry

History: TypeAlias = tuple[TimelineEntry, ...]

INTERRUPTED = TextBlock("[interrupted]")


def shown(entries: Iterable[TimelineEntry]) -> tuple[Message, ...]:
    """Give the messages of entries as a model is shown them: partial answers are marked as such."""
    return tuple(_shown(entry) for entry in entries)


def at_its_place(message: Message) -> Message:
    """Give a message as it appears in the conversation: a system message that was sent is told as an event."""
    return replace(message, role="event") if message.role == "system" else message


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
    message = at_its_place(entry.message)
    if "interrupted" in entry.tags:
        return replace(message, content=(*message.content, INTERRUPTED))
    return message
