"""The stream of OpenAI's Chat Completions, as the server writes it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.script import Answer, cut

KINDS = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded", 500: "server_error"}


def events(answer: Answer, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Give the events of the answer, the closing ones included where it is complete."""
    model = request.get("model", "fake")
    yield _chunk(model, {"role": "assistant", "content": ""})
    for thought in answer.reasoning:
        yield _chunk(model, {"reasoning_content": thought})
    for text in answer.text:
        yield _chunk(model, {"content": text})
    for index, call in enumerate(answer.calls):
        first, *rest = cut(json.dumps(dict(call.arguments)), call.pieces)
        head: dict[str, Any] = {"index": index, "id": call.id or f"call_{index}", "type": "function"}
        yield _chunk(model, {"tool_calls": [{**head, "function": {"name": call.name, "arguments": first}}]})
        for piece in rest:
            yield _chunk(model, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    if answer.ending == "error":
        yield _data({"error": {"message": answer.message, "type": answer.kind or "server_error"}})
    if answer.ending != "complete":
        return
    yield _chunk(model, {}, answer.stop or ("tool_calls" if answer.calls else "stop"))
    if answer.usage is not None and request.get("stream_options", {}).get("include_usage"):
        yield _data({**_frame(model), "choices": [], "usage": _usage(answer, *answer.usage)})
    yield b"data: [DONE]\n\n"


def error_body(answer: Answer) -> Mapping[str, Any]:
    """Give the body of a refusal."""
    kind = answer.kind or KINDS.get(answer.status)
    return {"error": {"message": answer.message, "type": "error", "param": None, "code": kind}}


def _usage(answer: Answer, read: int, written: int) -> Mapping[str, Any]:
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": answer.cached},
    }


def _frame(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1, "model": model}


def _chunk(model: str, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    return _data({**_frame(model), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _data(value: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
