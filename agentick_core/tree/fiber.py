"""A fiber: what stays of a node from render to render."""

from typing import TYPE_CHECKING, Any, TypeAlias

from agentick_core.messages.blocks import NO_METADATA
from agentick_core.tree.element import Element
from agentick_core.tree.node import Node, ToolNode
from agentick_core.tree.scope import TreeScope

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agentick_core.tree.slot import Slot

Identity: TypeAlias = tuple[object, str | int]
Item: TypeAlias = "str | Node | Fiber"


class Fiber:
    """One node's life in the tree: its hooks, its children, and what it rendered last.

    `content` is what the last render gave, in order: text, nodes that keep nothing, and the fibers of the
    others. `settled` says that its hooks are known, because a body has run to its end.
    """

    __slots__ = (
        "changed_in_body",
        "children",
        "content",
        "cursor",
        "deps",
        "mounted",
        "node",
        "parent",
        "renders_with_change",
        "scope",
        "settled",
        "slots",
    )

    def __init__(self, node: Node, parent: "Fiber | None", scope: TreeScope) -> None:
        self.node = node
        self.parent = parent
        self.scope = scope
        self.slots: list[Slot] = []
        self.children: dict[Identity, Fiber] = {}
        self.content: list[Item] = []
        self.deps: Mapping[str, Any] = NO_METADATA
        self.cursor = 0
        self.settled = False
        self.mounted = False
        self.changed_in_body = False
        self.renders_with_change = 0

    @property
    def name(self) -> str:
        """What the fiber is called: its component, its tool, or the kind of its node."""
        match self.node:
            case Element() | ToolNode():
                return self.node.name
            case _:
                return type(self.node).__name__

    @property
    def stack(self) -> tuple[str, ...]:
        """The names of the components from the root down to this one."""
        names: list[str] = []
        fiber: Fiber | None = self
        while fiber is not None:
            if isinstance(fiber.node, Element | ToolNode):
                names.append(fiber.name)
            fiber = fiber.parent
        return tuple(reversed(names))

    def walk(self) -> "Iterator[Fiber]":
        """Give this fiber and all below it, parents first."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    def walk_up(self) -> "Iterator[Fiber]":
        """Give all below this fiber and itself, children first."""
        for child in self.children.values():
            yield from child.walk_up()
        yield self
