"""Values that a component gives to all below it, without passing them along."""

from typing import Any, Generic, TypeVar

from agentick_core.tree.container import Container
from agentick_core.tree.node import Child

T = TypeVar("T")


class Context(Generic[T]):
    """A value that components below a provider read with `use_context`; `default` holds where there is none."""

    __slots__ = ("default", "name")

    def __init__(self, default: T, name: str = "context") -> None:
        self.default = default
        self.name = name

    def provide(self, value: T, *children: Child) -> "Provide":
        """Give the value to these children and to everything below them."""
        return Provide(self, value, *children)


class Provide(Container):
    """The place in the tree from where on a context has a value."""

    __slots__ = ("context", "value")

    def __init__(self, context: Context[Any], value: object, *children: Child) -> None:
        super().__init__(*children)
        self.context = context
        self.value = value


def create_context(default: T, *, name: str = "context") -> Context[T]:
    """Make a context with the value that it has where nobody provides one."""
    return Context(default, name)
