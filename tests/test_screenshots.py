"""The pictures are made of the real screen, and the same screen gives the same picture."""

from pathlib import Path

import pytest

from agentick_tui.theme import DARK, load_theme
from tests.screenshots.picture import FONT, MissingFontError, find_faces, framed
from tests.screenshots.scenes import SCENES, photograph

PALETTE = load_theme(DARK)


async def test_a_scene_gives_the_same_picture_each_time(tmp_path: Path) -> None:
    scene = next(scene for scene in SCENES if scene.name == "confirmation")
    first, second = [await photograph(scene, PALETTE, tmp_path / name) for name in ("one", "two")]
    assert first == second
    assert "Approve" in first


async def test_a_picture_is_set_in_one_font_and_framed_in_the_theme(tmp_path: Path) -> None:
    scene = next(scene for scene in SCENES if scene.name == "commands")
    svg = framed(await photograph(scene, PALETTE, tmp_path), PALETTE)
    assert "Fira" not in svg
    assert "http" not in svg.replace("http://www.w3.org/", "").replace("https://www.textualize.io", "")
    assert FONT in svg
    assert f'fill="{PALETTE.panel}"' in svg


def test_a_missing_font_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(MissingFontError) as raised:
        find_faces([str(tmp_path)])
    assert FONT in raised.value.message
    assert "apt install" in raised.value.hint
