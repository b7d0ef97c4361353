"""Text with a meaning: headings, paragraphs, lists, tables, and words that stand out."""

from collections.abc import Sequence

from agentick_core.compile.collect import Collector, Phrase
from agentick_core.compile.markup import Align, InlineKind, ListEntry
from agentick_core.tree.fiber import Fiber, Item
from agentick_core.tree.node import Child, Node


class Header(Phrase):
    """A heading; `level` is 1 to 6.

    Raises:
        ValueError: the level is another.
    """

    __slots__ = ("level",)

    def __init__(self, *children: Child, level: int = 1) -> None:
        super().__init__(*children)
        if level not in range(1, 7):
            raise ValueError(f"The level of a heading is 1 to 6, not {level!r}")
        self.level = level

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the heading."""
        return sink.markup.heading(self.level, sink.inline(items))


def H1(*children: Child) -> Header:
    """Make a heading of level 1."""
    return Header(*children, level=1)


def H2(*children: Child) -> Header:
    """Make a heading of level 2."""
    return Header(*children, level=2)


def H3(*children: Child) -> Header:
    """Make a heading of level 3."""
    return Header(*children, level=3)


class Paragraph(Phrase):
    """A paragraph."""

    __slots__ = ()

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the paragraph."""
        return sink.markup.paragraph(sink.inline(items))


class Blockquote(Phrase):
    """A quotation that stands by itself."""

    __slots__ = ()

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the quotation."""
        return sink.markup.blockquote(sink.inline(items))


class ListItem(Phrase):
    """An item of a list; `checked` makes it a task."""

    __slots__ = ("checked",)

    def __init__(self, *children: Child, checked: bool | None = None) -> None:
        super().__init__(*children)
        self.checked = checked


class List(Phrase):
    """A list of `ListItem`s and of anything else that shall be an item; `task` makes all items tasks."""

    __slots__ = ("ordered", "task")

    def __init__(self, *children: Child, ordered: bool = False, task: bool = False) -> None:
        super().__init__(*children)
        self.ordered = ordered
        self.task = task

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the list."""
        entries = [self._entry(item, sink) for item in rendered(items)]
        return sink.markup.listing(entries, ordered=self.ordered)

    def _entry(self, item: Item, sink: Collector) -> ListEntry:
        node = node_of(item)
        checked = node.checked if isinstance(node, ListItem) else None
        return ListEntry(sink.inline((item,)), False if self.task and checked is None else checked)


class Column(Phrase):
    """A cell of a table; `align` in the header holds for the whole column."""

    __slots__ = ("align",)

    def __init__(self, *children: Child, align: Align | None = None) -> None:
        super().__init__(*children)
        self.align: Align | None = align


class Row(Phrase):
    """A row of a table: each child is a cell; `header` makes it the table's header."""

    __slots__ = ("header",)

    def __init__(self, *children: Child, header: bool = False) -> None:
        super().__init__(*children)
        self.header = header


class Table(Phrase):
    """A table, of `Row`s, or of `headers` and `rows` of texts and numbers."""

    __slots__ = ("headers", "rows")

    def __init__(
        self, *children: Child, headers: Sequence[str] = (), rows: Sequence[Sequence[str | float]] = ()
    ) -> None:
        super().__init__(*children)
        self.headers = tuple(headers)
        self.rows = tuple(tuple(str(cell) for cell in row) for row in rows)

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the table."""
        header = [sink.markup.text(text) for text in self.headers]
        rows = [[sink.markup.text(text) for text in row] for row in self.rows]
        aligns: list[Align | None] = []
        for item in rendered(items):
            row = node_of(item)
            cells = rendered(_children(item))
            texts = [sink.inline((cell,)) for cell in cells]
            if not isinstance(row, Row) or not row.header:
                rows.append(texts)
                continue
            header = texts
            aligns = [c.align if isinstance(c := node_of(cell), Column) else None for cell in cells]
        return sink.markup.table(header, rows, aligns)


class Inline(Phrase):
    """Words with a meaning, inside a text."""

    __slots__ = ("kind",)
    inline = True

    def __init__(self, kind: InlineKind, *children: Child) -> None:
        super().__init__(*children)
        self.kind: InlineKind = kind

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the words."""
        return sink.markup.inline(self.kind, sink.inline(items))


class Link(Phrase):
    """A link; without children its address is its text."""

    __slots__ = ("href",)
    inline = True

    def __init__(self, *children: Child, href: str) -> None:
        super().__init__(*children)
        self.href = href

    def to_text(self, items: Sequence[Item], sink: Collector) -> str:
        """Write the link."""
        return sink.markup.link(sink.inline(items) or sink.markup.text(self.href), self.href)


def Strong(*children: Child) -> Inline:
    """Make words strong."""
    return Inline("strong", *children)


def Em(*children: Child) -> Inline:
    """Emphasise words."""
    return Inline("em", *children)


def InlineCode(*children: Child) -> Inline:
    """Mark words as code."""
    return Inline("code", *children)


def Mark(*children: Child) -> Inline:
    """Highlight words."""
    return Inline("mark", *children)


def Deleted(*children: Child) -> Inline:
    """Strike words out."""
    return Inline("del", *children)


def Quote(*children: Child) -> Inline:
    """Put words in quotation marks."""
    return Inline("q", *children)


def Underline(*children: Child) -> Inline:
    """Underline words."""
    return Inline("u", *children)


def Kbd(*children: Child) -> Inline:
    """Name keys to be pressed."""
    return Inline("kbd", *children)


def node_of(item: Item) -> str | Node:
    """Give the node of an item."""
    return item.node if isinstance(item, Fiber) else item


def rendered(items: Sequence[Item]) -> list[Item]:
    """Give the items with components and other transparent nodes replaced by what they rendered."""
    flat: list[Item] = []
    for item in items:
        if isinstance(item, Fiber) and not isinstance(item.node, Phrase):
            flat += rendered(item.content)
        else:
            flat.append(item)
    return flat


def _children(item: Item) -> Sequence[Item]:
    match item:
        case Fiber():
            return item.content
        case Phrase():
            return item.children
        case _:
            return (item,)
