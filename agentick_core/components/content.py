"""Content of messages and sections: text, code, data, media, what happened; and the markup it is written in."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentick_core.compile.collect import Collector, Content, MarkupScope, Phrase
from agentick_core.compile.markup import GFM, MARKDOWN, Flavor
from agentick_core.compile.markup import XML as XML_MARKUP
from agentick_core.compile.structural import one_of
from agentick_core.components.collapse import CollapsedLike, collapsible
from agentick_core.messages.blocks import (
    NO_METADATA,
    AudioBlock,
    Base64Source,
    Block,
    CodeBlock,
    DocumentBlock,
    ImageBlock,
    JsonBlock,
    MediaSource,
    StateChangeBlock,
    SystemEventBlock,
    ToolUseBlock,
    UrlSource,
    UserActionBlock,
    VideoBlock,
)
from agentick_core.tree.fiber import Item
from agentick_core.tree.node import Child


class Shown(Content):
    """One block; `collapsed` shows a summary (True makes one) until the model opens it; see `Collapse`."""

    __slots__ = ()

    def __init__(self, block: Block, collapsed: CollapsedLike = None) -> None:
        is_collapsed = collapsed is not None and collapsed is not False
        super().__init__(block, collapsible(Content(block), collapsed, block.type) if is_collapsed else None)


class Text(Phrase):
    """Text; what stands inside it is joined without anything between."""

    __slots__ = ()
    fluent = True

    def __init__(self, *children: Child, collapsed: CollapsedLike = None) -> None:
        super().__init__(collapsible(children, collapsed, "text"))

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Join the children."""
        return sink.inline(items)


class Code(Shown):
    """Source code, which the model sees as a fenced block."""

    __slots__ = ()

    def __init__(self, text: str, language: str = "", *, collapsed: CollapsedLike = None) -> None:
        super().__init__(CodeBlock(text, language), collapsed)


class Json(Shown):
    """Data, which the model sees as JSON."""

    __slots__ = ()

    def __init__(self, data: Any, *, collapsed: CollapsedLike = None) -> None:
        super().__init__(JsonBlock(data), collapsed)


class Image(Shown):
    """A picture, by its source or its URL."""

    __slots__ = ()

    def __init__(
        self,
        source: MediaSource | str,
        *,
        mime_type: str | None = None,
        alt_text: str | None = None,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(ImageBlock(as_source(source), mime_type=mime_type, alt_text=alt_text), collapsed)


class Document(Shown):
    """A document, by its source or its URL."""

    __slots__ = ()

    def __init__(
        self,
        source: MediaSource | str,
        *,
        mime_type: str | None = None,
        title: str | None = None,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(DocumentBlock(as_source(source), mime_type=mime_type, title=title), collapsed)


class Audio(Shown):
    """A recording of sound, by its source or its URL."""

    __slots__ = ()

    def __init__(
        self,
        source: MediaSource | str,
        *,
        mime_type: str | None = None,
        transcript: str | None = None,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(AudioBlock(as_source(source), mime_type=mime_type, transcript=transcript), collapsed)


class Video(Shown):
    """A film, by its source or its URL."""

    __slots__ = ()

    def __init__(
        self,
        source: MediaSource | str,
        *,
        mime_type: str | None = None,
        transcript: str | None = None,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(VideoBlock(as_source(source), mime_type=mime_type, transcript=transcript), collapsed)


class ToolUse(Shown):
    """A tool call, as part of a conversation that the program writes itself."""

    __slots__ = ()

    def __init__(
        self,
        name: str,
        input: Mapping[str, Any] = NO_METADATA,
        *,
        tool_use_id: str,
        collapsed: CollapsedLike = None,
    ) -> None:
        super().__init__(ToolUseBlock(tool_use_id, name, input), collapsed)


class UserAction(Shown):
    """Something that the user did, told in a sentence."""

    __slots__ = ()

    def __init__(
        self, action: str, *, target: str = "", actor: str = "User", collapsed: CollapsedLike = None
    ) -> None:
        super().__init__(UserActionBlock(action, target, actor), collapsed)


class SystemEvent(Shown):
    """Something that happened, and where."""

    __slots__ = ()

    def __init__(self, event: str, *, source: str = "", collapsed: CollapsedLike = None) -> None:
        super().__init__(SystemEventBlock(event, source), collapsed)


class StateChange(Shown):
    """A value that has become another one."""

    __slots__ = ()

    def __init__(
        self, entity: str, field: str, before: Any, after: Any, *, collapsed: CollapsedLike = None
    ) -> None:
        super().__init__(StateChangeBlock(entity, field, before, after), collapsed)


def Markdown(*children: Child, flavor: Flavor = "plain") -> MarkupScope:
    """Write everything inside as Markdown; the flavour "gfm" writes tasks as `[x]` and `[ ]`."""
    known = one_of(flavor, Flavor, "flavor of Markdown")
    return MarkupScope(GFM if known == "gfm" else MARKDOWN, *children)


def XML(*children: Child) -> MarkupScope:
    """Write everything inside as XML."""
    return MarkupScope(XML_MARKUP, *children)


def as_source(source: MediaSource | str) -> MediaSource:
    """Give the source; a `data:` URL becomes the data it holds."""
    if not isinstance(source, str):
        return source
    head, comma, data = source.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        return Base64Source(data, head.removeprefix("data:").removesuffix(";base64"))
    return UrlSource(source)
