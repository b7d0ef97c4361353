"""One part of Markdown as rows: parsed by markdown-it, laid out here."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.style import Style

from agentick_tui.chat.code import code_rows, label_row
from agentick_tui.chat.inline import inline_spans
from agentick_tui.chat.looks import Looks
from agentick_tui.chat.rows import BLANK, Row, Span, prefixed, wrap
from agentick_tui.chat.table import Align, Cell, table_rows
from agentick_tui.sanitize import flow
from agentick_tui.transcript.split import Part

_TASK = re.compile(r"^\[([ xX])\] ")
# What is nested deeper is drawn as it was written: the parser would leave it out.
_NESTING = 24
_BULLETS = ("•", "◦", "▪")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block of Markdown stands: the lines of the source, the width, the prefixes of the first and the other
    rows, the style."""

    lines: tuple[str, ...]
    width: int
    looks: Looks
    first: tuple[Span, ...] = ()
    rest: tuple[Span, ...] = ()
    style: Style = field(default_factory=Style.null)
    depth: int = 0

    def inside(self, first: Span, rest: Span, *, style: Style | None = None, deeper: int = 0) -> "_Place":
        """Give the place behind another prefix; the prefixes never take more than half of the width."""
        if sum([len(text) for text, _ in (*self.rest, rest)]) > self.width // 2:
            return replace(self, style=style or self.style, depth=self.depth + deeper)
        return replace(
            self,
            first=(*self.first, first),
            rest=(*self.rest, rest),
            style=style or self.style,
            depth=self.depth + deeper,
        )

    def next(self) -> "_Place":
        """Give the place of what follows: only the first row has the first prefix."""
        return replace(self, first=self.rest)

    def blank_before(self, token: Token) -> bool:
        """Whether the source has an empty line before a block."""
        return token.map is not None and token.map[0] > 0 and not self.lines[token.map[0] - 1].strip(" \t>")


def part_rows(part: Part, width: int, looks: Looks) -> list[Row]:
    """Lay one part out; the empty line before it is the caller's."""
    match part.kind:
        case "fence":
            rows = [label_row(part.language, width, looks)] if part.first and part.language else []
            return rows + code_rows(part.source, part.language, closed=part.closed, width=width, looks=looks)
        case "plain":
            return wrap([(part.source, looks.text)], width)
        case "markdown" | "item":
            tokens = _parser().parse(part.source)
            if any(token.level >= _NESTING - 1 for token in tokens):
                return wrap([(part.source, looks.text)], width)
            place = _Place(tuple(part.source.split("\n")), width, looks, style=looks.text)
            return _blocks(iter(tokens), place, "", part.number)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": _NESTING}).enable(
        ["table", "strikethrough"]
    )


def _blocks(tokens: Iterator[Token], place: _Place, until: str, number: int | None = None) -> list[Row]:
    """Lay blocks out up to the closing token. `number` is that of a first list's first item."""
    rows: list[Row] = []
    for token in tokens:
        if token.type == until:
            break
        made = _block(token, tokens, place, number)
        if rows and made and place.blank_before(token):
            rows.append(_blank(place))
        rows.extend(made)
        place = place.next() if made else place
    return rows


def _block(token: Token, tokens: Iterator[Token], place: _Place, number: int | None) -> list[Row]:
    looks = place.looks
    match token.type:
        case "heading_open":
            style = looks.heading + Style(underline=True) if token.tag == "h1" else looks.heading
            return _text(next(tokens), tokens, replace(place, style=style))
        case "paragraph_open":
            return _text(next(tokens), tokens, place)
        case "blockquote_open":
            bar = ("▎ ", looks.faint)
            return _blocks(tokens, place.inside(bar, bar, style=looks.quote), "blockquote_close")
        case "bullet_list_open":
            return _list(tokens, place, None, "bullet_list_close")
        case "ordered_list_open":
            start = number if number is not None else int(token.attrGet("start") or 1)
            return _list(tokens, place, start, "ordered_list_close")
        case "table_open":
            return prefixed(_table(tokens, place), place.first, place.rest)
        case "fence" | "code_block":
            return prefixed(_code(token, place), place.first, place.rest)
        case "hr":
            return prefixed(_rule(place), place.first, place.rest)
        case _:
            return wrap([(token.content, place.style)], place.width, first=place.first, rest=place.rest)


def _text(inline: Token, tokens: Iterator[Token], place: _Place) -> list[Row]:
    next(tokens)
    spans = inline_spans(inline.children or [], place.style, place.looks)
    return wrap(spans, place.width, first=place.first, rest=place.rest)


def _list(tokens: Iterator[Token], place: _Place, number: int | None, until: str) -> list[Row]:
    rows: list[Row] = []
    for token in tokens:
        if token.type == until:
            break
        if rows and place.blank_before(token):
            rows.append(_blank(place))
        marker = _BULLETS[place.depth % len(_BULLETS)] if number is None else f"{number}."
        number = None if number is None else number + 1
        body = list(_until_close(tokens))
        marker = _task(body) or marker
        indent = (" " * (len(marker) + 1), place.looks.muted)
        inner = place.inside((f"{marker} ", place.looks.accent), indent, deeper=1)
        rows.extend(
            _blocks(iter(body), inner, "") or wrap([("", place.style)], place.width, first=inner.first)
        )
        place = place.next()
    return rows


def _until_close(tokens: Iterator[Token]) -> Iterator[Token]:
    """Give the tokens of one list item."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type.startswith("list_item") else 0
        if depth < 0:
            return
        yield token


def _task(body: Sequence[Token]) -> str:
    """Take the box off a task, and give the glyph for it."""
    inline = body[1] if len(body) > 1 and body[1].type == "inline" else None
    children = inline.children if inline else None
    found = _TASK.match(children[0].content) if children else None
    if not children or not found:
        return ""
    children[0].content = children[0].content[found.end() :]
    return "☐" if found[1] == " " else "☑"


def _table(tokens: Iterator[Token], place: _Place) -> list[Row]:
    looks = place.looks
    lines: list[list[Cell]] = []
    aligns: list[Align] = []
    for token in tokens:
        match token.type:
            case "table_close":
                break
            case "tr_open":
                lines.append([])
            case "th_open":
                style = str(token.attrGet("style") or "")
                aligns.append(cast("Align", style.rpartition(":")[2] or "left"))
            case "inline":
                base = looks.strong if len(lines) == 1 else place.style
                lines[-1].append(inline_spans(token.children or [], base, looks))
            case _:
                pass
    return table_rows(lines, aligns, _inner(place), looks)


def _code(token: Token, place: _Place) -> list[Row]:
    width = _inner(place)
    language = flow(token.info.strip())
    rows = [label_row(language, width, place.looks)] if language else []
    source = token.content.removesuffix("\n")
    return rows + code_rows(source, language, closed=True, width=width, looks=place.looks)


def _rule(place: _Place) -> list[Row]:
    return wrap([("─" * _inner(place), place.looks.faint)], _inner(place))


def _inner(place: _Place) -> int:
    return max(4, place.width - sum([len(text) for text, _ in place.rest]))


def _blank(place: _Place) -> Row:
    if not any(text.strip() for text, _ in place.rest):
        return BLANK
    return wrap([("", place.style)], place.width, first=place.rest)[0]
