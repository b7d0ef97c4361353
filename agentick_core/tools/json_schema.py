"""Checking a value against a JSON schema: the keywords that tools use, without another dependency.

What is checked: type, enum, const, properties, required, additionalProperties, items, prefixItems, the bounds of
numbers, texts and lists, pattern, allOf, anyOf, oneOf, and `$ref` within the schema. Other keywords are not looked at.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

Mismatch: TypeAlias = tuple[str, str]
Path: TypeAlias = tuple[str, ...]

_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
}

_BOUNDS: Final[Mapping[str, tuple[str, Callable[[Any, Any], bool], str]]] = {
    "minimum": ("number", lambda value, bound: value >= bound, "must be at least"),
    "maximum": ("number", lambda value, bound: value <= bound, "must be at most"),
    "exclusiveMinimum": ("number", lambda value, bound: value > bound, "must be more than"),
    "exclusiveMaximum": ("number", lambda value, bound: value < bound, "must be less than"),
    "minLength": ("string", lambda value, bound: len(value) >= bound, "length must be at least"),
    "maxLength": ("string", lambda value, bound: len(value) <= bound, "length must be at most"),
    "pattern": ("string", lambda value, bound: re.search(bound, value) is not None, "must match"),
    "minItems": ("array", lambda value, bound: len(value) >= bound, "number of items must be at least"),
    "maxItems": ("array", lambda value, bound: len(value) <= bound, "number of items must be at most"),
}

# What a schema has to be, as a schema: only what the checks here could not read otherwise.
_NAME: Final[Mapping[str, Any]] = {"enum": list(_TYPES)}
_SCHEMAS: Final[Mapping[str, Any]] = {"type": "array", "items": {"$ref": "#"}}
_BY_NAME: Final[Mapping[str, Any]] = {"type": "object", "additionalProperties": {"$ref": "#"}}
WELL_FORMED: Final[Mapping[str, Any]] = {
    "type": ["object", "boolean"],
    "properties": {
        "type": {"anyOf": [_NAME, {"type": "array", "items": _NAME}]},
        "enum": {"type": "array"},
        "properties": _BY_NAME,
        "required": {"type": "array", "items": {"type": "string"}},
        "additionalProperties": {"$ref": "#"},
        "items": {"$ref": "#"},
        **dict.fromkeys(("prefixItems", "allOf", "anyOf", "oneOf"), _SCHEMAS),
        **{keyword: {"type": "number"} for keyword in _BOUNDS},
        **{keyword: {"type": "string"} for keyword in ("pattern", "$ref")},
    },
}


def mismatches(value: Any, schema: Mapping[str, Any]) -> Iterator[Mismatch]:
    """Give where the value does not fit and why, as paths such as "items.0.name" and messages."""
    return _check(value, schema, schema, ())


def _check(value: Any, schema: Any, root: Mapping[str, Any], path: Path) -> Iterator[Mismatch]:
    if isinstance(schema, bool):
        if not schema:
            yield _at(path, "is not allowed")
        return
    if "$ref" in schema:
        yield from _check(value, _target(schema["$ref"], root), root, path)
    wrong = list(_itself(value, schema))
    yield from (_at(path, message) for message in wrong)
    if wrong:
        return
    if isinstance(value, Mapping):
        yield from _object(cast("Mapping[str, Any]", value), schema, root, path)
    elif isinstance(value, list | tuple):
        first, rest = schema.get("prefixItems", ()), schema.get("items", True)
        if isinstance(rest, list):
            # So older schemas say the same.
            first, rest = cast("list[Any]", rest), schema.get("additionalItems", True)
        for index, item in enumerate(cast("Sequence[Any]", value)):
            wanted = first[index] if index < len(first) else rest
            yield from _check(item, wanted, root, (*path, str(index)))
    yield from _combined(value, schema, root, path)


def _itself(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if kinds and not any(_TYPES.get(kind, _anything)(value) for kind in kinds):
        yield f"must be {' or '.join(kinds)}"
        return
    choices = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if choices is not None and not any(_same(value, choice) for choice in choices):
        yield f"must be one of {json.dumps(choices, ensure_ascii=False)}"
    for keyword, (kind, fits, message) in _BOUNDS.items():
        if keyword in schema and _TYPES[kind](value) and not fits(value, schema[keyword]):
            yield f"{message} {schema[keyword]}"


def _object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: Path
) -> Iterator[Mismatch]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield _at((*path, name), "is required")
    for name, item in value.items():
        rest = schema.get("additionalProperties", True)
        yield from _check(item, properties.get(name, rest), root, (*path, name))


def _combined(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: Path
) -> Iterator[Mismatch]:
    for each in schema.get("allOf", ()):
        yield from _check(value, each, root, path)
    for keyword in ("anyOf", "oneOf"):
        found = [list(_check(value, each, root, path)) for each in schema.get(keyword, ())]
        fitting = sum(not issues for issues in found)
        if found and not fitting:
            yield from min(found, key=len)
        elif keyword == "oneOf" and fitting > 1:
            yield _at(path, "fits several of the forms it may have")


def _target(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {})
    # A reference to what is elsewhere or to itself says nothing here.
    return {} if "$ref" in found else found


def _same(one: Any, other: Any) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _anything(_: Any) -> bool:
    return True


def _at(path: Path, message: str) -> Mismatch:
    return ".".join(path), message
