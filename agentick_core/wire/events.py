"""Stream events as JSON, one object each."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from agentick_core.errors import WireError
from agentick_core.events.orchestration import CustomEvent
from agentick_core.events.union import StreamEvent
from agentick_core.wire.entries import CONVERSATION
from agentick_core.wire.shape import Shapes, tag_of
from agentick_core.wire.values import dumps, expected, is_object, under, wrong

WIRE_VERSION = 1

_SHAPES = Shapes(CONVERSATION)
_EVENT = _SHAPES.of(StreamEvent)
_CUSTOM = _SHAPES.of(CustomEvent)
_KNOWN = frozenset(tag[1] for kind in get_args(StreamEvent) if (tag := tag_of(kind)) is not None)
_BASE_KEYS = ("id", "sequence", "tick", "timestamp", "executionId", "spawnPath", "raw")

Data = dict[str, Any]


def stream_start_line() -> str:
    """Give the first line of a stream of events: its version."""
    return dumps({"type": "stream_start", "version": WIRE_VERSION})


def to_wire(event: StreamEvent) -> Data:
    """Write an event.

    Raises:
        WireError: it carries something that is not JSON; the error names the path.
    """
    try:
        data = _EVENT.encode(event)
    except WireError as error:
        raise under(error, event.type) from None
    if isinstance(event, CustomEvent):
        return _of_custom(data) if event.type in _KNOWN else data
    if (reshape := _WRITTEN.get(event.type)) is not None:
        reshape(data)
    return data


def from_wire(data: object) -> StreamEvent:
    """Read an event; one of a type that this version does not know becomes a `CustomEvent` of that type, with
    its `data`, else with everything that is not of every event, as its data.

    Raises:
        WireError: it is not an event; the error names the path.
    """
    if not is_object(data):
        raise expected("an object", data)
    kind = data.get("type")
    if not isinstance(kind, str):
        raise under(expected("a string", kind), "type")
    if kind not in _KNOWN:
        return _as_custom(data, kind)
    elif (reshape := _READ.get(kind)) is not None:
        data = reshape(data)
    try:
        return _EVENT.decode(data)
    except WireError as error:
        raise under(error, kind) from None


def _as_custom(data: Mapping[str, Any], kind: str) -> CustomEvent:
    base = {key: data[key] for key in _BASE_KEYS if key in data}
    rest = {key: value for key, value in data.items() if key not in base and key != "type"}
    inner = rest["data"] if rest.keys() == {"data"} and is_object(rest["data"]) else rest
    try:
        return _CUSTOM.decode({**base, "type": kind, "data": inner})
    except WireError as error:
        raise under(error, kind) from None


def _of_custom(data: Data) -> Data:
    """Keep apart what somebody pushed under a name of ours: it has not the fields of our event."""
    return {**data, "type": "custom", "data": {**data["data"], "type": data["type"]}}


def _lift(data: Mapping[str, Any], key: str) -> Data:
    """Give the object with what lies under one of its keys laid over it."""
    return {**data, **_object(data, key)}


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = data.get(key)
    if not is_object(inner):
        raise under(expected("an object", inner), f"{data['type']}.{key}")
    return inner


def _write_compiled(data: Data) -> None:
    request, tree = data.pop("request"), data.pop("rawCompiled")
    if request["system"]:
        data["system"] = "\n\n".join(request["system"])
    described = {tool["name"]: tool["description"] for tool in request["tools"]}
    data.update(
        messages=request["messages"],
        tools=[{"name": name, "description": text} for name, text in described.items()],
        rawCompiled={
            "sections": {section["id"]: _with_content(section) for section in tree["sections"]},
            "timelineEntries": tree["messages"],
            "systemEntries": [{"role": "system", "content": _content(text)} for text in tree["system"]],
            "tools": [{"name": name, "description": described.get(name, "")} for name in tree["tools"]],
            "ephemeral": [{**each.pop("message"), **each} for each in tree["ephemeral"]],
        },
        formattedInput=request,
    )


def _with_content(section: Data) -> Data:
    return {"content": _content(section.pop("text")), **section}


def _content(text: str) -> list[Data]:
    return [{"type": "text", "text": text}]


def _read_compiled(data: Mapping[str, Any]) -> Data:
    raw = data.get("rawCompiled")
    try:
        tree = _tree(raw) if raw is not None else {}
    except (AttributeError, LookupError, TypeError):
        raise under(wrong("this is not what a tree compiles to"), "compiled.rawCompiled") from None
    return {**data, "request": _object(data, "formattedInput"), "rawCompiled": tree}


def _tree(raw: Any) -> Data:
    return {
        "system": [_text(each) for each in raw["systemEntries"]],
        "sections": [{**each, "text": _text(each)} for each in raw["sections"].values()],
        "messages": raw["timelineEntries"],
        "ephemeral": [{**each, "message": each} for each in raw["ephemeral"]],
        "tools": [each["name"] for each in raw["tools"]],
    }


def _text(said: Any) -> Any:
    return said["content"][0]["text"]


def _write_model_request(data: Data) -> None:
    data.update(input=data.pop("request"), stage="model_input")


def _write_model_response(data: Data) -> None:
    output = {key: data.pop(key) for key in ("message", "stopReason", "usage", "toolCalls")}
    entry = {"kind": "message", "message": output["message"], "tags": ["model_output"]}
    state = {
        "newTimelineEntries": [entry] if output["message"]["content"] else [],
        "toolCalls": output["toolCalls"],
        "shouldStop": data.pop("shouldStop"),
        "stopReason": output["stopReason"],
    }
    data.update(modelOutput={"model": data["modelId"], **output}, engineState=state)


def _write_error(data: Data) -> None:
    data["error"] = {key: data.pop(key) for key in ("message", "code")}


def _write_result(data: Data) -> None:
    del data["result"]["raw"]  # the whole history; `execution_end` carries it


_WRITTEN: Mapping[str, Callable[[Data], None]] = {
    "compiled": _write_compiled,
    "model_request": _write_model_request,
    "model_response": _write_model_response,
    "error": _write_error,
    "result": _write_result,
}
_READ: Mapping[str, Callable[[Mapping[str, Any]], Data]] = {
    "compiled": _read_compiled,
    "model_request": lambda data: {**data, "request": _object(data, "input")},
    "model_response": lambda data: _lift(_lift(data, "modelOutput"), "engineState"),
    "error": lambda data: _lift(data, "error"),
}
