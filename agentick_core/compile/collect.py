"""From rendered fibers to what the model shall see: nodes tell what they add, in tree order."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from agentick_core.compile.compiled import (
    CompiledEphemeral,
    CompiledSection,
    CompiledTool,
    CompiledTree,
    SectionPosition,
)
from agentick_core.compile.markup import MARKDOWN, Markup
from agentick_core.compile.render import block_text
from agentick_core.errors import ComponentError
from agentick_core.messages.blocks import Block, TextBlock
from agentick_core.messages.request import ModelOptions
from agentick_core.tree.container import Container
from agentick_core.tree.fiber import Fiber, Item
from agentick_core.tree.node import Child, Node, ToolNode

if TYPE_CHECKING:
    from agentick_core.messages.message import Message

Flow: TypeAlias = Literal["block", "text", "inline"]


class Part(Container):
    """A node that adds something to the context: a message, a section, an option."""

    __slots__ = ()

    def collect(self, items: Sequence[Item], sink: "Collector") -> None:
        """Add what this node stands for; `items` are its rendered children."""
        sink.visit(items)


class Phrase(Container):
    """A node that stands for text; an inline phrase is joined with what stands beside it."""

    __slots__ = ()
    inline: bool = False

    def to_text(self, items: Sequence[Item], sink: "Collector") -> str:
        """Write the text; `items` are the rendered children."""
        return sink.inline(items)


class Content(Node):
    """A node that stands for one block."""

    __slots__ = ("block",)

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block


class MarkupScope(Container):
    """A node below which text is written in one markup."""

    __slots__ = ("markup",)

    def __init__(self, markup: Markup, *children: Child) -> None:
        super().__init__(*children)
        self.markup = markup


class Collector:
    """Gathers what the nodes of a tree add; `position` is where sections stand that do not say it."""

    def __init__(self) -> None:
        self.markup: Markup = MARKDOWN
        self.position: SectionPosition = "system"
        self.system: list[str] = []
        self.sections: dict[str, CompiledSection] = {}
        self.messages: list[Message] = []
        self.ephemeral: list[CompiledEphemeral] = []
        self.tools: list[CompiledTool] = []
        self.model: object | None = None
        self.options = ModelOptions()

    def visit(self, items: Sequence[Item]) -> None:
        """Let every node among the items add what it stands for; loose text and content are left out."""
        self.blocks(items)

    def blocks(self, items: Sequence[Item]) -> tuple[Block, ...]:
        """Give the content among the items as blocks; let the other nodes add what they stand for."""
        gathered: list[Block] = []
        before: Flow = "block"
        for item in items:
            node, children = _parts(item)
            match node:
                case str():
                    _add_text(gathered, self.markup.text(node), joined=before == "inline")
                    before = "text"
                case Phrase():
                    _add_text(
                        gathered, node.to_text(children, self), joined=node.inline and before != "block"
                    )
                    before = "inline" if node.inline else "block"
                case Content():
                    gathered.append(node.block if self.markup is MARKDOWN else self._written(node.block))
                    before = "block"
                case _:
                    gathered += self._other(item, node, children)
                    before = "block"
        return tuple(gathered)

    def text(self, items: Sequence[Item]) -> str:
        """Give the content among the items as one text, its blocks apart by blank lines."""
        return "\n\n".join(text for block in self.blocks(items) if (text := self._text_of(block)))

    def inline(self, items: Sequence[Item]) -> str:
        """Give the content among the items as one text without anything between."""
        texts: list[str] = []
        for item in items:
            node, children = _parts(item)
            match node:
                case str():
                    texts.append(self.markup.text(node))
                case Phrase():
                    text = node.to_text(children, self)
                    texts.append(text if node.inline or not texts else f"\n{text}")
                case Content():
                    texts.append(block_text(node.block, self.markup))
                case _:
                    texts += [self._text_of(block) for block in self._other(item, node, children)]
        return "".join(texts)

    def add_section(self, section: CompiledSection) -> None:
        """Add a section; the text of a second one of the same id follows that of the first."""
        known = self.sections.get(section.id)
        if known is not None:
            text = "\n\n".join(part for part in (known.text, section.text) if part)
            section = replace(known, text=text)
        self.sections[section.id] = section

    @contextmanager
    def within(self, position: SectionPosition) -> Generator[None]:
        """Let sections that do not say otherwise stand at this position, for the block."""
        before, self.position = self.position, position
        try:
            yield
        finally:
            self.position = before

    def _other(self, item: Item, node: Node, children: Sequence[Item]) -> tuple[Block, ...]:
        match node:
            case Part():
                node.collect(children, self)
                return ()
            case ToolNode():
                self._add_tool(item, node)
                return ()
            case MarkupScope():
                before, self.markup = self.markup, node.markup
                try:
                    return self.blocks(children)
                finally:
                    self.markup = before
            case _:
                return self.blocks(children)

    def _add_tool(self, item: Item, node: ToolNode) -> None:
        if not isinstance(item, Fiber):
            self.tools.append(CompiledTool(node))
            return
        self.tools.append(CompiledTool(node, item.deps))
        with self.within("end"):
            if text := self.text(item.content):
                self.add_section(CompiledSection(id=node.name, text=text, position="end"))

    def _written(self, block: Block) -> Block:
        text = block_text(block, self.markup) if hasattr(block, "text") or hasattr(block, "data") else None
        return block if text is None else TextBlock(text)

    def _text_of(self, block: Block) -> str:
        return block.text if isinstance(block, TextBlock) else block_text(block, self.markup)


def collect(top: Fiber, side: Fiber) -> CompiledTree:
    """Collect the user's tree and the tools that are mounted beside it.

    Raises:
        ComponentError: what was yielded cannot be written, such as a text that is none, or too deep a nesting.
    """
    sink = Collector()
    try:
        sink.visit(top.content)
        tools, sink.tools = tuple(sink.tools), []
        sink.visit(side.content)
    # What was yielded is the user's, and whatever is wrong with it shows only when it is written.
    except Exception as error:
        names = tuple(fiber.name for fiber in top.children.values())
        raise ComponentError(
            f"What {', '.join(names)} yields cannot be written: {type(error).__name__}: {error}", stack=names
        ) from error
    return CompiledTree(
        system=tuple(sink.system),
        sections=tuple(sink.sections.values()),
        messages=tuple(sink.messages),
        ephemeral=tuple(sink.ephemeral),
        tools=tools,
        hidden_tools=tuple(sink.tools),
        model=sink.model,
        options=sink.options,
    )


def _parts(item: Item) -> tuple[str | Node, Sequence[Item]]:
    match item:
        case Fiber():
            return item.node, item.content
        case Container():
            return item, item.children
        case _:
            return item, ()


def _add_text(gathered: list[Block], text: str, *, joined: bool) -> None:
    last = gathered[-1] if gathered else None
    if joined and isinstance(last, TextBlock):
        gathered[-1] = TextBlock(last.text + text)
    elif text:
        gathered.append(TextBlock(text))
