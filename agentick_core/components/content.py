"""Content of messages and sections: text, code, JSON, pictures, documents; and the markup it is written in."""

from collections.abc import Sequence
from typing import Any

from agentick_core.compile.collect import Collector, Content, MarkupScope, Phrase
from agentick_core.compile.markup import MARKDOWN
from agentick_core.compile.markup import XML as XML_MARKUP
from agentick_core.messages.blocks import (
    Base64Source,
    CodeBlock,
    DocumentBlock,
    ImageBlock,
    JsonBlock,
    MediaSource,
    UrlSource,
)
from agentick_core.tree.fiber import Item
from agentick_core.tree.node import Child


class Text(Phrase):
    """Text; what stands inside it is joined without anything between."""

    __slots__ = ()

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Join the children."""
        return sink.inline(items)


class Code(Content):
    """Source code, which the model sees as a fenced block."""

    __slots__ = ()

    def __init__(self, text: str, language: str = "") -> None:
        super().__init__(CodeBlock(text, language))


class Json(Content):
    """Data, which the model sees as JSON."""

    __slots__ = ()

    def __init__(self, data: Any) -> None:
        super().__init__(JsonBlock(data))


class Image(Content):
    """A picture, by its source or its URL."""

    __slots__ = ()

    def __init__(
        self, source: MediaSource | str, *, mime_type: str | None = None, alt_text: str | None = None
    ) -> None:
        super().__init__(ImageBlock(as_source(source), mime_type=mime_type, alt_text=alt_text))


class Document(Content):
    """A document, by its source or its URL."""

    __slots__ = ()

    def __init__(
        self, source: MediaSource | str, *, mime_type: str | None = None, title: str | None = None
    ) -> None:
        super().__init__(DocumentBlock(as_source(source), mime_type=mime_type, title=title))


def Markdown(*children: Child) -> MarkupScope:
    """Write everything inside as Markdown."""
    return MarkupScope(MARKDOWN, *children)


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
