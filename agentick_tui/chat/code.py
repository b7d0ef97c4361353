"""Source code as rows: highlighted, wrapped, on its own ground."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from rich.style import Style

from agentick_tui.chat.looks import Looks, colour
from agentick_tui.chat.rows import Fill, Row, Span, plain_row, wrap
from agentick_tui.theme import Palette

# A longer line is drawn plain: some grammars take time that grows with the square of a line.
LINE_LIMIT = 1000


def code_rows(source: str, language: str, *, closed: bool, width: int, looks: Looks) -> list[Row]:
    """Lay code out. While a fence is open each line is highlighted by itself, so that the ones above stay as they
    are; once it is closed, as a whole."""
    lines = source.split("\n")
    if closed and all(len(line) <= LINE_LIMIT for line in lines):
        fill = Fill(looks.code_block, 1)
        return [
            row
            for line in _highlighted(source, language, looks.palette)
            for row in wrap(line or [("", looks.code_block)], width, rest=(), fill=fill)
        ]
    return [
        row for line in lines for row in _line_rows(line, language, width, looks.palette, looks.code_block)
    ]


def label_row(language: str, width: int, looks: Looks) -> Row:
    """Make the row above a block of code that names its language."""
    name = _name(language)[: width - 2]
    row = plain_row([(f" {name}".ljust(width), looks.code_label)])
    return Row(row.segments, width, "", width)


def _name(language: str) -> str:
    """Give the first word of a fence's info string."""
    return language.partition(" ")[0].strip("{}.")


@lru_cache(maxsize=512)
def _line_rows(line: str, language: str, width: int, palette: Palette, ground: Style) -> tuple[Row, ...]:
    spans: list[Span] = [(line, ground)]
    if len(line) <= LINE_LIMIT:
        spans = next(iter(_highlighted(line, language, palette)), spans)
    return tuple(wrap(spans or [("", ground)], width, fill=Fill(ground, 1)))


def _highlighted(source: str, language: str, palette: Palette) -> list[list[Span]]:
    """Give the spans of each line."""
    styles = _styles(palette)
    lines: list[list[Span]] = [[]]
    lexer = _lexer(_name(language).lower())
    tokens = lexer.get_tokens(source) if lexer is not None else [(None, source)]
    for token, text in tokens:
        style = styles(token)
        for number, piece in enumerate(text.split("\n")):
            if number:
                lines.append([])
            if piece:
                lines[-1].append((piece, style))
    return lines


@lru_cache(maxsize=64)
def _lexer(language: str) -> Any:
    """Find the grammar of a language; None draws it plain."""
    if language not in _languages():
        return None
    import pygments.lexers

    return cast("Any", pygments.lexers).get_lexer_by_name(language, stripnl=False, ensurenl=False)


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    """Give the names Pygments itself knows: for any other it would search the files of every installed package."""
    import pygments.lexers

    known = cast("Any", pygments.lexers).get_all_lexers(plugins=False)
    return frozenset([alias for _, aliases, _, _ in known for alias in aliases])


@lru_cache(maxsize=8)
def _styles(palette: Palette) -> Callable[[Any], Style]:
    """Give the function from a token's kind to its style."""
    ground = Style(color=colour(palette.text), bgcolor=colour(palette.code_background))
    known: dict[Any, Style] = {None: ground}
    named = _by_meaning(palette) if palette.ansi or not palette.text else _by_style(palette.code_style)

    def style_of(token: Any) -> Style:
        style = known.get(token)
        if style is None:
            style = known[token] = ground + named(token)
        return style

    return style_of


def _by_style(name: str) -> Callable[[Any], Style]:
    import pygments.styles

    styles = cast("Any", pygments.styles)
    style = styles.get_style_by_name(name if name in styles.STYLE_MAP else "default")

    def style_of(token: Any) -> Style:
        found = style.style_for_token(token)
        return Style(
            color=f"#{found['color']}" if found["color"] else None,
            bold=found["bold"] or None,
            italic=found["italic"] or None,
        )

    return style_of


def _by_meaning(palette: Palette) -> Callable[[Any], Style]:
    """Use the palette's own colours, where Pygments' would be other than the terminal's."""
    from pygments.token import Comment, Keyword, Name, Number, String

    kinds = (
        (Comment, Style(color=colour(palette.muted), italic=True)),
        (Keyword, Style(color=colour(palette.accent), bold=True)),
        (String, Style(color=colour(palette.success))),
        (Number, Style(color=colour(palette.warning))),
        (Name.Function, Style(color=colour(palette.user))),
        (Name.Class, Style(color=colour(palette.user))),
    )

    def style_of(token: Any) -> Style:
        return next((style for kind, style in kinds if token in kind), Style.null())

    return style_of
