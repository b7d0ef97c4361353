"""A request in the words of the Messages protocol."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    DocumentBlock,
    FileIdSource,
    ImageBlock,
    ReasoningBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
)
from agentick_core.messages.message import Message
from agentick_core.messages.request import CONTEXT_MARK, ModelOptions, ModelRequest
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.names import safe_name
from agentick_core.models.pairs import paired
from agentick_core.models.plain import plain_text
from agentick_core.models.schema import NO_ARGUMENTS, closed
from agentick_core.models.surrogates import mended_json

Json = dict[str, Any]

DEFAULT_MAX_TOKENS = 8_192
"""What an answer may take where the model is not in the catalog: the protocol wants a number."""

MOST_MARKS = 4
"""How many marks for the cache the protocol takes in one request."""

IMAGES = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp"))


def messages_request(request: ModelRequest, model: str, *, max_output: int | None, reasons: bool) -> Json:
    """Translate the request.

    `max_output` is the model's own limit; `reasons` says that it thinks by default, and then it is asked to
    show a summary. Sampling options are left out: the protocol took them away in its version 2026-10-21.
    """
    options = request.options
    body: Json = {
        "model": model,
        "max_tokens": options.max_tokens or max_output or DEFAULT_MAX_TOKENS,
        "messages": _conversation(request.messages, model),
        "stream": True,
    }
    if system := [{"type": "text", "text": text} for text in request.system if text.strip()]:
        body["system"] = system
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if options.stop:
        body["stop_sequences"] = list(options.stop)
    if reasons:
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
    if output := _output(options):
        body["output_config"] = output
    _mark_for_cache(body, MOST_MARKS - ("cache_control" in own_options(options)))
    return mended_json(body)


def own_options(options: ModelOptions) -> Json:
    """Give the options that were meant for this provider alone; they win over everything else."""
    return dict(options.provider_options.get("anthropic") or {})


def _conversation(messages: Sequence[Message], model: str) -> list[Json]:
    """Give turns that alternate, beginning and ending with the user's, as the protocol demands."""
    spoken = ((_speaker(message), _content(message, model)) for message in paired(messages))
    turns: list[Json] = []
    for role, group in groupby(
        ((role, content) for role, content in spoken if content), key=lambda turn: turn[0]
    ):
        turns.append({"role": role, "content": [part for _, content in group for part in content]})
    if turns and turns[0]["role"] == "assistant":
        turns.insert(0, _said("[The beginning of the conversation is left out.]"))
    if not turns or turns[-1]["role"] == "assistant":
        turns.append(_said("Continue."))
    return turns


def _said(text: str) -> Json:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def _speaker(message: Message) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _content(message: Message, model: str) -> list[Json]:
    match message.role:
        case "assistant":
            return list(_assistant(message.content, model))
        case "tool":
            return [_tool_result(result) for result in message.tool_results]
        case "user":
            return list(_parts(message.content))
        case "event" | "system":
            return list(_parts(message.content, prefix="[Event] "))


def _assistant(content: Iterable[Block], model: str) -> Iterator[Json]:
    for block in content:
        match block:
            case ReasoningBlock():
                yield from _reasoning(block, model)
            case ToolUseBlock():
                yield {
                    "type": "tool_use",
                    "id": safe_name(block.tool_use_id),
                    "name": safe_name(block.name),
                    "input": dict(block.input),
                }
            case _:
                yield from _text(plain_text(block))


def _reasoning(block: ReasoningBlock, model: str) -> Iterator[Json]:
    """Give reasoning back only to the model that it came from: another one refuses it."""
    if block.provider != "anthropic" or block.metadata.get("model", model) != model:
        return
    if block.redacted_data:
        yield {"type": "redacted_thinking", "data": block.redacted_data}
    elif block.signature:
        yield {"type": "thinking", "thinking": block.text, "signature": block.signature}


def _tool_result(result: ToolResultBlock) -> Json:
    content = list(_parts(result.content))
    answer: Json = {
        "type": "tool_result",
        "tool_use_id": safe_name(result.tool_use_id),
        "content": content or [{"type": "text", "text": "(no output)"}],
    }
    if result.is_error:
        answer["is_error"] = True
    return answer


def _parts(content: Iterable[Block], *, prefix: str = "") -> Iterator[Json]:
    for block in content:
        if (media := _media(block)) is not None:
            yield media
            continue
        for text in _text(plain_text(block)):
            yield {**text, "text": prefix + text["text"]}
            prefix = ""


def _text(text: str) -> Iterator[Json]:
    if text.strip():
        yield {"type": "text", "text": text}


def _media(block: Block) -> Json | None:
    match block:
        case ImageBlock(source=UrlSource(url=url)):
            return {"type": "image", "source": {"type": "url", "url": url}}
        case ImageBlock(source=FileIdSource(file_id=file_id)):
            return {"type": "image", "source": {"type": "file", "file_id": file_id}}
        case ImageBlock(source=Base64Source() as source):
            kind = block.mime_type or source.mime_type
            return {"type": "image", "source": _data(kind, source.data)} if kind in IMAGES else None
        case DocumentBlock(source=UrlSource(url=url)):
            return {"type": "document", "source": {"type": "url", "url": url}}
        case DocumentBlock(source=FileIdSource(file_id=file_id)):
            return {"type": "document", "source": {"type": "file", "file_id": file_id}}
        case DocumentBlock(source=Base64Source() as source):
            kind = block.mime_type or source.mime_type
            return (
                {"type": "document", "source": _data(kind, source.data)}
                if kind == "application/pdf"
                else None
            )
        case _:
            return None


def _data(kind: str, data: str) -> Json:
    return {"type": "base64", "media_type": kind, "data": data}


def _tool(tool: ToolDefinition) -> Json:
    own = tool.provider_options.get("anthropic", {})
    if own and tool.type == "provider":
        # The provider knows its own tools, and refuses a schema.
        return {"name": tool.name, **own}
    described: Json = {"name": tool.name, "input_schema": dict(tool.input_schema) or dict(NO_ARGUMENTS)}
    if tool.description:
        described["description"] = tool.description
    return {**described, **own}


def _output(options: ModelOptions) -> Json | None:
    wanted = options.response_format
    if wanted is None or wanted.type != "json_schema" or wanted.schema is None:
        return None
    return {"format": {"type": "json_schema", "schema": closed(wanted.schema)}}


def _mark_for_cache(body: Json, room: int) -> None:
    """Mark what stays the same: the last turn of the user, the last system block, the turn before, the last tool.

    The marks that tools brought go first; where there is no room for all, those of the first tools are dropped,
    since a later mark covers what comes before it. What is only shown for one call is at the end of the last
    turn, and would spoil the mark.
    """
    tools: list[Json] = body.get("tools", [])
    marked = [tool for tool in tools if tool.get("cache_control")]
    for tool in marked[: max(0, len(marked) - room)]:
        del tool["cache_control"]
    users = [turn["content"] for turn in body["messages"] if turn["role"] == "user"]
    turns = [[part for part in parts if not _is_passing(part)] for parts in reversed(users[-2:])]
    # A tool that is searched for, and not read from the start, takes no mark.
    ours = [*turns[:1], body.get("system", []), *turns[1:], [t for t in tools if not t.get("defer_loading")]]
    free = [parts[-1] for parts in ours if parts and "cache_control" not in parts[-1]]
    for part in free[: max(0, room - len(marked))]:
        part["cache_control"] = {"type": "ephemeral"}


def _is_passing(part: Json) -> bool:
    return str(part.get("text", "")).startswith(CONTEXT_MARK)
