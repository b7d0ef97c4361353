"""A theme: the colours of the screen by what they mean, and the files they are read from."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentick_core.errors import NotFoundError, ValidationError

if TYPE_CHECKING:
    from textual.theme import Theme

DARK = "agentick-dark"
LIGHT = "agentick-light"

_COLOUR = re.compile(
    r"#[0-9a-fA-F]{6}|ansi_default|ansi_(bright_)?(black|red|green|yellow|blue|magenta|cyan|white)|"
)
_SWITCHES = frozenset(("dark", "ansi"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of one theme, as "#rrggbb" or an ANSI name such as "ansi_blue"; "" is the terminal's own.

    `text` on `background` is what is read, `muted` what is read second, `faint` what only separates. `user`
    and `accent` mark who speaks; `success`, `warning` and `error` are states and never stand alone.
    `code_style` is the name of a Pygments style.
    """

    name: str
    dark: bool = True
    ansi: bool = False
    background: str = "#14171c"
    surface: str = "#1a1e25"
    panel: str = "#232833"
    border: str = "#3b4250"
    text: str = "#e3e7ee"
    muted: str = "#a3adbd"
    faint: str = "#626d7f"
    accent: str = "#4fd6a2"
    user: str = "#8ab8ff"
    success: str = "#6bd68f"
    warning: str = "#f0bd62"
    error: str = "#ff8a80"
    code_background: str = "#1a1e25"
    selection: str = "#263b5c"
    diff_add: str = "#1c3a2b"
    diff_remove: str = "#472528"
    code_style: str = "github-dark"


class ThemeError(ValidationError):
    """A theme's file cannot be used; the message begins with the file."""

    title = "The theme is wrong"
    code = "THEME_ERROR"


def shipped_themes() -> Path:
    """Give the folder of the themes that come with agentick: in the wheel, or beside a checkout's package."""
    package = Path(__file__).parent
    inside = package / "themes"
    return inside if inside.is_dir() else package.parent / "themes"


def theme_names(own: Path | None = None) -> tuple[str, ...]:
    """List the names of the shipped themes and of those in the user's own folder, sorted."""
    folders = [shipped_themes()]
    if own is not None and own.is_dir():
        folders.append(own)
    return tuple(
        sorted(
            {
                file.name.removesuffix(".toml")
                for folder in folders
                for file in folder.iterdir()
                if file.name.endswith(".toml") and file.is_file()
            }
        )
    )


def load_theme(name: str, own: Path | None = None) -> Palette:
    """Read the theme of that name; the user's own go over the shipped.

    Raises `NotFoundError` naming what there is, and `ThemeError` where the file is wrong.
    """
    if name not in theme_names(own):
        raise NotFoundError(f"Unknown theme: {name}", hint=f"There are: {', '.join(theme_names(own))}.")
    mine = own.joinpath(f"{name}.toml") if own is not None else None
    if mine is None or not mine.is_file():
        shipped = shipped_themes().joinpath(f"{name}.toml")
        return parse_theme(name, shipped.read_text(encoding="utf-8"), place=f"{name}.toml")
    try:
        text = mine.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeError(f"{mine}: cannot be read: {error}") from error
    palette = parse_theme(name, text, place=str(mine))
    _check_style(palette.code_style, str(mine))
    return palette


def is_colourless(environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether no colours are wanted: `NO_COLOR` is set."""
    return "NO_COLOR" in environ


def for_terminal(palette: Palette, environ: Mapping[str, str] = os.environ) -> Palette:
    """Take the colours off a palette where none are wanted; bold, reverse and underline carry what they said."""
    if not is_colourless(environ):
        return palette
    kept = {"name", "code_style", *_SWITCHES}
    return replace(
        palette, ansi=True, **{field.name: "" for field in fields(palette) if field.name not in kept}
    )


def parse_theme(name: str, text: str, *, place: str = "theme") -> Palette:
    """Make a palette of a theme's TOML text; what it leaves out comes from our theme of the same lightness."""
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{place}: not TOML: {error}") from error
    for key, value in values.items():
        _check(key, value, place)
    light = values.get("dark") is False and name != LIGHT
    return replace(load_theme(LIGHT) if light else Palette(name=name), name=name, **values)


def to_textual(palette: Palette) -> "Theme":
    """Translate the palette for Textual; every colour is also a style variable, such as `$muted`."""
    from textual.theme import Theme

    def own(colour: str) -> str:
        return colour or "ansi_default"

    return Theme(
        name=palette.name,
        dark=palette.dark,
        ansi=palette.ansi,
        primary=own(palette.accent),
        secondary=own(palette.user),
        accent=own(palette.accent),
        foreground=own(palette.text),
        background=own(palette.background),
        surface=own(palette.surface),
        panel=own(palette.panel),
        success=own(palette.success),
        warning=own(palette.warning),
        error=own(palette.error),
        variables={name: own(colour) for name, colour in _variables(palette).items()},
    )


def _variables(palette: Palette) -> Mapping[str, str]:
    """Give the style variables: our own names, and those of Textual's that a theme may set."""
    return {
        "ansi-background": palette.background,
        "ansi-foreground": palette.text,
        "text": palette.text,
        "text-muted": palette.muted,
        "text-disabled": palette.faint,
        "muted": palette.muted,
        "faint": palette.faint,
        "user": palette.user,
        "border": palette.border,
        "border-blurred": palette.border,
        "selection": palette.selection,
        "code-background": palette.code_background,
        "diff-add": palette.diff_add,
        "diff-remove": palette.diff_remove,
        "foreground-muted": palette.muted,
        "input-selection-background": palette.selection,
        "screen-selection-background": palette.selection,
        "scrollbar": palette.border,
        "scrollbar-hover": palette.faint,
        "scrollbar-active": palette.muted,
        "scrollbar-background": palette.background,
        "scrollbar-corner-color": palette.background,
    }


def _check(key: str, value: object, place: str) -> None:
    known = sorted(field.name for field in fields(Palette) if field.name != "name")
    if key not in known:
        raise ThemeError(f"{place}: unknown key {key!r}", hint=f"There are: {', '.join(known)}.")
    if key in _SWITCHES:
        if not isinstance(value, bool):
            raise ThemeError(f"{place}: {key} must be true or false, not {value!r}")
    elif not isinstance(value, str):
        raise ThemeError(f"{place}: {key} must be text, not {value!r}")
    elif key != "code_style" and not _COLOUR.fullmatch(value):
        raise ThemeError(
            f"{place}: {key} is not a colour: {value!r}", hint='Write "#rrggbb", "ansi_blue", or "" for none.'
        )


def _check_style(style: str, place: str) -> None:
    from pygments.styles import get_all_styles

    known = sorted(get_all_styles())
    if style not in known:
        raise ThemeError(
            f"{place}: there is no Pygments style {style!r}", hint=f"There are: {', '.join(known)}."
        )
