"""From rendered fibers to what the model shall see: nodes tell what they add, in tree order."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from agentick_core.compile.compiled import CompiledTool, CompiledTree, Owners
from agentick_core.compile.markup import MARKDOWN, MarkdownMarkup, Markup
from agentick_core.compile.render import PASSED_ON, block_text
from agentick_core.errors import ComponentError
from agentick_core.messages.blocks import Block, ImageBlock, TextBlock, text_of
from agentick_core.messages.compiled import CompiledEphemeral, CompiledSection, SectionPosition
from agentick_core.messages.request import ModelOptions
from agentick_core.tree.container import Container
from agentick_core.tree.element import Element
from agentick_core.tree.fiber import Fiber, Item
from agentick_core.tree.node import Child, Node, ToolNode

if TYPE_CHECKING:
    from agentick_core.compile.transformation import MessageTransformation
    from agentick_core.messages.message import Message

Flow: TypeAlias = Literal["block", "text", "inline"]


class Part(Container):
    """A node that adds something to the context: a message, a section, an option."""

    __slots__ = ()

    def collect(self, items: Sequence[Item], sink: "Collector") -> None:
        """Add what this node stands for; `items` are its rendered children."""
        sink.visit(items)


class Phrase(Container):
    """A node that stands for text; an inline phrase is joined with what stands beside it, and one that is
    `fluent` is so inside of another phrase, where others begin and end a line."""

    __slots__ = ()
    inline: bool = False
    fluent: bool = False

    def to_text(self, items: Sequence[Item], sink: "Collector") -> str:
        """Write the text; `items` are the rendered children."""
        return sink.inline(items)


class Content(Container):
    """A node that stands for one block, or for its children where it has any."""

    __slots__ = ("block",)

    def __init__(self, block: Block, instead: Child = None) -> None:
        super().__init__(instead)
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
        self.transformation: MessageTransformation | None = None
        self._as_text = False
        self._owner = ""
        self._owned: dict[str, list[str]] = {"system": [], "messages": [], "ephemeral": [], "tools": []}
        self._sections: dict[str, str] = {}

    @property
    def owners(self) -> Owners:
        """Which component added what."""
        return Owners(
            **{name: tuple(owners) for name, owners in self._owned.items()}, sections=dict(self._sections)
        )

    def visit(self, items: Sequence[Item]) -> None:
        """Let every node among the items add what it stands for; loose text and content are left out."""
        self.blocks(items)

    def blocks(self, items: Sequence[Item]) -> tuple[Block, ...]:
        """Give the content among the items as blocks; let the other nodes add what they stand for."""
        return self._gathered(items, as_text=False)

    def text(self, items: Sequence[Item]) -> str:
        """Give the content among the items as one text, its blocks apart by blank lines."""
        return text_of(self._gathered(items, as_text=True))

    def _gathered(self, items: Sequence[Item], *, as_text: bool) -> tuple[Block, ...]:
        """Give the content as blocks; with `as_text` each is written where it stands, in the markup of that place."""
        before, self._as_text = self._as_text, as_text
        gathered = self._blocks(items)
        self._as_text = before
        return gathered

    def _blocks(self, items: Sequence[Item]) -> tuple[Block, ...]:
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
                case Content() if not node.children:
                    gathered.append(self._written(node.block))
                    before = "block"
                case _:
                    gathered += self._other(item, node, children)
                    before = "block"
        return tuple(gathered)

    def inline(self, items: Sequence[Item]) -> str:
        """Give the content among the items as one text: what is fluent without anything between, and everything
        else on lines of its own."""
        written: list[str] = []
        flows = True
        for text, fluent in self._pieces(items):
            if not text:
                continue
            apart = written and not (flows and fluent)
            if apart and not written[-1].endswith("\n") and not text.startswith("\n"):
                written.append("\n")
            written.append(text)
            flows = fluent
        return "".join(written)

    def _pieces(self, items: Sequence[Item]) -> Iterator[tuple[str, bool]]:
        """Give the texts among the items, and whether each is fluent."""
        for item in items:
            node, children = _parts(item)
            match node:
                case str():
                    yield self.markup.text(node), True
                case Phrase():
                    yield node.to_text(children, self), node.inline or node.fluent
                case Content() if not node.children:
                    yield block_text(node.block, self.markup), isinstance(node.block, ImageBlock)
                case Part() | ToolNode():
                    self._other(item, node, children)
                case _:
                    outer = self._enter(node)
                    yield from self._pieces(children)
                    self._owner, self.markup = outer

    def add_section(self, section: CompiledSection) -> None:
        """Add a section; the text of a second one of the same id follows that of the first."""
        known = self.sections.get(section.id)
        if known is not None:
            text = "\n\n".join(part for part in (known.text, section.text) if part)
            section = replace(known, text=text)
        self.sections[section.id] = section
        self._sections.setdefault(section.id, self._owner)

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
                self._sign()
                return ()
            case ToolNode():
                self._add_tool(item, node)
                return ()
            case _:
                outer = self._enter(node)
                gathered = self._blocks(children)
                self._owner, self.markup = outer
                return gathered

    def _enter(self, node: Node) -> tuple[str, Markup]:
        """Collect what is below this node, which owns it or says its markup; give what held before."""
        outer = self._owner, self.markup
        match node:
            case Element():
                self._owner = node.name
            case MarkupScope():
                self.markup = node.markup
            case _:
                pass
        return outer

    def _sign(self) -> None:
        """Note the owner of all that was added and has none yet."""
        for name, owners in self._owned.items():
            owners.extend([self._owner] * (len(getattr(self, name)) - len(owners)))

    def _add_tool(self, item: Item, node: ToolNode) -> None:
        if not isinstance(item, Fiber):
            self.tools.append(CompiledTool(node))
            self._sign()
            return
        self.tools.append(CompiledTool(node, item.deps))
        self._sign()
        before, self._owner = self._owner, node.name
        with self.within("end"):
            if text := self.text(item.content):
                self.add_section(CompiledSection(id=node.name, text=text, position="end"))
        self._owner = before

    def _written(self, block: Block) -> Block:
        stays = isinstance(block, PASSED_ON) and not isinstance(block, TextBlock)
        if not self._as_text and (stays or isinstance(self.markup, MarkdownMarkup)):
            return block
        return TextBlock(block_text(block, self.markup))


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
        transformation=sink.transformation,
        owners=replace(sink.owners, tools=sink.owners.tools[: len(tools)]),
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
