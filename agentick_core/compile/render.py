"""Blocks as text: what a model cannot take as it is becomes text that it can read."""

import json
from typing import Any

from agentick_core.compile.markup import MARKDOWN, Markup
from agentick_core.messages.blocks import (
    AudioBlock,
    Block,
    CodeBlock,
    CodeExecutionResultBlock,
    CsvBlock,
    DocumentBlock,
    ExecutableCodeBlock,
    GeneratedFileBlock,
    GeneratedImageBlock,
    HtmlBlock,
    ImageBlock,
    JsonBlock,
    MediaSource,
    ReasoningBlock,
    StateChangeBlock,
    SystemEventBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
    UserActionBlock,
    VideoBlock,
    XmlBlock,
)

PASSED_ON = (
    TextBlock,
    ReasoningBlock,
    ToolUseBlock,
    ImageBlock,
    DocumentBlock,
    AudioBlock,
    VideoBlock,
)


def model_blocks(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Give the blocks as a model takes them: text, media, reasoning and tools stay, all others become text.

    Where nothing changes, the same tuple comes back.
    """
    changed = tuple(_model_block(block) for block in blocks)
    unchanged = all(after is before for after, before in zip(changed, blocks, strict=True))
    return blocks if unchanged else changed


def _model_block(block: Block) -> Block:
    if isinstance(block, PASSED_ON):
        return block
    if isinstance(block, ToolResultBlock):
        content = model_blocks(block.content)
        if content is block.content:
            return block
        return ToolResultBlock(block.tool_use_id, block.name, content, block.is_error, block.executed_by)
    return TextBlock(block_text(block))


def block_text(block: Block, markup: Markup = MARKDOWN) -> str:
    """Write a block as text."""
    match block:
        case TextBlock():
            return markup.text(block.text)
        case CodeBlock() | ExecutableCodeBlock():
            return markup.code(block.text, block.language)
        case JsonBlock():
            return markup.code(block.text or json_text(block.data), "json")
        case XmlBlock() | CsvBlock() | HtmlBlock() | ReasoningBlock():
            return block.text
        case UserActionBlock() | SystemEventBlock() | StateChangeBlock():
            return markup.text(_event_text(block))
        case CodeExecutionResultBlock():
            return markup.code(block.output, "")
        case ToolUseBlock():
            return markup.text(f"{block.name}({json_text(dict(block.input))})")
        case ToolResultBlock():
            return "\n\n".join(block_text(inner, markup) for inner in block.content)
        case _:
            return _media_text(block, markup)


def json_text(data: Any) -> str:
    """Write data as indented JSON; what JSON does not know is written as its `str`."""
    try:
        return json.dumps(data, indent=2, ensure_ascii=False, default=str)
    except (TypeError, ValueError):
        # Keys that are no texts, and data that holds itself, have no form in JSON at all.
        return str(data)


def _event_text(block: UserActionBlock | SystemEventBlock | StateChangeBlock) -> str:
    match block:
        case UserActionBlock():
            return f"{block.actor} {block.action}" + (f" on {block.target}" if block.target else "")
        case SystemEventBlock():
            return block.event + (f" ({block.source})" if block.source else "")
        case StateChangeBlock():
            before, after = (
                json.dumps(v, ensure_ascii=False, default=str) for v in (block.before, block.after)
            )
            return f"{block.entity}.{block.field}: {before} → {after}"


def _media_text(
    block: ImageBlock | DocumentBlock | AudioBlock | VideoBlock | GeneratedImageBlock | GeneratedFileBlock,
    markup: Markup,
) -> str:
    match block:
        case ImageBlock() | GeneratedImageBlock():
            return markup.image(block.alt_text or "", _address(block.source))
        case DocumentBlock():
            return markup.text(f"[document: {block.title or _address(block.source)}]")
        case GeneratedFileBlock():
            return markup.text(f"[file: {block.name or _address(block.source)}]")
        case AudioBlock() | VideoBlock():
            return markup.text(block.transcript or f"[{block.type}: {_address(block.source)}]")


def _address(source: MediaSource) -> str:
    return source.url if isinstance(source, UrlSource) else source.type
