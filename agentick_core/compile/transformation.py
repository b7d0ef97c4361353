"""How messages are written for the model, where an agent wants it otherwise than the model's adapter has it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from agentick_core.messages.blocks import Block, ReasoningBlock, TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import Message

FormatBlock: TypeAlias = Callable[[Block], Block | str | None]

# Providers want these back as they came.
_KEPT = (ToolUseBlock, ToolResultBlock, ReasoningBlock)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTransformation:
    """What becomes of each message of the conversation on its way to the model.

    `event_role` is who tells the model of an event, and `event_mark` stands before it. `format_block` gives
    another block or text for a block, or None to leave it; it is not asked about tool calls, their results and
    reasoning. What is stored stays as it is.
    """

    event_role: Literal["user", "assistant"] = "user"
    event_mark: str = "[Event] "
    format_block: FormatBlock | None = None

    def applied(self, message: Message) -> Message:
        """Give the message as the model shall see it."""
        content = tuple(self._formatted(block) for block in message.content)
        if message.role != "event":
            return replace(message, content=content)
        return replace(message, role=self.event_role, content=_marked(self.event_mark, content))

    def _formatted(self, block: Block) -> Block:
        if self.format_block is None or isinstance(block, _KEPT):
            return block
        formatted = self.format_block(block)
        if formatted is None:
            return block
        return TextBlock(formatted) if isinstance(formatted, str) else formatted


def _marked(mark: str, content: tuple[Block, ...]) -> tuple[Block, ...]:
    match content:
        case _ if not mark:
            return content
        case (TextBlock() as first, *rest):
            return (replace(first, text=mark + first.text), *rest)
        case _:
            return (TextBlock(mark.rstrip()), *content)
