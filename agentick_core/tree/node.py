"""Nodes: what a component yields."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self, TypeAlias

from agentick_core.tree.rendering import place_outside, rendering_now


class Node:
    """One thing in the tree. `node_key` tells siblings of one kind apart."""

    __slots__ = ("node_key",)
    has_body: ClassVar[bool] = False

    def __init__(self) -> None:
        self.node_key: str | None = None
        if rendering := rendering_now():
            rendering.made.append((self, place_outside()))

    def key(self, key: str | int) -> Self:
        """Give this node an identity among its siblings; returns the node itself."""
        self.node_key = str(key)
        return self


Child: TypeAlias = "str | Node | Iterable[Child] | None"
Nodes: TypeAlias = "Iterable[Child] | Node | None"


class ToolNode(Node):
    """What the tree knows of a tool: its name, and the hooks that it brings.

    `use` runs as a component body would and gives the tool's dependencies by name; `render` gives what the
    model sees beside the tool. Both may call hooks.
    """

    __slots__ = ("name", "render", "use")

    def __init__(
        self,
        name: str,
        use: Callable[[], Mapping[str, Any]] | None = None,
        render: Callable[[], Nodes] | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.use = use
        self.render = render
