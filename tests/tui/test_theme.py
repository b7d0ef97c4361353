"""Themes: what ships can be read, and what is wrong with a file is said."""

from dataclasses import fields
from itertools import product
from pathlib import Path

import pytest
from pygments.styles import get_style_by_name  # pyright: ignore[reportUnknownVariableType]  # Pygments leaves it untyped
from textual.app import App

from agentick_core.errors import NotFoundError
from agentick_tui.theme import (
    DARK,
    LIGHT,
    Palette,
    ThemeError,
    for_terminal,
    load_theme,
    parse_theme,
    theme_names,
    to_textual,
)

READ = ("text", "muted", "accent", "user", "success", "warning", "error")
GROUNDS = ("background", "surface", "panel")
LEGIBLE = 4.5
VISIBLE = 3.0
# A theme of the terminal's colours is as legible as the terminal makes it.
OWN_COLOURS = [name for name in theme_names() if not load_theme(name).ansi]


def luminance(colour: str) -> float:
    """Give the relative luminance of WCAG 2.2."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", OWN_COLOURS)
def test_a_shipped_theme_is_legible_on_every_ground(name: str) -> None:
    palette = load_theme(name)
    low = [
        (colour, ground, contrast(getattr(palette, colour), getattr(palette, ground)))
        for colour, ground in product(READ, GROUNDS)
        if contrast(getattr(palette, colour), getattr(palette, ground)) < LEGIBLE
    ]
    assert not low


@pytest.mark.parametrize("name", OWN_COLOURS)
def test_text_is_legible_on_a_selection_and_in_a_diff(name: str) -> None:
    palette = load_theme(name)
    for ground in (palette.selection, palette.diff_add, palette.diff_remove):
        assert contrast(palette.text, ground) >= LEGIBLE
        assert contrast(palette.muted, ground) >= LEGIBLE


@pytest.mark.parametrize("name", OWN_COLOURS)
def test_what_only_separates_can_still_be_seen(name: str) -> None:
    palette = load_theme(name)
    assert contrast(palette.faint, palette.background) >= VISIBLE


@pytest.mark.parametrize("name", OWN_COLOURS)
def test_code_is_legible_on_its_ground(name: str) -> None:
    palette = load_theme(name)
    style = get_style_by_name(palette.code_style)
    colours = {token["color"] for kind, token in style if token["color"] and "Whitespace" not in str(kind)}
    assert not [c for c in colours if contrast(f"#{c}", palette.code_background) < LEGIBLE]


def test_a_dark_and_a_light_theme_ship() -> None:
    assert {DARK, LIGHT} <= set(theme_names())
    assert load_theme(DARK).dark
    assert not load_theme(LIGHT).dark


def test_the_palette_without_a_file_is_the_dark_theme() -> None:
    assert load_theme(DARK) == Palette(name=DARK)


@pytest.mark.parametrize("palette", [load_theme(name) for name in theme_names()], ids=theme_names())
async def test_textual_takes_the_theme_and_its_variables(palette: Palette) -> None:
    app: App[None] = App()
    async with app.run_test():
        app.register_theme(to_textual(palette))
        app.theme = palette.name
        variables = app.get_css_variables()
        assert variables["muted"] == (palette.muted or "ansi_default")
        assert variables["background"].lower() == (palette.background or "ansi_default")
        assert app.current_theme.dark is palette.dark


def test_the_terminals_own_colours_are_taken_by_textual() -> None:
    theme = to_textual(Palette(name="own", ansi=True, text="", background="", panel="ansi_black"))
    assert theme.variables["text"] == "ansi_default"
    assert theme.to_color_system().generate()


def test_a_theme_of_the_users_own_is_found_and_goes_over_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('accent = "#ff00ff"\n')
    (tmp_path / f"{DARK}.toml").write_text('accent = "#00ffff"\n')
    assert "mine" in theme_names(tmp_path)
    assert load_theme("mine", tmp_path).accent == "#ff00ff"
    assert load_theme(DARK, tmp_path).accent == "#00ffff"
    assert load_theme(LIGHT, tmp_path) == load_theme(LIGHT)


def test_what_a_light_theme_leaves_out_is_light() -> None:
    mine = parse_theme("mine", "dark = false")
    assert mine.background == load_theme(LIGHT).background
    assert mine.name == "mine"


@pytest.mark.parametrize("name", ["nope", "../themes/agentick-dark", ""])
def test_an_unknown_theme_names_those_there_are(name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        load_theme(name)
    assert DARK in caught.value.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('accent = "red"', "mine.toml: accent is not a colour: 'red'"),
        ("accent = 3", "mine.toml: accent must be text"),
        ("dark = 'yes'", "mine.toml: dark must be true or false"),
        ('colour = "#ffffff"', "mine.toml: unknown key 'colour'"),
        ('accent = "#ffffff', "mine.toml: not TOML"),
        ('code_style = "pretty"', "mine.toml: there is no Pygments style 'pretty'"),
    ],
)
def test_a_broken_theme_says_what_is_wrong(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(ThemeError) as caught:
        load_theme("mine", tmp_path)
    assert says in caught.value.message


def test_a_theme_that_cannot_be_decoded_says_so(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ThemeError, match="cannot be read"):
        load_theme("mine", tmp_path)


def test_the_terminals_own_colours_are_a_theme_that_says_no_other() -> None:
    palette = load_theme("ansi")
    assert palette.ansi
    said = [
        getattr(palette, field.name) for field in fields(palette) if field.name not in ("name", "code_style")
    ]
    assert all(value == "" or value.startswith("ansi_") for value in said if isinstance(value, str))


def test_no_color_takes_every_colour_off_a_theme() -> None:
    palette = load_theme(LIGHT)
    assert for_terminal(palette, {}) is palette
    bare = for_terminal(palette, {"NO_COLOR": "1"})
    assert bare.ansi
    assert not bare.dark
    colours = {field.name for field in fields(bare)} - {"name", "dark", "ansi", "code_style"}
    assert {getattr(bare, name) for name in colours} == {""}


def test_a_colour_that_no_terminal_knows_is_refused() -> None:
    with pytest.raises(ThemeError, match="not a colour"):
        parse_theme("mine", 'accent = "ansi_mauve"')


def test_a_folder_with_a_themes_name_is_no_theme(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").mkdir()
    assert "mine" not in theme_names(tmp_path)
