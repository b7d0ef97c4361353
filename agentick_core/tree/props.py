"""Checking props that come as a mapping, where no type checker has seen them."""

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from agentick_core.errors import PropsError


def unknown_props(signature: inspect.Signature, props: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the names that the component does not take."""
    parameters = signature.parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return ()
    return tuple(name for name in props if name not in parameters)


def missing_props(required: Sequence[str]) -> str:
    """Say which props are missing, or nothing."""
    if not required:
        return ""
    names = ", ".join(f'"{name}"' for name in required)
    return f"the prop{'s' if len(required) > 1 else ''} {names}"


def check_types(body: Callable[..., Any], name: str, props: Mapping[str, Any]) -> None:
    """Check values whose annotations are plain classes, literals, None, or unions of them; others pass.

    Raises:
        PropsError: a value is of another type; the message names the prop.
    """
    for prop, value in props.items():
        expected = _annotation(body, prop)
        if expected is None or _fits(value, expected):
            continue
        written = getattr(expected, "__name__", str(expected))
        raise PropsError(
            f'The prop "{prop}" of {name} must be {written}, not {type(value).__name__}',
            hint=f"It is {name}{inspect.signature(body)}.",
            details={"props": (prop,)},
        )


def _annotation(body: Callable[..., Any], prop: str) -> Any:
    parameter = inspect.signature(body).parameters.get(prop)
    if parameter is None or parameter.annotation is parameter.empty:
        return None
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return None
    alone = types.SimpleNamespace(__annotations__={prop: parameter.annotation})
    try:
        return get_type_hints(alone, globalns=getattr(body, "__globals__", {}))[prop]
    except (NameError, TypeError, AttributeError, SyntaxError):
        return None


def _fits(value: object, expected: Any) -> bool:
    origin = get_origin(expected)
    if origin is Union or origin is types.UnionType:
        return any(_fits(value, option) for option in get_args(expected))
    if origin is Literal:
        return value in get_args(expected)
    if expected is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if expected is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if type(expected) is type:
        return isinstance(value, expected)
    return True
