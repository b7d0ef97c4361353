"""What a tool returned, as blocks."""

import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from agentick_core.errors import ToolResultError, WireError
from agentick_core.messages.blocks import Block, BlockBase, JsonBlock, TextBlock
from agentick_core.tools.json_schema import mismatches

_AS_TEXT: Final = (datetime.date, datetime.time, decimal.Decimal, pathlib.PurePath, uuid.UUID)


def coerce(value: Any, schema: Mapping[str, Any] | None = None) -> tuple[Block, ...]:
    """Turn the result of a tool into blocks.

    A str is text; a block, or a list of blocks and str, stays; None is no blocks; a dict, any other list, a
    number, a bool, a dataclass and a pydantic model become a json block, which has to fit the schema where there is
    one. Raises ToolResultError for the rest, and for what does not fit.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return (TextBlock(value),)
    if isinstance(value, BlockBase):
        return (_block(cast("Block", value)),)
    if isinstance(value, list | tuple):
        items = cast("Sequence[Any]", value)
        if all(isinstance(item, str | BlockBase) for item in items):
            return tuple(TextBlock(item) if isinstance(item, str) else _block(item) for item in items)
        if any(isinstance(item, BlockBase) for item in items):
            other = next(item for item in items if not isinstance(item, str | BlockBase))
            raise _unexpected(other, "in a list of blocks", "INVALID_CONTENT_BLOCK")
    if isinstance(value, Mapping | list | tuple | int | float) or _is_record(cast("object", value)):
        return (JsonBlock(_fitting(_storable(value), schema)),)
    raise _unexpected(value)


def _block(block: Block) -> Block:
    """Give a block that a tool made, its data turned into plain JSON where it holds any."""
    return dataclasses.replace(block, data=_storable(block.data)) if isinstance(block, JsonBlock) else block


def _fitting(data: Any, schema: Mapping[str, Any] | None) -> Any:
    if schema is None:
        return data
    issues = list(mismatches(data, schema))
    if issues:
        told = "; ".join(f"{path}: {message}" if path else message for path, message in issues)
        raise ToolResultError(
            f"The tool has run, but what it returned does not fit its output: {told}",
            details={"issues": [{"path": path, "message": message} for path, message in issues]},
        )
    return data


def _storable(value: Any) -> Any:
    """Turn a value into JSON that a session can keep. Raises ToolResultError for what it cannot."""
    from agentick_core.wire.values import plain

    try:
        return plain(as_json(value))
    except (WireError, RecursionError) as error:
        raise ToolResultError(
            f"Unexpected tool result type: {error}", hint="Return less, or flatter data."
        ) from error


def as_json(value: Any, path: str = "") -> Any:
    """Turn a value into plain JSON. Raises ToolResultError, saying where, for what has no form in JSON."""
    match value:
        case enum.Enum():
            return as_json(value.value, path)
        case None | bool() | int() | str():
            return value
        case float():
            # JSON has no infinities and no NaN.
            return value if math.isfinite(value) else str(value)
        case Mapping():
            items = cast("Mapping[Any, Any]", value).items()
            return {str(key): as_json(item, f"{path}.{key}") for key, item in items}
        case list() | tuple() | set() | frozenset():
            listed = cast("Sequence[Any]", value)
            return [as_json(item, f"{path}.{index}") for index, item in enumerate(listed)]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = dataclasses.fields(value)
            return {
                field.name: as_json(getattr(value, field.name), f"{path}.{field.name}") for field in fields
            }
        case _ if _is_record(value):
            return value.model_dump(mode="json")
        case _ if isinstance(value, _AS_TEXT):
            return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)
        case _:
            raise _unexpected(value, f"at {path.lstrip('.')}" if path else "")


def _is_record(value: object) -> bool:
    # Told by its method, since asking whether it is a pydantic model would import pydantic.
    kind = type(value)
    return not isinstance(value, type) and (dataclasses.is_dataclass(value) or hasattr(kind, "model_dump"))


def _unexpected(value: object, where: str = "", code: str | None = None) -> ToolResultError:
    told = f"{type(value).__name__} {where}".strip()
    return ToolResultError(
        f"Unexpected tool result type: {told}",
        hint="Return text, blocks, JSON data, a dataclass or a pydantic model.",
        code=code,
    )
