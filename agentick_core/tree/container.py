"""Nodes with children, and how whatever was yielded becomes a flat list."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

from agentick_core.tree.node import Child, Node, ToolNode

Flat: TypeAlias = "str | Node"

_FLAT = (str, Node)  # a union would be built anew at every check


class Container(Node):
    """A node with children; `dynamic` says that something below it keeps state or calls hooks."""

    __slots__ = ("children", "dynamic")

    def __init__(self, *children: Child) -> None:
        super().__init__()
        self.children = flatten(children)
        self.dynamic = any(needs_fiber(child) for child in self.children)


def needs_fiber(child: Flat) -> bool:
    """Whether the child keeps something between renders, or has somebody below it who does."""
    match child:
        case str():
            return False
        case Container():
            return child.dynamic
        case ToolNode():
            return child.use is not None or child.render is not None
        case _:
            return child.has_body


def flatten(children: Any) -> tuple[Flat, ...]:
    """Lay out text, nodes and iterables of them in one row; `None` is left out.

    Iterables are read to their end here, so that a generator runs in the body that yields it.
    """
    flat: list[Flat] = []
    _lay_out(children, flat)
    return tuple(flat)


def _lay_out(child: object, flat: list[Flat]) -> None:
    if isinstance(child, _FLAT):
        flat.append(child)
        return
    if child is None:
        return
    if isinstance(child, Mapping | bytes) or not isinstance(child, Iterable):
        raise TypeError(_refusal(cast("object", child)))
    for item in cast("Iterable[object]", child):
        if isinstance(item, _FLAT):
            flat.append(item)
        else:
            _lay_out(item, flat)


def _refusal(child: object) -> str:
    remedy = "yield nodes, text, None, or iterables"
    if callable(child):
        remedy = "a tool is decorated with @tool, a component with @component; else call it, and yield what it gives"
    return f"{getattr(child, '__name__', type(child).__name__)} cannot be part of a tree: {remedy}"
