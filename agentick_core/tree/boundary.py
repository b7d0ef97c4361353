"""Where the errors of components stop: a boundary shows something else instead."""

from typing import TYPE_CHECKING

from agentick_core.errors import ComponentError
from agentick_core.tree.container import Container, Flat, flatten
from agentick_core.tree.node import Child, Node

if TYPE_CHECKING:
    from collections.abc import Callable


class ErrorBoundary(Container):
    """Shows its children; where one of them raises, shows the fallback and forgets their state.

    `fallback` is what is shown, or a function that makes it of the error. The children are tried again in
    every render.
    """

    __slots__ = ("fallback",)

    def __init__(
        self, *children: Child, fallback: "Child | Callable[[ComponentError], Child]" = None
    ) -> None:
        super().__init__(*children)
        self.fallback = fallback

    def instead(self, error: ComponentError) -> tuple[Flat, ...]:
        """Give what is shown instead of the children."""
        fallback = self.fallback
        if callable(fallback) and not isinstance(fallback, Node):  # a tool is a node that can be called
            return flatten(fallback(error))
        return flatten(fallback)


class Attempt(Container):
    """The children of a boundary, as long as none of them raises."""

    __slots__ = ()


class Fallback(Container):
    """What a boundary shows instead."""

    __slots__ = ()
