"""The schema of a procedure: the first argument of a call is checked where the handler gets it."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from agentick_core.errors import ValidationError


def checked(
    work: Callable[..., Any], function: Callable[..., Any], schema: type[Any] | Mapping[str, Any]
) -> Callable[..., Any]:
    """Put the check before the work of a function; an argument that is left out is not checked.

    Raises:
        ValidationError: the schema is neither a type that can be read nor a JSON schema.
    """
    from agentick_core.tools.schema import value_check

    try:
        check = value_check(schema)
    except TypeError as error:
        raise ValidationError(
            f"{schema!r} is no schema: {error}",
            hint="Give a pydantic model, a dataclass or another type, or a JSON schema as a mapping.",
        ) from error
    name = _first(function)

    def handle(*args: Any, **kwargs: Any) -> Any:
        if args:
            return work(check(args[0]), *args[1:], **kwargs)
        if name in kwargs:
            return work(**{**kwargs, name: check(kwargs[name])})
        return work(**kwargs)

    return handle


def _first(function: Callable[..., Any]) -> str:
    """Give the name under which the first argument may be given; "" where a function does not say."""
    try:
        return next(iter(inspect.signature(function).parameters), "")
    except ValueError:
        return ""
