"""Arguments as JSON to be edited, and whether they fit the schema; the tool's own validation is the judge."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from agentick_tui.sanitize import shown

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def editable(arguments: Mapping[str, Any]) -> str:
    """Write arguments as JSON to be edited; what cannot be seen is written as an escape, so nothing is lost."""
    text = json.dumps(dict(arguments), ensure_ascii=False, indent=2, default=repr)
    return "\n".join("".join(map(_visible, line)) for line in text.split("\n"))


def _visible(letter: str) -> str:
    return letter if shown(letter) == letter else json.dumps(letter)[1:-1]


def read_arguments(text: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """Read arguments written as JSON: gives them and "", or None and what is wrong."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return None, f"Line {error.lineno}, column {error.colno}: {error.msg}"
    if not isinstance(value, dict):
        return None, "The arguments must be one object: { ... }"
    arguments = cast("dict[str, Any]", value)
    wrong = next(_problems(arguments, schema, schema, ""), "")
    return (None, wrong) if wrong else (arguments, "")


def _problems(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], path: str) -> Iterator[str]:
    schema = _followed(schema, root)
    unions = cast("Sequence[Mapping[str, Any]]", schema.get("anyOf") or schema.get("oneOf") or ())
    if unions:
        tries = [list(_problems(value, union, root, path)) for union in unions]
        if all(tries):
            yield tries[0][0]
        return
    where = path or "The arguments"
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{where} must be {' or '.join(kinds)}, not {json.dumps(value)[:40]}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where} must be one of {', '.join(map(json.dumps, schema['enum']))}"
    if isinstance(value, dict):
        yield from _in_object(cast("dict[str, Any]", value), schema, root, path)
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for at, item in enumerate(cast("list[Any]", value)):
            yield from _problems(item, schema["items"], root, f"{path}[{at}]")


def _in_object(
    value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], path: str
) -> Iterator[str]:
    properties = cast("Mapping[str, Mapping[str, Any]]", schema.get("properties", {}))
    prefix = f"{path}." if path else ""
    for name in cast("Sequence[str]", schema.get("required", ())):
        if name not in value:
            yield f"{prefix}{name} is missing"
    for name, item in value.items():
        if name in properties:
            yield from _problems(item, properties[name], root, f"{prefix}{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{prefix}{name} is not an argument; there is {', '.join(properties) or 'none'}"


def _followed(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    return root.get("$defs", {}).get(reference.rpartition("/")[2], {})


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))
