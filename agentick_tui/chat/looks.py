"""The styles of the transcript, made from a palette."""

from dataclasses import dataclass
from functools import lru_cache

from rich.style import Style

from agentick_tui.theme import Palette


@dataclass(frozen=True, slots=True)
class Looks:
    """A style for each thing a line can be made of. State is carried by words and glyphs too, never by these alone."""

    palette: Palette
    ground: Style
    text: Style
    strong: Style
    muted: Style
    faint: Style
    user: Style
    user_text: Style
    accent: Style
    heading: Style
    code: Style
    code_block: Style
    code_label: Style
    quote: Style
    link: Style
    success: Style
    warning: Style
    error: Style
    selected: Style


@lru_cache(maxsize=8)
def looks_of(palette: Palette) -> Looks:
    """Make the styles of a palette; without colours, bold, dim, italic and underline are what is left."""
    plain = not palette.text and not palette.user
    return Looks(
        palette=palette,
        ground=_style(palette.text, palette.background),
        text=_style(palette.text),
        strong=_style(palette.text, bold=True),
        muted=_style(palette.muted, dim=not palette.muted),
        faint=_style(palette.faint, dim=not palette.faint),
        user=_style(palette.user, bold=True),
        user_text=_style(palette.text, palette.surface, bold=not palette.surface),
        accent=_style(palette.accent),
        heading=_style(palette.accent, bold=True),
        code=_style(palette.accent, palette.code_background),
        code_block=_style(palette.text, palette.code_background),
        code_label=_style(palette.muted, palette.code_background, dim=not palette.muted),
        quote=_style(palette.muted, italic=True, dim=not palette.muted),
        link=_style(palette.user, underline=True),
        success=_style(palette.success),
        warning=_style(palette.warning),
        error=_style(palette.error, bold=plain),
        selected=Style(reverse=True) if plain or palette.ansi else _style("", palette.selection),
    )


def _style(
    color: str,
    background: str = "",
    *,
    bold: bool = False,
    italic: bool = False,
    underline: bool = False,
    dim: bool = False,
) -> Style:
    return Style(
        color=colour(color),
        bgcolor=colour(background),
        bold=bold or None,
        italic=italic or None,
        underline=underline or None,
        dim=dim or None,
    )


def colour(name: str) -> str | None:
    """Give a palette's colour as Rich names it; None is the terminal's own."""
    return name.removeprefix("ansi_") or None
