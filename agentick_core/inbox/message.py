"""A message in an inbox: something said, or a tool to run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, cast

from agentick_core.clock import Clock
from agentick_core.errors import NotFoundError, ValidationError
from agentick_core.messages.message import Message
from agentick_core.session.execution.input import read_message
from agentick_core.wire.entries import message_from_wire, message_to_wire
from agentick_core.wire.values import dumps, is_object, loads, plain, wrong

InboxType: TypeAlias = Literal["message", "dispatch"]

_HINT = 'Give {"source": ..., "type": "message", "payload": text} or {"type": "dispatch", "payload": {"tool": ...}}.'


class DispatchPayload(TypedDict):
    """A tool to run, and its input."""

    tool: str
    input: NotRequired[Mapping[str, Any]]


class InboxInput(TypedDict):
    """What is written into an inbox: who it comes from, and a message or a tool to run.

    Where the sender gives an `id`, a second delivery of what waits, was given up, or stands in the session's timeline
    changes nothing. An id belongs to one message of the whole inbox, whichever session it is for.
    """

    payload: "str | Message | Mapping[str, Any] | DispatchPayload"
    type: NotRequired[InboxType]
    source: NotRequired[str]
    id: NotRequired[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """A message that waits for a session: `payload` is a message, or {"tool": ..., "input": ...} to dispatch.

    `timestamp` is when it came, in milliseconds since 1970; `due_at`, in seconds since 1970, is when it is tried
    again after `tries` that failed, `error` is how the last one did.
    """

    id: str
    session_id: str
    source: str
    type: InboxType
    payload: Message | DispatchPayload
    timestamp: int
    tries: int = 0
    due_at: float = 0.0
    error: str = ""


def read_input(session_id: str, given: InboxInput | Mapping[str, Any], clock: Clock) -> InboxMessage:
    """Read what is written into an inbox.

    Raises:
        ValidationError: it is neither a message nor a tool to run.
    """
    data: Mapping[str, Any] = cast("Mapping[str, Any]", given)
    if not is_object(data) or "payload" not in data:
        raise ValidationError("An inbox message has a payload", hint=_HINT)
    kind, payload = data.get("type", "message"), data["payload"]
    if unknown := sorted(data.keys() - InboxInput.__annotations__.keys()):
        raise ValidationError(f"An inbox message has no {unknown[0]!r}", hint=_HINT)
    return InboxMessage(
        id=str(data.get("id") or clock.new_id()),
        session_id=session_id,
        source=str(data.get("source", "")),
        type=kind,
        payload=_read_payload(kind, payload),
        timestamp=round(clock.now() * 1000),
    )


def _read_payload(kind: object, payload: Any) -> Message | DispatchPayload:
    if kind == "message":
        return read_message(payload)
    if kind != "dispatch":
        raise ValidationError(f"There is no inbox message of the type {kind!r}", hint=_HINT)
    if not is_object(payload) or not isinstance(payload.get("tool"), str):
        raise ValidationError("A dispatch names its tool", hint=_HINT)
    return {"tool": payload["tool"], "input": plain(payload.get("input") or {})}


def payload_to_text(message: InboxMessage) -> str:
    """Write the payload as JSON."""
    payload = message.payload
    return dumps(message_to_wire(payload) if isinstance(payload, Message) else plain(payload))


def payload_from_text(kind: str, text: str) -> Message | DispatchPayload:
    """Read a payload that was written as JSON. Raises WireError where it is something else."""
    data = loads(text)
    if kind == "message":
        return message_from_wire(data)
    if kind != "dispatch" or not is_object(data) or not isinstance(data.get("tool"), str):
        raise wrong(f"it is no {kind!r} of an inbox")
    return {"tool": data["tool"], "input": plain(data.get("input") or {})}


def no_letter(id: str) -> NotFoundError:
    """Make the error for an id that no dead letter has."""
    return NotFoundError(f"No dead letter {id!r}", hint="dead_letters() gives those that there are.")
