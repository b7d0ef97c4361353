"""A command's parameters, as its JSON schema tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: the JSON types it may have (none is any), and the values it may take (none is any)."""

    name: str
    types: tuple[str, ...] = ()
    choices: tuple[Any, ...] = ()
    required: bool = False
    description: str = ""

    @property
    def is_text(self) -> bool:
        """Whether its value is any text, and nothing else."""
        return not self.choices and tuple(kind for kind in self.types if kind != "null") == ("string",)

    @property
    def expects(self) -> str:
        """What may stand there, in words."""
        if self.choices:
            return "one of " + ", ".join(str(choice) for choice in self.choices)
        return " or ".join(_WORDS.get(kind, kind) for kind in self.types) or "any value"


_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list as JSON",
    "object": "an object as JSON",
    "null": "null",
}


def parameters_of(schema: Json) -> tuple[Parameter, ...]:
    """Give the parameters in the order of the schema."""
    properties = cast("Mapping[str, Json]", schema.get("properties", {}))
    required = cast("Sequence[str]", schema.get("required", ()))
    definitions = cast("Mapping[str, Json]", schema.get("$defs", {}))
    return tuple(
        _parameter(name, _variants(body, definitions), body, required=name in required)
        for name, body in properties.items()
    )


def _parameter(name: str, variants: Sequence[Json], body: Json, *, required: bool) -> Parameter:
    types: list[str] = []
    choices: list[Any] = []
    for variant in variants:
        kind = variant.get("type", ())
        types += [kind] if isinstance(kind, str) else list(kind)
        choices += variant.get("enum", ())
        choices += [variant["const"]] if "const" in variant else []
    # A free variant beside an enumeration, such as null, is a choice of its own.
    if choices and "null" in types and None not in choices:
        choices.append(None)
    return Parameter(
        name=name,
        types=tuple(dict.fromkeys(types)),
        choices=tuple(choices),
        required=required,
        description=str(body.get("description", "")),
    )


def _variants(body: Json, definitions: Mapping[str, Json]) -> list[Json]:
    """Follow references and unions down to the plain schemas."""
    reference = body.get("$ref")
    if isinstance(reference, str):
        target = definitions.get(reference.rpartition("/")[2])
        return _variants(target, definitions) if target is not None else [{}]
    unions = cast("Sequence[Json]", body.get("anyOf") or body.get("oneOf") or body.get("allOf") or ())
    if not unions:
        return [body]
    return [variant for union in unions for variant in _variants(union, definitions)]


def last_text_of(parameters: Sequence[Parameter]) -> str | None:
    """Give the name of the last text, which takes all that is left of a line; None where there is none."""
    return next((parameter.name for parameter in reversed(parameters) if parameter.is_text), None)


def usage_of(schema: Json) -> str:
    """Write the arguments as help does: `ID [LIMIT]`, in order, what may be left out in brackets.

    What stands behind the last text can only be given by its name: `QUERY [limit=LIMIT]`.
    """
    return usage_of_parameters(parameters_of(schema))


def usage_of_parameters(parameters: Sequence[Parameter]) -> str:
    """Write parameters as `usage_of` does."""
    last, named = last_text_of(parameters), False
    words: list[str] = []
    for parameter in parameters:
        word = f"{parameter.name}={parameter.name.upper()}" if named else parameter.name.upper()
        words.append(word if parameter.required else f"[{word}]")
        named = named or parameter.name == last
    return " ".join(words)
