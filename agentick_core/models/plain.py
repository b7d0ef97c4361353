"""Blocks that a provider does not take, as text that says the same."""

import json
from typing import assert_never

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


def plain_text(block: Block) -> str:
    """Write the block as text: code and structured JSON in fences, media by what is known of them, no reasoning."""
    match block:
        case TextBlock(text=text) | XmlBlock(text=text) | CsvBlock(text=text) | HtmlBlock(text=text):
            return text
        case ReasoningBlock():
            return ""
        case CodeBlock(text=text, language=language) | ExecutableCodeBlock(text=text, language=language):
            return _fenced(text, language)
        case JsonBlock(data=data, text=text):
            written = text or json.dumps(data, ensure_ascii=False, indent=2, default=str)
            return _fenced(written, "json") if isinstance(data, dict | list) else written
        case CodeExecutionResultBlock(output=output):
            return _fenced(output, "")
        case ToolUseBlock() | ToolResultBlock():
            return _tool_text(block)
        case UserActionBlock() | SystemEventBlock() | StateChangeBlock():
            return _event_text(block)
        case _:
            return _media_text(block)


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _tool_text(block: ToolUseBlock | ToolResultBlock) -> str:
    if isinstance(block, ToolUseBlock):
        return f"[called {block.name} with {json.dumps(dict(block.input), ensure_ascii=False, default=str)}]"
    said = "\n".join(filter(None, map(plain_text, block.content)))
    return f"[{block.name} gave]\n{said}"


def _event_text(block: UserActionBlock | SystemEventBlock | StateChangeBlock) -> str:
    match block:
        case UserActionBlock():
            return " ".join(filter(None, (block.actor, block.action, block.target)))
        case SystemEventBlock():
            return f"{block.source}: {block.event}" if block.source else block.event
        case StateChangeBlock():
            return f"{block.entity}.{block.field} changed from {block.before!r} to {block.after!r}"


def _media_text(
    block: ImageBlock | DocumentBlock | AudioBlock | VideoBlock | GeneratedImageBlock | GeneratedFileBlock,
) -> str:
    match block:
        case ImageBlock(alt_text=said) | GeneratedImageBlock(alt_text=said):
            kind = "image"
        case DocumentBlock(title=said):
            kind = "document"
        case GeneratedFileBlock(name=said):
            kind = "file"
        case AudioBlock(transcript=said):
            kind = "audio"
        case VideoBlock(transcript=said):
            kind = "video"
        case _:
            assert_never(block)
    known = ", ".join(filter(None, (said, _address(block.source))))
    return f"[{kind}: {known or 'not shown'}]"


def _address(source: MediaSource) -> str | None:
    if not isinstance(source, UrlSource) or source.url.startswith("data:"):
        return None
    return source.url
