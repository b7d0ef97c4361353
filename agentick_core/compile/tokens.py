"""Estimating tokens before a model has counted them."""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from agentick_core.compile.render import block_text
from agentick_core.messages.blocks import (
    AudioBlock,
    Block,
    DocumentBlock,
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    VideoBlock,
)
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.tool import ToolDefinition

if TYPE_CHECKING:
    from agentick_core.compile.compiled import CompiledTree

TextEstimator: TypeAlias = Callable[[str], int]

PER_ITEM = 4
PER_MEDIUM = 85


def estimate_text(text: str) -> int:
    """Estimate text: a token per four characters, rounded up, and four around it."""
    return -(-len(text) // 4) + PER_ITEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How a tick is counted while it is compiled: `estimator` counts text, and `request` the whole request that a
    compiled tree would make, with the tools and with what the send adds. `window` is how many estimated tokens the
    model in use takes beside its answer, None where that is unknown."""

    estimator: TextEstimator = estimate_text
    window: int | None = None
    request: "Callable[[CompiledTree], Awaitable[int]]"


def estimate_block(block: Block, estimator: TextEstimator = estimate_text) -> int:
    """Estimate a block; a picture or a document counts the same whatever its size."""
    match block:
        case TextBlock():
            return estimator(block.text)
        case ReasoningBlock():
            return estimator(block.text + (block.redacted_data or ""))
        case ImageBlock() | DocumentBlock() | AudioBlock() | VideoBlock():
            return PER_MEDIUM
        case ToolUseBlock():
            return estimator(block.name + _json(dict(block.input)))
        case ToolResultBlock():
            return sum(estimate_block(inner, estimator) for inner in block.content)
        case _:
            return estimator(block_text(block))


def estimate_blocks(blocks: Iterable[Block], estimator: TextEstimator = estimate_text) -> int:
    """Estimate a message, a system text or an ephemeral: its blocks and four around them."""
    return sum(estimate_block(block, estimator) for block in blocks) + PER_ITEM


def estimate_message(message: Message, estimator: TextEstimator = estimate_text) -> int:
    """Estimate a message."""
    return estimate_blocks(message.content, estimator)


def estimate_request(request: ModelRequest, estimator: TextEstimator = estimate_text) -> int:
    """Estimate a whole request without its tools."""
    system = sum(estimator(text) + PER_ITEM for text in request.system)
    return system + sum(estimate_message(message, estimator) for message in request.messages)


def estimate_tool(tool: ToolDefinition, estimator: TextEstimator = estimate_text) -> int:
    """Estimate a tool as it is offered: its name, its description and its schema."""
    return estimator(tool.name + tool.description + _json(dict(tool.input_schema)))


def estimate_tools(tools: Iterable[ToolDefinition], estimator: TextEstimator = estimate_text) -> int:
    """Estimate the tools that a model is offered."""
    return sum(estimate_tool(tool, estimator) for tool in tools)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, default=str, ensure_ascii=False)
    except (TypeError, ValueError):
        # Keys that are no texts, and data that holds itself, have no form in JSON at all.
        return str(value)
