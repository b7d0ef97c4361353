"""Tool calls and their results, brought together: providers refuse a history in which one lacks the other."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from agentick_core.messages.blocks import Block, TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import Message, ToolMessage

NO_RESULT = "This call has no result: it was interrupted."


def paired(messages: Iterable[Message]) -> Iterator[Message]:
    """Give the messages with every call followed at once by its results, in the order of the calls.

    A call without a result gets one that says so; a result without its call is left out.
    """
    history = tuple(messages)
    results = {result.tool_use_id: result for message in history for result in message.tool_results}
    for message in history:
        kept: tuple[Block, ...] = tuple(
            block for block in message.content if not isinstance(block, ToolResultBlock)
        )
        if kept or not message.content:
            yield message if len(kept) == len(message.content) else replace(message, content=kept)
        if message.role == "assistant" and message.tool_uses:
            yield ToolMessage([results.get(use.tool_use_id) or _missing(use) for use in message.tool_uses])


def _missing(use: ToolUseBlock) -> ToolResultBlock:
    return ToolResultBlock(use.tool_use_id, use.name, (TextBlock(NO_RESULT),), is_error=True)
