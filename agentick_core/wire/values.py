"""The values JSON is made of: what is JSON and what is not, how times are written, and how an error finds its path."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any, TypeGuard

from agentick_core.errors import WireError

DEEPEST = 200
"""How many lists and objects may lie in one another: what is deeper cannot be read and written everywhere."""

_LARGEST_BITS = 14_000  # of an integer: Python writes no more than 4,300 digits


def wrong(problem: str) -> WireError:
    """Make the error for the value at hand; whoever holds it says where it was, with `under`."""
    return WireError(problem, details={"path": "", "problem": problem})


def under(error: WireError, step: str | int) -> WireError:
    """Make the same error, one step further from the value: its message begins with the whole path."""
    inner = str(error.details.get("path", ""))
    outer = f"[{step}]" if isinstance(step, int) else step
    path = outer + inner if not inner or inner.startswith("[") else f"{outer}.{inner}"
    problem = str(error.details.get("problem", error.message))
    return WireError(f"{path}: {problem}", hint=error.hint, details={"path": path, "problem": problem})


def expected(what: str, value: object) -> WireError:
    """Make the error for a value of the wrong kind."""
    return wrong(f"expected {what}, got {'null' if value is None else type(value).__name__}")


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell whether the value is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[Sequence[Any]]:
    """Tell whether the value is a JSON array."""
    return isinstance(value, list | tuple)


def plain(value: object) -> Any:
    """Copy a value that is JSON: None, bool, int, finite float, str, and lists and string-keyed mappings of them.

    Raises:
        WireError: it is not; the error names the key.
    """
    return _plain(value, DEEPEST)


def _plain(value: object, room: int) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        if value.bit_length() <= _LARGEST_BITS:
            return value
        raise wrong("a number of so many digits has no JSON form")
    if isinstance(value, float):
        if isfinite(value):
            return value
        raise wrong(f"{value} has no JSON form")
    if not room:
        raise wrong("nested too deeply, or in itself")
    if is_object(value):
        return _plain_object(value, room - 1)
    if is_array(value):
        return _plain_array(value, room - 1)
    raise wrong(f"a value of type {type(value).__name__} is not JSON")


def _plain_object(value: Mapping[Any, Any], room: int) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise wrong(f"the key {key!r} is not a string")
        try:
            copy[key] = _plain(item, room)
        except WireError as error:
            raise under(error, key) from None
    return copy


def _plain_array(value: Sequence[Any], room: int) -> list[Any]:
    copy: list[Any] = []
    for index, item in enumerate(value):
        try:
            copy.append(_plain(item, room))
        except WireError as error:
            raise under(error, index) from None
    return copy


def dumps(value: object) -> str:
    """Write JSON on one line, in ASCII: whatever the text holds, every terminal, file and database takes it."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def loads(text: str) -> Any:
    """Read JSON.

    Raises:
        WireError: the text is not JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise wrong(f"not JSON: {error}") from None


def iso(seconds: float) -> str:
    """Write seconds since 1970 as ISO 8601 in UTC: at least milliseconds, and as many digits as it takes for
    `seconds_of` to give the same number back."""
    try:
        date = datetime.fromtimestamp(int(seconds), UTC).isoformat()[:19]
    except (ValueError, OverflowError, OSError):
        raise wrong(f"{seconds} is not a time") from None
    if seconds < 0:
        raise wrong(f"{seconds} is before 1970")
    digits = repr(float(seconds))
    if "e" in digits:
        from decimal import Decimal

        digits = f"{Decimal(digits):f}"
    return f"{date}.{digits.partition('.')[2]:0<3}Z"


def seconds_of(value: object) -> float:
    """Read a time: ISO 8601, or a number of seconds since 1970."""
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        raise expected("a time", value)
    try:
        if value[19:20] == "." and value[-1] == "Z":
            whole = datetime.fromisoformat(value[:19] + "+00:00").timestamp()
            return float(f"{int(whole)}.{value[20:-1]}")
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        raise wrong(f"{value!r} is not a time") from None
