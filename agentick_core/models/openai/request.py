"""A request in the words of Chat Completions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from agentick_core.messages.blocks import (
    Base64Source,
    Block,
    DocumentBlock,
    FileIdSource,
    ImageBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
)
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelOptions, ModelRequest, ResponseFormat
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.names import safe_name
from agentick_core.models.pairs import paired
from agentick_core.models.plain import plain_text
from agentick_core.models.schema import NO_ARGUMENTS, closed, names_all
from agentick_core.models.surrogates import mended_json

Json = dict[str, Any]
LONGEST_ID = 40


def chat_request(request: ModelRequest, model: str, *, official: bool, reasons: bool) -> Json:
    """Translate the request.

    `official` says that OpenAI itself is asked, where newer fields replace older ones that other servers still
    want; `reasons` says that the model thinks by default, which rules out sampling options and, over this
    protocol, tools.
    """
    body: Json = {
        "model": model,
        "messages": list(_messages(request)) or [{"role": "user", "content": "Continue."}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    body.update(_options(request.options, official=official, sampled=not (official and reasons)))
    if official and reasons and request.tools:
        body["reasoning_effort"] = "none"
    return mended_json(body)


def own_options(options: ModelOptions, provider: str) -> Json:
    """Give the options that were meant for this provider alone; they win over everything else."""
    return dict(options.provider_options.get(provider) or {})


def _messages(request: ModelRequest) -> Iterator[Json]:
    if system := "\n\n".join(filter(None, request.system)):
        yield {"role": "system", "content": system}
    for message in paired(request.messages):
        yield from _message(message)


def _message(message: Message) -> Iterator[Json]:
    match message.role:
        case "assistant":
            yield from _assistant(message.content)
        case "tool":
            yield from _tool_results(message.tool_results)
        case "user":
            yield from _user(message.content)
        case "event" | "system":
            yield from _user(message.content, prefix="[Event] ")


def _assistant(content: Sequence[Block]) -> Iterator[Json]:
    text = _joined(block for block in content if not isinstance(block, ToolUseBlock))
    calls = [_call(block) for block in content if isinstance(block, ToolUseBlock)]
    if calls:
        yield {"role": "assistant", "content": text or None, "tool_calls": calls}
    elif text:
        yield {"role": "assistant", "content": text}


def _call(use: ToolUseBlock) -> Json:
    arguments = json.dumps(dict(use.input), ensure_ascii=False, default=str)
    return {
        "id": _safe_id(use.tool_use_id),
        "type": "function",
        "function": {"name": safe_name(use.name), "arguments": arguments},
    }


def _safe_id(call_id: str) -> str:
    """Give the id as it is, since some servers want theirs back to the letter, unless it is too long."""
    return call_id if len(call_id) <= LONGEST_ID else safe_name(call_id, LONGEST_ID)


def _tool_results(results: Sequence[ToolResultBlock]) -> Iterator[Json]:
    """Give a message per result, then the pictures of all of them: a tool message takes text only."""
    pictures: list[Json] = []
    for result in results:
        shown = [part for block in result.content if (part := _media(block))]
        text = _joined(block for block in result.content if _media(block) is None)
        yield {
            "role": "tool",
            "tool_call_id": _safe_id(result.tool_use_id),
            "content": text or _instead(shown),
        }
        if shown:
            pictures += [{"type": "text", "text": f"What {result.name} gave:"}, *shown]
    if pictures:
        yield {"role": "user", "content": pictures}


def _instead(shown: Sequence[Json]) -> str:
    return "(shown in the next message)" if shown else "(no output)"


def _user(content: Sequence[Block], *, prefix: str = "") -> Iterator[Json]:
    parts: list[Json] = []
    for is_media, blocks in groupby(content, key=lambda block: _media(block) is not None):
        if is_media:
            parts += filter(None, map(_media, blocks))
        elif text := _joined(blocks):
            parts.append({"type": "text", "text": prefix + text})
            prefix = ""
    if [part["type"] for part in parts] == ["text"]:
        yield {"role": "user", "content": parts[0]["text"]}
    elif parts:
        yield {"role": "user", "content": parts}


def _joined(blocks: "Iterator[Block]") -> str:
    return "\n\n".join(filter(None, map(plain_text, blocks)))


def _media(block: Block) -> Json | None:
    match block:
        case ImageBlock(source=UrlSource(url=url)):
            return {"type": "image_url", "image_url": {"url": url}}
        case ImageBlock(source=Base64Source() as source):
            kind = block.mime_type or source.mime_type
            return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{source.data}"}}
        case DocumentBlock(source=Base64Source() as source):
            kind = block.mime_type or source.mime_type
            data = f"data:{kind};base64,{source.data}"
            return {"type": "file", "file": {"filename": block.title or "document", "file_data": data}}
        case DocumentBlock(source=FileIdSource(file_id=file_id)):
            return {"type": "file", "file": {"file_id": file_id}}
        case _:
            return None


def _tool(tool: ToolDefinition) -> Json:
    own = tool.provider_options.get("openai", {})
    if own and tool.type == "provider":
        # The provider knows its own tools, and refuses a schema.
        return dict(own)
    function: Json = {"name": tool.name, "parameters": dict(tool.input_schema) or dict(NO_ARGUMENTS)}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": {**function, **own}}


def _options(options: ModelOptions, *, official: bool, sampled: bool) -> Json:
    sampling = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "frequency_penalty": options.frequency_penalty,
        "presence_penalty": options.presence_penalty,
        "stop": list(options.stop) or None,
    }
    given: Mapping[str, Any] = {
        "max_completion_tokens" if official else "max_tokens": options.max_tokens,
        "response_format": _response_format(options.response_format),
        **(sampling if sampled else {}),
    }
    return {key: value for key, value in given.items() if value is not None}


def _response_format(wanted: ResponseFormat | None) -> Json | None:
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json" or wanted.schema is None:
        return {"type": "json_object"}
    schema = closed(wanted.schema)
    return {
        "type": "json_schema",
        "json_schema": {"name": wanted.name, "schema": schema, "strict": names_all(schema)},
    }
