"""`python -m tests.screenshots [NAME ...]`: make the pictures in `screenshots/` again, all or those named."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

# Textual reads these once, when it is imported.
os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", TEXTUAL_ANIMATIONS="none", TZ="UTC")
os.environ.pop("NO_COLOR", None)

from agentick_core import AgentickError
from agentick_tui.theme import DARK, LIGHT, load_theme
from tests.screenshots.picture import find_faces, to_png
from tests.screenshots.scenes import SCENES, photograph

FOLDER = Path(__file__).parents[2] / "screenshots"


def main(names: list[str]) -> int:
    """Make the pictures, and say which."""
    unknown = set(names) - {scene.name for scene in SCENES}
    if unknown:
        known = ", ".join(scene.name for scene in SCENES)
        sys.stderr.write(f"There is no scene {', '.join(sorted(unknown))}. Known: {known}.\n")
        return 2
    try:
        faces = find_faces()
    except AgentickError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    for scene in SCENES:
        if names and scene.name not in names:
            continue
        for theme in (DARK, LIGHT):
            palette = load_theme(theme)
            with tempfile.TemporaryDirectory(prefix="agentick-screenshot-") as folder:
                os.environ["AGENTICK_HOME"] = folder
                svg = asyncio.run(photograph(scene, palette, Path(folder)))
            path = FOLDER / f"{scene.name}-{'dark' if palette.dark else 'light'}.png"
            path.write_bytes(to_png(svg, palette, faces))
            sys.stdout.write(f"{path.relative_to(FOLDER.parent)}  {path.stat().st_size // 1024} KB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
