"""From the SVG of a screen to a PNG: one font, found on this machine, and a frame in the theme's own colours."""

import re
from collections.abc import Iterable
from pathlib import Path

from resvg_py import svg_to_bytes

from agentick_core import AgentickError
from agentick_tui.theme import Palette

FONT = "DejaVu Sans Mono"
# The last one has the few signs that the others lack.
FACES = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf", "DejaVuSansMono-Oblique.ttf", "DejaVuSans.ttf")
# As high as a row, so that the lines of tables and frames have no gaps.
FONT_SIZE = "21px"
FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)


class MissingFontError(AgentickError):
    """The font that the pictures are set in is not installed."""

    title = "A font is missing"


def find_faces(folders: Iterable[str] = FONT_FOLDERS) -> list[str]:
    """Give the files of the font.

    Raises:
        MissingFontError: one of them is in none of the folders.
    """
    found = {
        path.name: str(path)
        for folder in folders
        for path in sorted(Path(folder).expanduser().rglob("DejaVuSans*.ttf"))
    }
    missing = [face for face in FACES if face not in found]
    if missing:
        raise MissingFontError(
            f"{FONT} is not installed ({', '.join(missing)}).",
            hint="Debian: apt install fonts-dejavu-core fonts-dejavu-extra. macOS: brew install font-dejavu.",
        )
    return [found[face] for face in FACES]


def framed(svg: str, palette: Palette) -> str:
    """Set a screen in our font, and paint the window around it in the theme's colours."""
    changes = (
        (r"@font-face \{.*?\}\n", ""),
        (r"font-family: (Fira Code, monospace|arial)", f"font-family: {FONT}"),
        (r"font-size: 20px", f"font-size: {FONT_SIZE}"),
        (r'fill="#292929" stroke="[^"]*"', f'fill="{palette.panel}" stroke="{palette.border}"'),
        (r'(-title" fill=)"#c5c8c6"', rf'\1"{palette.muted}"'),
    )
    for pattern, replacement in changes:
        svg, count = re.subn(pattern, replacement, svg, flags=re.DOTALL)
        if not count:
            raise AgentickError(
                f"A screen's SVG is made in another way than was known: {pattern} is not in it."
            )
    return svg


def to_png(svg: str, palette: Palette, faces: list[str]) -> bytes:
    """Draw a screen."""
    return svg_to_bytes(
        svg_string=framed(svg, palette),
        skip_system_fonts=True,
        font_files=faces,
        font_family=FONT,
        monospace_family=FONT,
    )
