"""An error as JSON: what every reader of events, logs and exports gets of it, and the error made of that again.

`name`, `code` and `message` are always there where they are known; `hint`, `details`, the class's own fields and the
cause where there are any. Of a cause that is none of ours only its name and its message leave: what hangs on it, such
as the headers of a request, stays here. Keys in any text are replaced.
"""

from collections.abc import Iterator, Mapping
from math import isfinite
from types import NoneType
from typing import Any, cast, get_args, get_origin, get_type_hints

from agentick_core.errors.engine import AgentickError, ValidationError
from agentick_core.errors.redact import REDACTED, names_a_secret, redacted

DEEPEST_CAUSE = 5
"""How many causes of causes are told."""

DEEPEST_DETAIL = 20
"""How many lists and objects of details may lie in one another."""


def error_to_json(error: BaseException, room: int = DEEPEST_CAUSE) -> dict[str, Any]:
    """Write an error, with as many causes as there is room for."""
    name = type(error).__name__
    if not isinstance(error, AgentickError):
        data: dict[str, Any] = {"name": name, "message": redacted(_said(error)) or name}
    else:
        data = {"name": name, "code": error.code, "message": redacted(str(error.message))}
        if error.hint:
            data["hint"] = redacted(str(error.hint))
        if error.details:
            data["details"] = _plain(error.details)
        for key, field in type(error).own_fields.items():
            value = getattr(error, field)
            if value != getattr(type(error), field):
                data[key] = _plain(value)
    if error.__cause__ is not None and room:
        data["cause"] = error_to_json(error.__cause__, room - 1)
    return data


def _said(error: BaseException) -> str:
    try:
        return str(error)
    # It is somebody else's class: one that cannot even say what it is must not hide that something failed.
    except Exception:
        return ""


def error_from_json(data: object) -> AgentickError:
    """Read one of our errors: of the class of that name, else of the nearest by its code.

    Raises:
        ValidationError: it is not an error; the message names the path.
    """
    return _ours(_object(data, "error"), "error", DEEPEST_CAUSE)


def _ours(data: Mapping[str, Any], path: str, room: int) -> AgentickError:
    name = _text(data, "name", path)
    code = _text(data, "code", path) if "code" in data else None
    kind = _kind(name, code)
    message = _text(data, "message", path)
    error = kind.__new__(kind, message)
    hint = _text(data, "hint", path, "")
    details = _object(data.get("details", {}), f"{path}.details")
    # Each class has an `__init__` of its own, which makes a message or asks for what is no longer there.
    AgentickError.__init__(error, message, hint=hint, code=code, details=details)
    hints = get_type_hints(kind) if kind.own_fields else {}
    for key, field in kind.own_fields.items():
        value = data.get(key, getattr(kind, field))
        setattr(error, field, _fitting(value, hints[field], f"{path}.{key}"))
    if room and data.get("cause") is not None:
        error.__cause__ = _cause(_object(data["cause"], f"{path}.cause"), f"{path}.cause", room - 1)
    return error


def _cause(data: Mapping[str, Any], path: str, room: int) -> BaseException:
    if "code" in data:
        return _ours(data, path, room)
    name, message = _text(data, "name", path, "Exception"), _text(data, "message", path)
    # Somebody else's class is not looked for: one of its name stands for it.
    error: BaseException = type(name if name.isidentifier() else "Exception", (Exception,), {})(message)
    if room and data.get("cause") is not None:
        error.__cause__ = _cause(_object(data["cause"], f"{path}.cause"), f"{path}.cause", room - 1)
    return error


def _kind(name: str, code: str | None) -> type[AgentickError]:
    kinds = list(_below(AgentickError))
    named = [kind for kind in kinds if kind.__name__ == name]
    coded = [kind for kind in kinds if kind.code == code]
    both = [kind for kind in named if kind.code == code]
    return (both or named or coded or [AgentickError])[0]


def _below(kind: type[AgentickError]) -> Iterator[type[AgentickError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _below(each)


def _text(data: Mapping[str, Any], key: str, path: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str):
        raise _wrong(f"{path}.{key}", "a string", value)
    return value


def _object(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(path, "an object", value)
    return cast("Mapping[str, Any]", value)


def _fitting(value: Any, hint: Any, path: str) -> Any:
    if get_origin(hint) is tuple:
        return _strings(value, path)
    kinds = get_args(hint) or (hint,)
    if float in kinds:
        kinds = (*kinds, int)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise _wrong(path, " or ".join(_WORDS[kind] for kind in kinds if kind in _WORDS), value)
    return value


def _strings(value: object, path: str) -> tuple[str, ...]:
    items: list[Any] = [*cast("list[Any]", value)] if isinstance(value, list | tuple) else [None]
    if all(isinstance(each, str) for each in items):
        return tuple(items)
    raise _wrong(path, "a list of strings", cast("object", value))


def _wrong(path: str, what: str, value: object) -> ValidationError:
    got = "nothing" if value is None else type(value).__name__
    return ValidationError(f"{path}: expected {what}, got {got}", hint="Give what to_json() has written.")


def _plain(value: object, around: tuple[object, ...] = ()) -> Any:
    """Give details as they may leave: JSON, without keys; of what is not JSON, or lies in itself, only the type."""
    fits = len(around) < DEEPEST_DETAIL and not any(value is each for each in around)
    inside = (*around, value)
    match value:
        case str():
            return redacted(value)
        case None | bool() | int():
            return value
        case float() if isfinite(value):
            return value
        case Mapping() if fits:
            items = ((str(key), item) for key, item in cast("Mapping[Any, Any]", value).items())
            return {key: REDACTED if names_a_secret(key) else _plain(item, inside) for key, item in items}
        case list() | tuple() if fits:
            return [_plain(item, inside) for item in cast("list[Any]", value)]
        case _:
            return f"<{type(value).__name__}>"


_WORDS: Mapping[type, str] = {str: "a string", int: "a whole number", float: "a number", NoneType: "null"}
