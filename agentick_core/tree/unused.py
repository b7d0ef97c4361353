"""Finding nodes that a body made and forgot to yield."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from agentick_core.tree.boundary import ErrorBoundary
from agentick_core.tree.container import Container, Flat
from agentick_core.tree.context import Provide
from agentick_core.tree.element import Element
from agentick_core.tree.node import Node, ToolNode
from agentick_core.tree.rendering import Place


def unused(made: Sequence[tuple[Node, Place]], yielded: Sequence[Flat]) -> list[tuple[Node, Place]]:
    """Give the outermost nodes that were made and are not part of what was yielded.

    Tools are left out: defining one is not yet offering it.
    """
    reached = {id(item) for item in yielded}
    if all(id(node) in reached for node, _ in made):
        return []
    reached.clear()
    for item in yielded:
        _reach(item, reached)
    forgotten: list[tuple[Node, Place]] = []
    for node, place in reversed(made):
        if id(node) in reached or isinstance(node, ToolNode):
            continue
        forgotten.append((node, place))
        _reach(node, reached)
    return forgotten


def _reach(value: object, reached: set[int]) -> None:
    # Without recursion, since what was yielded may be nested more deeply than Python calls.
    waiting = [value]
    while waiting:
        found = waiting.pop()
        identity = id(found)
        if identity in reached:
            continue
        match found:
            case Node():
                waiting += _inside(found)
            case list() | tuple():
                waiting += cast("Sequence[object]", found)
            case dict():
                waiting += cast("Mapping[object, object]", found).values()
            case _:
                continue
        reached.add(identity)


def _inside(node: Node) -> Iterable[object]:
    match node:
        case Element():
            return (*node.args, *node.kwargs.values())
        case Provide():
            return (node.value, *node.children)
        case ErrorBoundary():
            return (node.fallback, *node.children)
        case Container():
            return node.children
        case _:
            return ()
