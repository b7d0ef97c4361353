"""How whole blocks become deltas: for models that have their answer before they say it."""

import json
from collections.abc import Iterator

from agentick_core.messages.blocks import Block, ReasoningBlock, TextBlock, ToolUseBlock
from agentick_core.models.deltas import (
    BlockDelta,
    ModelDelta,
    ReasoningClosed,
    ReasoningTextDelta,
    TextDelta,
    ToolCallClosed,
    ToolCallInput,
    ToolCallOpened,
)


def deltas_of(block: Block, after: Block | None = None) -> Iterator[ModelDelta]:
    """Give the deltas that build the block again; `after` is the block before it, which it stays apart from."""
    match block:
        case TextBlock(text=text):
            yield TextDelta(text, new_block=isinstance(after, TextBlock))
        case ReasoningBlock(text=text):
            model = block.metadata.get("model")
            yield ReasoningTextDelta(text, new_block=True)
            yield ReasoningClosed(block.signature, block.redacted_data, block.provider, model)
        case ToolUseBlock(tool_use_id=call_id):
            yield ToolCallOpened(call_id, block.name)
            yield ToolCallInput(call_id, json.dumps(dict(block.input), ensure_ascii=False, default=str))
            yield ToolCallClosed(call_id, block.input)
        case _:
            yield BlockDelta(block)
