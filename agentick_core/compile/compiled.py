"""What a tree compiles to: what it said, its tools, the model and its options."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentick_core.compile.transformation import MessageTransformation
from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.compiled import CompiledEphemeral, CompiledSection, RawCompiled
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelOptions
from agentick_core.tree.node import ToolNode


@dataclass(frozen=True, slots=True)
class CompiledTool:
    """A tool in the tree, with what its `use` gave."""

    tool: ToolNode
    deps: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Which component added what, by its name: in the order of the tree's own lists, sections by their ids."""

    system: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    ephemeral: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledTree:
    """What one compilation of a tree gave, in tree order.

    `hidden_tools` are those that were mounted beside the user's tree. `model` is what the tree's `Model`
    component names, `transformation` how it wants messages to be written. `passes` counts the renders it took
    to settle; where it never settled, `forced_stable` is true and `reasons` holds the last two reasons for
    another pass. `owners` says which component added what.
    """

    system: tuple[str, ...] = ()
    sections: tuple[CompiledSection, ...] = ()
    messages: tuple[Message, ...] = ()
    ephemeral: tuple[CompiledEphemeral, ...] = ()
    tools: tuple[CompiledTool, ...] = ()
    hidden_tools: tuple[CompiledTool, ...] = ()
    model: object | None = None
    options: ModelOptions = field(default_factory=ModelOptions)
    transformation: MessageTransformation | None = None
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    passes: int = 1
    forced_stable: bool = False
    reasons: tuple[str, ...] = ()
    stop_reason: str | None = None
    owners: Owners = field(default_factory=Owners)

    @property
    def raw(self) -> RawCompiled:
        """What of it events carry."""
        return RawCompiled(
            system=self.system,
            sections=self.sections,
            messages=self.messages,
            ephemeral=self.ephemeral,
            tools=tuple(each.tool.name for each in self.tools),
        )
