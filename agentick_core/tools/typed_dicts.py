"""The `TypedDict` of `typing` as pydantic reads it: before Python 3.12 it takes that of `typing_extensions` alone."""

import sys
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)


def readable(kind: Any, within: tuple[Any, ...] = ()) -> Any:
    """Give a type that pydantic reads, with what is inside of it; `within` are the typed dicts around it."""
    if sys.version_info >= (3, 12) or get_origin(kind) is Literal:
        return kind
    if is_typeddict(kind):
        return _typed_dict(kind, within)
    if hasattr(kind, "__metadata__"):
        return Annotated[(readable(kind.__origin__, within), *kind.__metadata__)]
    parts = get_args(kind)
    changed = tuple(readable(part, within) for part in parts)
    if all(new is old for new, old in zip(changed, parts, strict=True)):
        return kind
    origin = get_origin(kind)
    return (Union if origin is UnionType else origin)[changed]


def _typed_dict(kind: Any, within: tuple[Any, ...]) -> Any:
    # One that contains itself cannot be made anew here, and is left to pydantic.
    if kind.__class__.__module__ != "typing" or kind in within:
        return kind
    from typing_extensions import TypedDict

    optional: frozenset[str] = getattr(kind, "__optional_keys__", frozenset())
    fields: dict[str, Any] = {}
    for key, hint in get_type_hints(kind, include_extras=True).items():
        left_out = key in optional and get_origin(hint) is not NotRequired
        given = readable(hint, (*within, kind))
        fields[key] = NotRequired[given] if left_out else given
    return TypedDict(kind.__name__, fields)  # pyright: ignore[reportArgumentType]  # made at run time
