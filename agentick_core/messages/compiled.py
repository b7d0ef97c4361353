"""What a tree said before a request was made of it: sections, ephemerals, and all of it together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.tool import Audience

SectionPosition: TypeAlias = Literal["system", "end"]
EphemeralPosition: TypeAlias = Literal["after-system", "start", "before-user", "flow", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledSection:
    """One section; `position` says whether it stands with the system texts or after the conversation."""

    id: str
    text: str
    title: str | None = None
    position: SectionPosition = "system"
    audience: Audience = "model"
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)


@dataclass(frozen=True, slots=True)
class CompiledEphemeral:
    """A message that is shown in this tick and never stored; `order` sorts those of one position."""

    message: Message
    position: EphemeralPosition = "end"
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCompiled:
    """What the tree itself said, each list in its order: nothing is formatted, and what a send added is not in it.

    `sections` have ids of their own; `tools` are the names of the tools that stand in the tree.
    """

    system: tuple[str, ...] = ()
    sections: tuple[CompiledSection, ...] = ()
    messages: tuple[Message, ...] = ()
    ephemeral: tuple[CompiledEphemeral, ...] = ()
    tools: tuple[str, ...] = ()
