"""The stream of Anthropic's Messages, as the server writes it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.script import Answer, Call, cut

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


def events(answer: Answer, request: Mapping[str, Any]) -> Iterator[bytes]:
    """Give the events of the answer, the closing ones included where it is complete."""
    read, written = answer.usage or (0, 0)
    usage = {
        "input_tokens": read - answer.cached,
        "cache_read_input_tokens": answer.cached,
        "output_tokens": 1,
    }
    yield _event("message_start", message=_message(request.get("model", "fake"), usage))
    yield _event("ping")
    for index, block in enumerate(_blocks(answer)):
        yield from _block(index, *block)
    if answer.ending == "error":
        kind = answer.kind or "overloaded_error"
        yield _event("error", error={"type": kind, "message": answer.message})
    if answer.ending != "complete":
        return
    stop = answer.stop or ("tool_use" if answer.calls else "end_turn")
    yield _event(
        "message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": written}
    )
    yield _event("message_stop")


def error_body(answer: Answer) -> Mapping[str, Any]:
    """Give the body of a refusal."""
    kind = answer.kind or KINDS.get(answer.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": answer.message}}


def _message(model: str, usage: Mapping[str, int]) -> Mapping[str, Any]:
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def _blocks(answer: Answer) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    if answer.reasoning:
        deltas: list[Mapping[str, Any]] = [
            {"type": "thinking_delta", "thinking": text} for text in answer.reasoning
        ]
        signature = {"type": "signature_delta", "signature": "fake-signature"}
        yield {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, signature]
    if answer.text:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": text} for text in answer.text]
    for index, call in enumerate(answer.calls):
        yield _call(index, call)


def _call(index: int, call: Call) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    pieces = cut(json.dumps(dict(call.arguments)), call.pieces) if call.arguments else [""]
    return (
        {"type": "tool_use", "id": call.id or f"toolu_{index}", "name": call.name, "input": {}},
        [{"type": "input_json_delta", "partial_json": piece} for piece in pieces],
    )


def _block(index: int, block: Mapping[str, Any], deltas: list[Mapping[str, Any]]) -> Iterator[bytes]:
    yield _event("content_block_start", index=index, content_block=block)
    for delta in deltas:
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _event(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
