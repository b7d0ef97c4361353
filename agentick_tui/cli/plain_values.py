"""Commands whose values are plain text, numbers and switches, so that Typer does not load pydantic for them.

Typer 0.29 builds a pydantic adapter for every parameter it reads, which costs 60 ms before anything is done.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup

_NUMBERS: dict[object, tuple[Callable[[str], float], str]] = {
    int: (int, "a whole number"),
    float: (float, "a number"),
}


class PlainValue:
    """Reads one parameter's value by its annotation."""

    def __init__(self, annotation: object) -> None:
        self.number = _NUMBERS.get(annotation)

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Give the value as its annotation wants it; what is no number raises `BadParameter`."""
        if self.number is None or not isinstance(value, str):
            return value
        read, what = self.number
        try:
            return read(value)
        except ValueError as error:
            raise BadParameter(f"{value!r} is not {what}.", ctx=ctx, param=param) from error


class PlainCommand(TyperCommand):
    """A command with plain values."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters, each with our way of reading its value."""
        return made_plain(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """A group of commands, itself with plain values."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters, each with our way of reading its value."""
        return made_plain(super().get_params(ctx))


def made_plain(params: list[Any]) -> list[Any]:
    """Replace what each parameter reads its value with."""
    for param in params:
        if (described := getattr(param, "type_descriptor", None)) is not None:
            param.get_runtime_param = partial(PlainValue, described.annotation)
    return params
