"""Blocks, messages and timeline entries as JSON. The common forms are read and written by hand, since a session
holds thousands of them; whatever is not common goes by its shape, which also finds the errors."""

from collections.abc import Sequence
from typing import Any

from agentick_core.errors import WireError
from agentick_core.messages.blocks import Block, TextBlock
from agentick_core.messages.message import ROLES, Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.wire.shape import Codec, Shapes
from agentick_core.wire.values import iso, seconds_of, wrong

_SHAPES = Shapes({})
_BLOCK = _SHAPES.of(Block)
_BLOCKS = _SHAPES.of(tuple[Block, ...])
_MESSAGE = _SHAPES.of(Message)
_ENTRY = _SHAPES.of(TimelineEntry)
_ROLES = frozenset(ROLES)
_NOT_PLAIN = (KeyError, TypeError, AttributeError, WireError)


def block_to_wire(block: Block) -> dict[str, Any]:
    """Write a block."""
    return _BLOCK.encode(block)


def block_from_wire(data: Any) -> Block:
    """Read a block."""
    return _BLOCK.decode(data)


def copied_blocks(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Copy blocks that somebody else made. Raises WireError where they could not be stored, and read again."""
    return _copied(_BLOCKS, blocks)


def copied_message(message: Message) -> Message:
    """Copy a message that somebody else made. Raises WireError where it could not be stored, and read again."""
    return _copied(_ANY_MESSAGE, message)


def message_to_wire(message: Message) -> dict[str, Any]:
    """Write a message."""
    return _plain_message_to_wire(message) or _MESSAGE.encode(message)


def message_from_wire(data: Any) -> Message:
    """Read a message."""
    try:
        return _plain_message(data)
    except _NOT_PLAIN:
        return _MESSAGE.decode(data)


def entry_to_wire(entry: TimelineEntry) -> dict[str, Any]:
    """Write a timeline entry."""
    message = _plain_message_to_wire(entry.message)
    if message is None or entry.metadata:
        return _ENTRY.encode(entry)
    data: dict[str, Any] = {"kind": "message", "id": entry.id, "message": message}
    if entry.tags:
        data["tags"] = list(entry.tags)
    if entry.tokens is not None:
        data["tokens"] = entry.tokens
    if entry.created_at:
        data["createdAt"] = iso(entry.created_at)
    if entry.execution_id:
        data["executionId"] = entry.execution_id
    return data


def entry_from_wire(data: Any) -> TimelineEntry:
    """Read a timeline entry."""
    try:
        return _plain_entry(data)
    except _NOT_PLAIN:
        return _ENTRY.decode(data)


def _copied(codec: Codec, value: Any) -> Any:
    try:
        return codec.decode(codec.encode(value))
    except WireError:
        raise
    except _NOT_PLAIN as error:
        raise wrong(str(error)) from None


def _plain_message_to_wire(message: Message) -> dict[str, Any] | None:
    """Write a message of plain text; None for any other."""
    if message.metadata:
        return None
    content: list[dict[str, Any]] = []
    for block in message.content:
        if type(block) is not TextBlock or block.id or block.metadata:
            return None
        content.append({"type": "text", "text": block.text})
    data: dict[str, Any] = {"role": message.role, "content": content}
    if message.id:
        data["id"] = message.id
    return data


def _plain_message(data: Any) -> Message:
    """Read a message of plain text; a TypeError, KeyError or AttributeError says that it is another."""
    blocks: list[Block] = []
    for block in data["content"]:
        text = block["text"]
        if len(block) != 2 or block["type"] != "text" or type(text) is not str:
            raise TypeError
        blocks.append(TextBlock(text))
    role, message_id = data["role"], data.get("id", "")
    if role not in _ROLES or type(message_id) is not str or "metadata" in data:
        raise TypeError
    return Message(role, tuple(blocks), message_id)


def _plain_entry(data: Any) -> TimelineEntry:
    """Read an entry with a message of plain text; the errors of `_plain_message` say that it is another."""
    get = data.get
    entry_id, execution_id, tokens = data["id"], get("executionId", ""), get("tokens")
    if type(entry_id) is not str or type(execution_id) is not str or "metadata" in data:
        raise TypeError
    if tokens is not None and type(tokens) is not int:
        raise TypeError
    tags = tuple(get("tags", ()))
    for tag in tags:
        if type(tag) is not str:
            raise TypeError
    at = get("createdAt", 0.0)
    created_at = at if type(at) is float else seconds_of(at)
    return TimelineEntry(entry_id, _plain_message(data["message"]), tags, tokens, created_at, execution_id)


_ANY_MESSAGE = Codec(message_to_wire, message_from_wire)
CONVERSATION: dict[Any, Codec] = {
    Message: _ANY_MESSAGE,
    TimelineEntry: Codec(entry_to_wire, entry_from_wire),
}
