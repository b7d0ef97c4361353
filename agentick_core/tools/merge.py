"""Which tools there are: the app's, the session's, those of a send and of the tree, merged into one value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, TypeAlias, cast

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.tool import ToolDefinition
from agentick_core.tools.tool import Tool
from agentick_core.tree.node import ToolNode

Source: TypeAlias = Literal["app", "session", "send", "tree"]
AnyTool: TypeAlias = Tool[..., Any]


class TreeTool(Protocol):
    """A tool as the compiled tree gives it, with the dependencies of its `use`."""

    @property
    def tool(self) -> ToolNode:
        """The tool."""
        ...

    @property
    def deps(self) -> Mapping[str, Any]:
        """What `use` gave in the latest render."""
        ...


@dataclass(frozen=True, slots=True)
class BoundTool:
    """A tool as it can be called now, with its dependencies."""

    tool: AnyTool
    deps: Mapping[str, Any] = field(default_factory=no_metadata)
    source: Source = "session"

    @property
    def definition(self) -> ToolDefinition:
        """The tool as it is offered."""
        return self.tool.definition(self.deps)


@dataclass(frozen=True, slots=True)
class ToolRegistry:
    """The tools by name and by alias. It never changes: a new one takes its place.

    `warnings` tell of tools in the tree that hide others there, and of aliases that are taken.
    """

    tools: Mapping[str, BoundTool] = field(default_factory=no_metadata)
    aliases: Mapping[str, str] = field(default_factory=no_metadata)
    warnings: tuple[str, ...] = ()

    @classmethod
    def merged(
        cls,
        *,
        app: Iterable[AnyTool] = (),
        session: Iterable[AnyTool] = (),
        send: Iterable[AnyTool] = (),
        tree: Sequence[TreeTool] = (),
        beside: Sequence[TreeTool] = (),
    ) -> "ToolRegistry":
        """Merge the sources: the tree's tools hide those of the send, these the session's, these the app's.

        `beside` are tools of the other sources that were mounted for their hooks: each keeps its source, and has
        its dependencies.
        """
        sources: tuple[tuple[Source, Iterable[AnyTool]], ...]
        sources = (("app", tuple(app)), ("session", tuple(session)), ("send", tuple(send)))
        deps = {id(each.tool): each.deps for each in beside}
        merged: dict[str, BoundTool] = {}
        for source, tools in sources:
            for each in tools:
                merged[each.name] = BoundTool(each, deps.get(id(each), {}), source)
        warnings: list[str] = []
        seen: set[str] = set()
        for compiled in tree:
            name = compiled.tool.name
            if name in seen:
                warnings.append(f'The tree has several tools named "{name}": the last one is used')
            seen.add(name)
            merged[name] = BoundTool(cast("AnyTool", compiled.tool), compiled.deps, "tree")
        aliases = _aliases(merged, warnings)
        return cls(merged, aliases, tuple(warnings))

    @property
    def names(self) -> tuple[str, ...]:
        """The names, sorted."""
        return tuple(sorted(self.tools))

    def find(self, name: str) -> BoundTool | None:
        """Find a tool by its name, else by an alias."""
        return self.tools.get(name) or self.tools.get(self.aliases.get(name, ""))

    def definitions(self, reader: Literal["model", "user"] | None = None) -> tuple[ToolDefinition, ...]:
        """Give the tools that this reader may call, or all, sorted by name."""
        return tuple(
            self.tools[name].definition
            for name in self.names
            if reader is None or self.tools[name].tool.options.audience in (reader, "all")
        )

    def topped(self, bound: BoundTool) -> "ToolRegistry":
        """Give the same tools with this one in place of whatever has its name."""
        return replace(self, tools={**self.tools, bound.tool.name: bound})

    def summary(self, name: str, input: Mapping[str, Any]) -> str | None:
        """Give the one line that the tool makes of a call, if it makes one."""
        bound = self.find(name)
        return bound.tool.summary(input) if bound else None


def _aliases(tools: Mapping[str, BoundTool], warnings: list[str]) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for source in ("tree", "send", "session", "app"):
        for name, bound in tools.items():
            if bound.source != source:
                continue
            for alias in bound.tool.options.aliases:
                owner = aliases.setdefault(alias, name)
                if owner != name:
                    warnings.append(f'The alias "{alias}" of the tool "{name}" belongs to "{owner}" already')
    return aliases
