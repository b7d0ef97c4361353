"""What the model sees, by its place: system texts, messages, sections, ephemerals."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentick_core.compile.collect import Collector, Content, Part
from agentick_core.compile.structural import one_of, titled
from agentick_core.components.collapse import CollapsedLike, collapsible
from agentick_core.messages.blocks import (
    NO_METADATA,
    Block,
    ContentLike,
    ToolResultBlock,
    as_blocks,
)
from agentick_core.messages.compiled import (
    CompiledEphemeral,
    CompiledSection,
    EphemeralPosition,
    SectionPosition,
)
from agentick_core.messages.message import Message as MessageData
from agentick_core.messages.message import Role
from agentick_core.messages.tool import Audience
from agentick_core.tree.fiber import Item
from agentick_core.tree.node import Child


class Holder(Part):
    """A part whose content is its children, or was given as `content`.

    `collapsed` shows a summary (True makes one) until the model opens it; see `Collapse`.
    """

    __slots__ = ()

    def __init__(
        self,
        *children: Child,
        content: ContentLike | None = None,
        collapsed: CollapsedLike = None,
        kind: str = "",
    ) -> None:
        given = () if content is None else [Content(block) for block in as_blocks(content)]
        super().__init__(collapsible((children, given), collapsed, kind))


class Message(Holder):
    """A message that is shown in every tick and never stored."""

    __slots__ = ("id", "metadata", "role")

    def __init__(
        self,
        *children: Child,
        role: Role = "user",
        content: ContentLike | None = None,
        id: str = "",
        metadata: Mapping[str, Any] = NO_METADATA,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(*children, content=content, collapsed=collapsed, kind=role)
        self.role: Role = one_of(role, Role, "role of a message")
        self.id = id
        self.metadata = metadata

    def collect(self, items: Sequence[Item], sink: Collector) -> None:
        """Add the message, or the system text."""
        if self.role == "system":
            if text := sink.text(items):
                sink.system.append(text)
            return
        if blocks := self.blocks(sink.blocks(items)):
            sink.messages.append(MessageData(self.role, blocks, self.id, self.metadata))

    def blocks(self, content: tuple[Block, ...]) -> tuple[Block, ...]:
        """Give the blocks of the message."""
        return content


class System(Message):
    """Instructions for the model."""

    __slots__ = ()

    def __init__(
        self, *children: Child, content: ContentLike | None = None, collapsed: CollapsedLike = None
    ) -> None:
        super().__init__(*children, role="system", content=content, collapsed=collapsed)


class User(Message):
    """A message as if the user had said it."""

    __slots__ = ()

    def __init__(
        self,
        *children: Child,
        content: ContentLike | None = None,
        id: str = "",
        metadata: Mapping[str, Any] = NO_METADATA,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(
            *children, role="user", content=content, id=id, metadata=metadata, collapsed=collapsed
        )


class Assistant(Message):
    """A message as if the model had said it."""

    __slots__ = ()

    def __init__(
        self,
        *children: Child,
        content: ContentLike | None = None,
        id: str = "",
        metadata: Mapping[str, Any] = NO_METADATA,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(
            *children, role="assistant", content=content, id=id, metadata=metadata, collapsed=collapsed
        )


class Event(Message):
    """Something that happened, told to the model."""

    __slots__ = ()

    def __init__(
        self,
        *children: Child,
        event_type: str | None = None,
        content: ContentLike | None = None,
        id: str = "",
        metadata: Mapping[str, Any] = NO_METADATA,
        collapsed: CollapsedLike = None,
    ) -> None:
        told = metadata if event_type is None else {**metadata, "event_type": event_type}
        super().__init__(*children, role="event", content=content, id=id, metadata=told, collapsed=collapsed)


class ToolResult(Message):
    """The result of a tool call, as part of a conversation that the program writes itself."""

    __slots__ = ("is_error", "name", "tool_call_id")

    def __init__(
        self,
        *children: Child,
        tool_call_id: str,
        name: str,
        is_error: bool = False,
        content: ContentLike | None = None,
        id: str = "",
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(*children, role="tool", content=content, id=id, collapsed=collapsed)
        self.tool_call_id = tool_call_id
        self.name = name
        self.is_error = is_error

    def blocks(self, content: tuple[Block, ...]) -> tuple[Block, ...]:
        """Give the one block that holds the result."""
        return (ToolResultBlock(self.tool_call_id, self.name, content, self.is_error),)


class Messages(Part):
    """Messages as they are, such as those of a timeline."""

    __slots__ = ("messages",)

    def __init__(self, *messages: MessageData) -> None:
        super().__init__()
        self.messages = messages

    def collect(self, items: Sequence[Item], sink: Collector) -> None:
        """Add the messages."""
        sink.messages += self.messages


class Section(Holder):
    """A named part of the context.

    It stands with the system texts, or with `position="end"` after the conversation, where a change does not
    move what the provider has cached. Two of one id are joined.
    """

    __slots__ = ("audience", "id", "metadata", "position", "tags", "title")

    def __init__(
        self,
        *children: Child,
        id: str,
        title: str | None = None,
        audience: Audience = "model",
        position: SectionPosition | None = None,
        content: ContentLike | None = None,
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] = NO_METADATA,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(*children, content=content, collapsed=collapsed, kind=id)
        self.id = id
        self.title = title
        self.audience: Audience = one_of(audience, Audience, "audience of a section")
        self.position: SectionPosition | None = position and one_of(
            position, SectionPosition, "position of a section"
        )
        self.tags = tuple(tags)
        self.metadata = metadata

    def collect(self, items: Sequence[Item], sink: Collector) -> None:
        """Add the section."""
        sink.add_section(
            CompiledSection(
                id=self.id,
                text=sink.text(items),
                title=self.title,
                position=self.position or sink.position,
                audience=self.audience,
                tags=self.tags,
                metadata=self.metadata,
            )
        )


class Ephemeral(Holder):
    """A message for this tick only; `position` says where it stands, `order` sorts those at one place."""

    __slots__ = ("order", "position", "type")

    def __init__(
        self,
        *children: Child,
        position: EphemeralPosition = "end",
        order: int = 0,
        type: str | None = None,
        content: ContentLike | None = None,
    ) -> None:
        super().__init__(*children, content=content)
        self.position: EphemeralPosition = one_of(position, EphemeralPosition, "position of an ephemeral")
        self.order = order
        self.type = type

    def collect(self, items: Sequence[Item], sink: Collector) -> None:
        """Add the ephemeral message."""
        if blocks := sink.blocks(items):
            metadata = NO_METADATA if self.type is None else {"type": self.type}
            message = MessageData("user", blocks, metadata=metadata)
            sink.ephemeral.append(CompiledEphemeral(message, self.position, self.order))


class Grounding(Ephemeral):
    """What the model should know before the conversation: an ephemeral at its start, for this audience."""

    __slots__ = ("audience", "title")

    def __init__(
        self,
        *children: Child,
        title: str | None = None,
        audience: Audience = "model",
        position: EphemeralPosition = "start",
        order: int = 0,
        content: ContentLike | None = None,
    ) -> None:
        super().__init__(*children, position=position, order=order, type="grounding", content=content)
        self.title = title
        self.audience: Audience = one_of(audience, Audience, "audience of a grounding")

    def collect(self, items: Sequence[Item], sink: Collector) -> None:
        """Add the message, under its title, unless it is not for the model."""
        if self.audience == "user":
            return
        before = len(sink.ephemeral)
        super().collect(items, sink)
        if len(sink.ephemeral) > before:
            added = sink.ephemeral[-1]
            content = titled(self.title, added.message.content)
            sink.ephemeral[-1] = replace(added, message=replace(added.message, content=content))
