"""Strategies: any value of any of our types, made from the types themselves."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from agentick_core.messages.compiled import CompiledSection
from agentick_core.wire.shape import TIMES

texts = st.text(max_size=12)
numbers = st.integers(-(2**53), 2**53)
floats = st.floats(allow_nan=False, allow_infinity=False)
times = st.floats(0, 4e9, allow_nan=False)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | floats | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
_SCALARS: Mapping[Any, st.SearchStrategy[Any]] = {
    str: texts,
    int: numbers,
    float: floats,
    bool: st.booleans(),
    NoneType: st.none(),
}


def of(kind: Any) -> st.SearchStrategy[Any]:
    """Give values of a type."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any or isinstance(kind, TypeVar):
        return json_values
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(st.deferred(lambda: of(arguments[0])), max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(of(arguments[0]))
    if origin in (Union, UnionType):
        return st.one_of([of(member) for member in arguments])
    if origin is Mapping:
        return st.dictionaries(texts, of(arguments[1]), max_size=2)
    return instances(origin or kind)


def instances(kind: type) -> st.SearchStrategy[Any]:
    """Give instances of a dataclass; what the wire leaves out on purpose stays at its default."""
    assert is_dataclass(kind)

    def build() -> st.SearchStrategy[Any]:
        hints = get_type_hints(kind)
        values: dict[str, st.SearchStrategy[Any]] = {}
        for item in fields(kind):
            value = times if item.name in TIMES and hints[item.name] is float else of(hints[item.name])
            if not (item.default is MISSING and item.default_factory is MISSING):
                value = value | st.just(_default(item))
            values[item.name] = value
        if kind.__name__ == "SendResult":
            del values["raw"]
        if kind.__name__ == "RawCompiled":
            sections = st.lists(of(CompiledSection), max_size=2, unique_by=lambda section: section.id)
            values["sections"] = sections.map(tuple)
        return st.builds(kind, **values)

    return st.deferred(build)


def _default(item: Any) -> Any:
    return item.default if item.default is not MISSING else item.default_factory()
