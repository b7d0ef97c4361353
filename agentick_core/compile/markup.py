"""How semantic content is written for the model: as Markdown, or as XML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, Protocol, TypeAlias

Align: TypeAlias = Literal["left", "center", "right"]
InlineKind: TypeAlias = Literal["strong", "em", "code", "mark", "del", "q", "u", "kbd"]
Flavor: TypeAlias = Literal["plain", "gfm"]


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One item of a list, already written; `checked` is None where it is no task."""

    text: str
    checked: bool | None = None


class Markup(Protocol):
    """A way to write semantic content; every text but that of `text`, `image` and `code` is already written."""

    def text(self, text: str) -> str:
        """Write plain text."""
        ...

    def inline(self, kind: InlineKind, text: str) -> str:
        """Write text with a meaning."""
        ...

    def link(self, text: str, href: str) -> str:
        """Write a link."""
        ...

    def image(self, alt: str, url: str) -> str:
        """Write a picture where only text can stand."""
        ...

    def heading(self, level: int, text: str) -> str:
        """Write a heading."""
        ...

    def paragraph(self, text: str) -> str:
        """Write a paragraph."""
        ...

    def blockquote(self, text: str) -> str:
        """Write a quotation."""
        ...

    def listing(self, entries: Sequence[ListEntry], *, ordered: bool) -> str:
        """Write a list."""
        ...

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[Align | None]
    ) -> str:
        """Write a table; the header may be empty."""
        ...

    def code(self, text: str, language: str) -> str:
        """Write a block of code."""
        ...


class MarkdownMarkup:
    """Markdown; `done` and `open` are the marks of tasks."""

    _MARKS: dict[InlineKind, tuple[str, str]] = {  # noqa: RUF012  # a constant
        "strong": ("**", "**"),
        "em": ("*", "*"),
        "code": ("`", "`"),
        "mark": ("==", "=="),
        "del": ("~~", "~~"),
        "q": ('"', '"'),
        "u": ("<u>", "</u>"),
        "kbd": ("<kbd>", "</kbd>"),
    }

    def __init__(self, done: str, open: str) -> None:
        self._done = done
        self._open = open

    def text(self, text: str) -> str:
        """Write plain text as it is."""
        return text

    def inline(self, kind: InlineKind, text: str) -> str:
        """Put the marks of the kind around the text."""
        before, after = self._MARKS[kind]
        return f"{before}{text}{after}"

    def link(self, text: str, href: str) -> str:
        """Write `[text](href)`."""
        return f"[{text}]({href})"

    def image(self, alt: str, url: str) -> str:
        """Write `![alt](url)`."""
        return f"![{alt}]({url})"

    def heading(self, level: int, text: str) -> str:
        """Write as many # as the level."""
        return f"{'#' * level} {text}"

    def paragraph(self, text: str) -> str:
        """Write the text; blank lines around it make the paragraph."""
        return text

    def blockquote(self, text: str) -> str:
        """Put > before each line."""
        return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))

    def listing(self, entries: Sequence[ListEntry], *, ordered: bool) -> str:
        """Write a line for each entry, and indent what follows below it."""
        lines: list[str] = []
        for number, entry in enumerate(entries, 1):
            if entry.checked is not None:
                mark = self._done if entry.checked else self._open
            else:
                mark = f"{number}. " if ordered else "- "
            lines.append(mark + entry.text.replace("\n", "\n" + " " * len(mark)))
        return "\n".join(lines)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[Align | None]
    ) -> str:
        """Write a pipe table whose columns are padded to the widest cell."""
        columns = max((len(row) for row in (header, *rows)), default=0)
        if columns == 0:
            return ""
        cells = [[_cell(row, column) for column in range(columns)] for row in (header, *rows)]
        widths = [max(3, *(len(row[column]) for row in cells)) for column in range(columns)]
        rule = [_rule(width, _nth(aligns, column)) for column, width in enumerate(widths)]
        lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells]
        return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))

    def code(self, text: str, language: str) -> str:
        """Write a fenced block, with a fence longer than any in the text."""
        fence = "```"
        while fence in text:
            fence += "`"
        return f"{fence}{language}\n{text}\n{fence}"


class XmlMarkup:
    """XML, with the element names of HTML; text is escaped."""

    def text(self, text: str) -> str:
        """Escape the text."""
        return escape(text, quote=False)

    def inline(self, kind: InlineKind, text: str) -> str:
        """Put the element of the kind around the text."""
        return f"<{kind}>{text}</{kind}>"

    def link(self, text: str, href: str) -> str:
        """Write an `a` element."""
        return f'<a href="{escape(href)}">{text}</a>'

    def image(self, alt: str, url: str) -> str:
        """Write an `img` element."""
        return f'<img src="{escape(url)}" alt="{escape(alt)}"/>'

    def heading(self, level: int, text: str) -> str:
        """Write an `h1` to `h6` element."""
        return f"<h{level}>{text}</h{level}>"

    def paragraph(self, text: str) -> str:
        """Write a `p` element."""
        return f"<p>{text}</p>"

    def blockquote(self, text: str) -> str:
        """Write a `blockquote` element."""
        return f"<blockquote>{text}</blockquote>"

    def listing(self, entries: Sequence[ListEntry], *, ordered: bool) -> str:
        """Write an `ol` or `ul` element."""
        name = "ol" if ordered else "ul"
        items = "\n".join(f"<li{_checked(entry)}>{entry.text}</li>" for entry in entries)
        return f"<{name}>\n{items}\n</{name}>"

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[Align | None]
    ) -> str:
        """Write a `table` element."""
        lines = [_xml_row("th", header, aligns)] if header else []
        lines += [_xml_row("td", row, aligns) for row in rows]
        return "<table>\n" + "\n".join(lines) + "\n</table>"

    def code(self, text: str, language: str) -> str:
        """Write `pre` and `code` elements."""
        attribute = f' class="language-{escape(language)}"' if language else ""
        return f"<pre><code{attribute}>{escape(text, quote=False)}</code></pre>"


MARKDOWN: Markup = MarkdownMarkup("✓ ", "○ ")
GFM: Markup = MarkdownMarkup("[x] ", "[ ] ")
XML: Markup = XmlMarkup()


def collapsed_tag(name: str, group: str | None, summary: str) -> str:
    """Write the mark of shortened content around its summary, which is already written; in any markup."""
    in_group = f' group="{escape(group)}"' if group else ""
    return f'<collapsed name="{escape(name)}"{in_group}>{summary}</collapsed>'


def _cell(row: Sequence[str], column: int) -> str:
    text = row[column] if column < len(row) else ""
    return text.replace("|", "\\|").replace("\n", " ")


def _nth(aligns: Sequence[Align | None], column: int) -> Align | None:
    return aligns[column] if column < len(aligns) else None


def _rule(width: int, align: Align | None) -> str:
    match align:
        case "left":
            return ":" + "-" * (width - 1)
        case "right":
            return "-" * (width - 1) + ":"
        case "center":
            return ":" + "-" * (width - 2) + ":"
        case None:
            return "-" * width


def _checked(entry: ListEntry) -> str:
    return "" if entry.checked is None else f' checked="{str(entry.checked).lower()}"'


def _xml_row(name: str, cells: Sequence[str], aligns: Sequence[Align | None]) -> str:
    written: list[str] = []
    for column, cell in enumerate(cells):
        align = _nth(aligns, column)
        attribute = f' align="{align}"' if align else ""
        written.append(f"<{name}{attribute}>{cell}</{name}>")
    return f"<tr>{''.join(written)}</tr>"
