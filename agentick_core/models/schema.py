"""JSON schemas in the stricter form that providers want for structured output."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

NO_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}}


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the schema with every object closed to properties that it does not name."""
    copy = {key: _closed_value(value) for key, value in schema.items()}
    if copy.get("type") == "object" and "properties" in copy:
        copy.setdefault("additionalProperties", False)
    return copy


def names_all(schema: Mapping[str, Any]) -> bool:
    """Tell whether every object in the schema is closed and requires all its properties."""
    if schema.get("type") == "object":
        properties = cast("Mapping[str, Any]", schema.get("properties") or {})
        if schema.get("additionalProperties") is not False or set(schema.get("required") or ()) != set(
            properties
        ):
            return False
    return all(_names_all(value) for value in schema.values())


def _closed_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return closed(cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple):
        return [_closed_value(item) for item in cast("Sequence[Any]", value)]
    return value


def _names_all(value: Any) -> bool:
    if isinstance(value, Mapping):
        return names_all(cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple):
        return all(_names_all(item) for item in cast("Sequence[Any]", value))
    return True
