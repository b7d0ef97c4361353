"""Cuts growing Markdown into parts that never change again, and the open rest."""

import re
from copy import copy
from dataclasses import dataclass, replace
from typing import Literal

# No part grows beyond this many characters, so that what is rendered again stays small.
PART_LIMIT = 8192
FENCE_LINES = 100

_FENCE = re.compile(r"^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_ITEM = re.compile(r"^( {0,3})([-*+]|\d{1,9}[.)])(?: +|\t|$)")
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:\s|$)")
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_QUOTE = re.compile(r"^ {0,3}>")

PartKind = Literal["markdown", "item", "fence", "plain"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of Markdown that is laid out by itself.

    `gap` asks for an empty line before it. An item has its `number` in an ordered list, else None. A fence has
    its `language`; one that is cut into several has `first` on the first only; `closed` says that no line will
    be added. "plain" is a piece of a line too long to be read as Markdown.
    """

    kind: PartKind
    source: str
    gap: bool = True
    number: int | None = None
    language: str = ""
    first: bool = True
    closed: bool = True


class Splitter:
    """Takes Markdown in pieces, cut anywhere, and gives the parts that are complete.

    `feed` returns the parts that no later text can change; `rest` gives the open ones, as if the text ended with
    `tail`. The parts are the same however the text was cut.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0
        self._kind: PartKind | None = None
        self._gap = False
        self._blank = False
        self._begun = False
        self._line = ""
        self._long = False
        # A fence, at the top or in an item: its marker and indent; an item: its content's indent and its place.
        self._fence: tuple[str, int] | None = None
        self._language = ""
        self._first = True
        self._indent = 0
        self._number: int | None = None
        self._bullet = ""

    def feed(self, text: str) -> list[Part]:
        """Take the next piece of text."""
        done: list[Part] = []
        lines = (self._line + text).split("\n")
        self._line = lines.pop()
        for line in lines:
            self._long_pieces(line, done, ended=True)
        if len(self._line) >= PART_LIMIT:
            self._line = self._long_pieces(self._line, done, ended=False)
        return done

    def rest(self, tail: str = "") -> list[Part]:
        """Give the parts that are still open, the last line included."""
        end = copy(self)
        end._lines = list(self._lines)
        done = end.feed(tail)
        if end._line or end._long:
            end._long_pieces(end._line, done, ended=True)
        end._close(done, closed=False)
        return done

    def _long_pieces(self, line: str, done: list[Part], *, ended: bool) -> str:
        """Cut a line beyond the limit into plain parts; give what is left of it where it has not ended."""
        while len(line) >= PART_LIMIT:
            if not self._long:
                self._close(done)
            done.append(Part("plain", line[:PART_LIMIT], self._take_gap() and not self._long))
            line = line[PART_LIMIT:]
            self._long, self._blank = True, False
        if not ended:
            return line
        if self._long:
            if line:
                done.append(Part("plain", line, gap=False))
            self._long = False
        else:
            self._take(line, done)
        return ""

    def _take(self, line: str, done: list[Part]) -> None:
        """Take one whole line."""
        match self._kind:
            case "fence":
                self._take_code(line, done)
            case "item":
                self._take_in_item(line, done)
            case _:
                self._take_top(line, done)

    def _take_top(self, line: str, done: list[Part]) -> None:
        if not line.strip():
            self._close(done)
            self._blank = True
            return
        fence = _FENCE.match(line)
        item = None if _RULE.match(line) else _ITEM.match(line)
        if fence:
            self._close(done)
            self._begin("fence")
            self._fence = (fence[2], len(fence[1]))
            self._language, self._first = fence[3].strip(), True
        elif item and (self._kind is None or item[2] in "-*+" or item[2] in ("1.", "1)")):
            self._begin_item(line, item, done)
        elif _HEADING.match(line) or self._divides(line):
            self._close(done)
            self._begin("markdown")
            self._add(line, done)
            self._close(done)
        elif self._kind is None or self._interrupts(line):
            self._close(done)
            self._begin("markdown")
            self._add(line, done)
        else:
            self._add(line, done)

    def _divides(self, line: str) -> bool:
        """Whether a line is a rule; beneath a paragraph dashes make a heading of it instead."""
        rule = _RULE.match(line)
        return rule is not None and (rule[1] != "-" or self._kind is None or self._quoted)

    def _interrupts(self, line: str) -> bool:
        """Whether a quote begins at a line."""
        return bool(_QUOTE.match(line)) and not self._quoted

    @property
    def _quoted(self) -> bool:
        return bool(self._lines and _QUOTE.match(self._lines[0]))

    def _begin_item(self, line: str, item: re.Match[str], done: list[Part]) -> None:
        bullet = item[2][-1]
        number = int(item[2][:-1]) if item[2][:-1] else None
        if self._kind == "item" and bullet == self._bullet and self._number is not None:
            number = self._number + 1
        self._close(done)
        self._begin("item")
        self._bullet, self._number = bullet, number
        content = line[item.end() :]
        self._indent = item.end() if content.strip() and item.end() - item.end(2) <= 4 else item.end(2) + 1
        self._watch_fence(content)
        self._add(line, done)

    def _take_in_item(self, line: str, done: list[Part]) -> None:
        if not line.strip():
            if self._fence:
                self._add("", done)
            else:
                self._blank = True
            return
        indent = len(line) - len(line.lstrip(" "))
        if indent >= self._indent:
            if self._blank:
                self._add("", done)
                self._blank = False
            self._watch_fence(line[self._indent :])
            self._add(line, done)
            return
        self._fence = None
        item = None if _RULE.match(line) else _ITEM.match(line)
        if item:
            self._begin_item(line, item, done)
        elif (
            self._blank
            or _FENCE.match(line)
            or _HEADING.match(line)
            or _RULE.match(line)
            or _QUOTE.match(line)
        ):
            self._close(done)
            self._take_top(line, done)
        else:
            self._add(line, done)

    def _watch_fence(self, content: str) -> None:
        """Remember whether an item is inside a fence of its own, where blank lines and bullets are code."""
        found = _FENCE.match(content)
        if self._fence is None:
            self._fence = (found[2], 0) if found else None
        elif found and found[2].startswith(self._fence[0]) and not found[3].strip():
            self._fence = None

    def _take_code(self, line: str, done: list[Part]) -> None:
        assert self._fence is not None
        marker, indent = self._fence
        found = _FENCE.match(line)
        if found and found[2].startswith(marker) and not found[3].strip():
            self._close(done)
            return
        self._lines.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
        self._size += len(line) + 1
        if len(self._lines) >= FENCE_LINES or self._size >= PART_LIMIT:
            fence = self._fence
            self._close(done)
            self._begin("fence")
            self._fence, self._first, self._gap = fence, False, False

    def _begin(self, kind: PartKind) -> None:
        self._kind, self._gap = kind, self._take_gap()

    def _take_gap(self) -> bool:
        gap, self._blank, self._begun = self._blank and self._begun, False, True
        return gap

    def _add(self, line: str, done: list[Part]) -> None:
        self._lines.append(line)
        self._size += len(line) + 1
        if self._size >= PART_LIMIT and self._fence is None:
            self._close(done)

    def _close(self, done: list[Part], *, closed: bool = True) -> None:
        """End the part in progress."""
        if self._kind is None:
            return
        part = Part(self._kind, "\n".join(self._lines), self._gap, closed=closed)
        if self._kind == "fence":
            part = replace(part, language=self._language, first=self._first)
        elif self._kind == "item":
            part = replace(part, number=self._number)
        if part.kind != "fence" or part.first or part.source:
            done.append(part)
        self._kind, self._fence = None, None
        self._lines, self._size = [], 0


def split(text: str) -> list[Part]:
    """Cut a whole text into its parts."""
    splitter = Splitter()
    return [*splitter.feed(text), *splitter.rest()]
