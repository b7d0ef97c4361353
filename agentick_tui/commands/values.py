"""One argument from its text to its value, by the types that its parameter may have."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from agentick_tui.commands.schema import Parameter


class _NotThis(Exception):
    """The text is no value of this type."""


TRUTHS: Final[Mapping[str, bool]] = {"true": True, "yes": True, "false": False, "no": False}
_WHOLE: Final = re.compile(r"[+-]?\d+")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def parse_value(parameter: Parameter, text: str) -> Any:
    """Give the value that the text means.

    Raises ValueError where it is none that the parameter takes.
    """
    if not parameter.types:
        return _choice(parameter, text) if parameter.choices else _anything(text)
    # A text fits everything, so the narrower types are tried before it.
    for kind in sorted(parameter.types, key=_ORDER.index):
        try:
            value = _READERS[kind](text)
        except _NotThis:
            continue
        if not parameter.choices or _among(value, parameter):
            return value
    raise ValueError(text)


def _among(value: Any, parameter: Parameter) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in parameter.choices)


def _choice(parameter: Parameter, text: str) -> Any:
    for choice in parameter.choices:
        if str(choice) == text:
            return choice
    raise ValueError(text)


def _anything(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(text: str) -> str:
    return text


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise _NotThis
    return int(text)


def _number(text: str) -> float | int:
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _NUMBER.fullmatch(text):
        raise _NotThis
    return float(text)


def _truth(text: str) -> bool:
    value = TRUTHS.get(text.lower())
    if value is None:
        raise _NotThis
    return value


def _null(text: str) -> None:
    if text != "null":
        raise _NotThis


def _list(text: str) -> list[Any]:
    value = _json(text)
    if not isinstance(value, list):
        raise _NotThis
    return cast("list[Any]", value)


def _object(text: str) -> dict[str, Any]:
    value = _json(text)
    if not isinstance(value, dict):
        raise _NotThis
    return cast("dict[str, Any]", value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise _NotThis from None


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "null": _null,
    "boolean": _truth,
    "integer": _whole,
    "number": _number,
    "array": _list,
    "object": _object,
    "string": _text,
}
_ORDER: Final = tuple(_READERS)
