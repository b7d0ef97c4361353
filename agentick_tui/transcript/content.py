"""What a message's content becomes in the transcript."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from agentick_core.messages.blocks import (
    AudioBlock,
    Base64Source,
    Block,
    BucketSource,
    CodeBlock,
    CodeExecutionResultBlock,
    CsvBlock,
    DocumentBlock,
    ExecutableCodeBlock,
    FileIdSource,
    GeneratedFileBlock,
    GeneratedImageBlock,
    HtmlBlock,
    ImageBlock,
    JsonBlock,
    MediaSource,
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
from agentick_core.messages.blocks import ReasoningBlock as ReasoningContent
from agentick_core.tools.failure import DENIED
from agentick_tui.sanitize import shown
from agentick_tui.transcript.blocks import (
    AnswerBlock,
    OtherBlock,
    ReasoningBlock,
    ToolBlock,
    ToolState,
    TranscriptBlock,
)
from agentick_tui.transcript.flow_text import FlowText

SUMMARY_LIMIT = 200
_DENIED = frozenset({"TOOL_DENIED", "GUARD_DENIED", "DENIED"})
_CANCELLED = frozenset({"ABORT_ERROR", "ABORT_CANCELLED", "ABORT_SIGNAL", "CANCELLED"})
_UNKNOWN = "outcome unknown"


def answer_blocks(content: Iterable[Block]) -> list[TranscriptBlock]:
    """Turn what a model said into blocks; texts that follow each other become one answer."""
    blocks: list[TranscriptBlock] = []
    for block in content:
        made = _answer_block(block)
        before = blocks[-1] if blocks else None
        if isinstance(made, AnswerBlock) and isinstance(before, AnswerBlock):
            blocks[-1] = AnswerBlock(FlowText(f"{before.text.text}\n\n{made.text.text}"))
        elif made is not None:
            blocks.append(made)
    return blocks


def _answer_block(block: Block) -> TranscriptBlock | None:
    match block:
        case ToolUseBlock():
            return ToolBlock(block.tool_use_id, shown(block.name), summary_of(block.input, block.metadata))
        case ReasoningContent(text):
            return ReasoningBlock(FlowText(text), seconds=seconds_of(block.metadata)) if text else None
        case ToolResultBlock():
            return None
        case _:
            text = markdown_of(block)
            if text is None:
                return OtherBlock(label_of(block))
            return AnswerBlock(FlowText(text)) if text else None


def markdown_of(block: Block) -> str | None:
    """Write a block as Markdown, or None where it has no text."""
    match block:
        case TextBlock(text):
            return text
        case CodeBlock(text, language) | ExecutableCodeBlock(text, language):
            return _fence(text, language)
        case XmlBlock(text):
            return _fence(text, "xml")
        case HtmlBlock(text):
            return _fence(text, "html")
        case CsvBlock(text):
            return _fence(text, "csv")
        case JsonBlock():
            return _fence(_json_text(block), "json")
        case CodeExecutionResultBlock(output):
            return _fence(output, "")
        case _:
            return None


def output_text(content: Sequence[Block]) -> str:
    """Give what a tool returned as plain text."""
    return "\n".join([_plain(block) for block in content])


def split_user_content(content: Iterable[Block]) -> tuple[str, tuple[str, ...]]:
    """Give the text of a user's message, and a line for everything else in it."""
    texts: list[str] = []
    others: list[str] = []
    for block in content:
        text = markdown_of(block)
        if text is None:
            others.append(label_of(block))
        elif text:
            texts.append(text)
    return "\n\n".join(texts), tuple(others)


def label_of(block: Block) -> str:
    """Say in one line what a block is."""
    match block:
        case ImageBlock() | GeneratedImageBlock():
            detail = (block.alt_text, block.mime_type, _place(block.source))
        case DocumentBlock():
            detail = (block.title, block.mime_type, _place(block.source))
        case AudioBlock() | VideoBlock():
            detail = (block.transcript, block.mime_type, _place(block.source))
        case GeneratedFileBlock():
            detail = (block.name, block.mime_type, _place(block.source))
        case UserActionBlock():
            detail = (block.actor, block.action, block.target)
        case SystemEventBlock():
            detail = (block.source, block.event)
        case StateChangeBlock():
            detail = (block.entity, f"{block.field}: {block.before} → {block.after}")
        case _:
            detail = ()
    kind = getattr(block, "type", type(block).__name__).replace("_", " ")
    return shown(" · ".join([kind, *(str(part)[:SUMMARY_LIMIT] for part in detail if part)]))


def summary_of(given: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    """Give the line about a call's input: the tool's own where it made one, else the values themselves."""
    own = metadata.get("summary")
    if isinstance(own, str) and own:
        return shown(own[:SUMMARY_LIMIT])
    if len(given) == 1:
        return shown(_short(next(iter(given.values()))))
    return shown(", ".join([f"{key}={_short(value)}" for key, value in given.items()])[:SUMMARY_LIMIT])


def result_state(block: ToolResultBlock) -> tuple[ToolState, str]:
    """Tell what came of a call, and the text to show for it."""
    text = output_text(block.content)
    kind = block.metadata.get("error_type")
    return (
        failure_state(text, kind if isinstance(kind, str) else None)
        if block.is_error
        else (ToolState.DONE, text)
    )


def failure_state(text: str, kind: str | None) -> tuple[ToolState, str]:
    """Tell what a failed call is, from the text and the kind of its failure."""
    if text.startswith(DENIED):
        return ToolState.DENIED, text.removeprefix(DENIED).strip()
    failure = _failure(text)
    message = str(failure.get("error", text))
    kind = kind or str(failure.get("error_type", ""))
    if _UNKNOWN in message.lower():
        return ToolState.UNKNOWN, message
    if kind.upper() in _DENIED:
        return ToolState.DENIED, message
    if kind.upper() in _CANCELLED:
        return ToolState.CANCELLED, message
    return ToolState.FAILED, message


def _failure(text: str) -> Mapping[str, Any]:
    if not text.startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text[:SUMMARY_LIMIT]


def seconds_of(metadata: Mapping[str, Any]) -> float | None:
    """Give how long something took, where that was stored with it."""
    value = metadata.get("seconds")
    return float(value) if isinstance(value, int | float) else None


def _fence(text: str, language: str) -> str:
    ticks = "```"
    while ticks in text:
        ticks += "`"
    return f"{ticks}{language}\n{text.rstrip(chr(10))}\n{ticks}"


def _json_text(block: JsonBlock) -> str:
    return block.text or json.dumps(block.data, ensure_ascii=False, indent=2, default=str)


def _plain(block: Block) -> str:
    match block:
        case (
            TextBlock(text)
            | CodeBlock(text)
            | ExecutableCodeBlock(text)
            | XmlBlock(text)
            | HtmlBlock(text)
            | CsvBlock(text)
        ):
            return text
        case JsonBlock():
            return _json_text(block)
        case CodeExecutionResultBlock(output):
            return output
        case _:
            return f"[{label_of(block)}]"


def _place(source: MediaSource) -> str:
    match source:
        case UrlSource(url):
            return url
        case Base64Source(data):
            return f"{len(data) * 3 // 4096} KB"
        case FileIdSource(file_id):
            return file_id
        case BucketSource(service, bucket, key):
            return f"{service}://{bucket}/{key}"
