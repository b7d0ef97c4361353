"""Estimating tokens before a model has counted them."""

import json
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from agentick_core.messages.blocks import (
    AudioBlock,
    Block,
    CodeBlock,
    CsvBlock,
    DocumentBlock,
    GeneratedImageBlock,
    HtmlBlock,
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    VideoBlock,
    XmlBlock,
)
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest

TextEstimator: TypeAlias = Callable[[str], int]

PER_ITEM = 4
PER_MEDIUM = 85


def estimate_text(text: str) -> int:
    """Estimate text: a token per four characters, rounded up, and four around it."""
    return -(-len(text) // 4) + PER_ITEM


def estimate_block(block: Block, estimator: TextEstimator = estimate_text) -> int:
    """Estimate a block; a picture or a document counts the same whatever its size."""
    match block:
        case TextBlock() | ReasoningBlock() | CodeBlock() | XmlBlock() | CsvBlock() | HtmlBlock():
            return estimator(block.text)
        case ImageBlock() | GeneratedImageBlock() | DocumentBlock() | AudioBlock() | VideoBlock():
            return PER_MEDIUM
        case ToolUseBlock():
            return estimator(block.name + _json(block.input))
        case ToolResultBlock():
            return sum(estimate_block(inner, estimator) for inner in block.content)
        case _:
            return estimator(str(block))


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


def _json(value: Any) -> str:
    return json.dumps(dict(value), default=str, ensure_ascii=False)
