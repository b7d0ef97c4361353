"""Places: where the files are, and that only their owner can read them."""

from pathlib import Path

import pytest

from agentick_tui.paths import PlaceError, find_places, make_private_file, write_private


def mode(path: Path) -> int:
    """Give the permission bits."""
    return path.stat().st_mode & 0o777


def test_agentick_home_holds_everything(tmp_path: Path) -> None:
    places = find_places({"AGENTICK_HOME": str(tmp_path)})
    assert {places.config, places.data, places.state} == {tmp_path}


def test_without_it_the_platform_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    places = find_places({})
    assert places.database.name == "sessions.db"
    assert places.config.is_relative_to(tmp_path)


def test_a_new_folder_and_a_new_file_are_private(tmp_path: Path) -> None:
    file = tmp_path / "home" / "sessions.db"
    make_private_file(file)
    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700


def test_what_is_there_already_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    make_private_file(file)
    assert file.read_text() == "kept"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "state" / "file"
    write_private(file, "one")
    write_private(file, "two")
    assert file.read_text() == "two"
    assert mode(file) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("place", ["blocked/sub/file", "blocked/file"])
def test_a_place_that_cannot_be_made_is_explained(tmp_path: Path, place: str) -> None:
    (tmp_path / "blocked").write_text("a file, not a folder")
    with pytest.raises(PlaceError) as caught:
        make_private_file(tmp_path / place)
    assert "AGENTICK_HOME" in caught.value.hint


def test_a_folder_in_the_place_of_a_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="is a folder"):
        make_private_file(tmp_path)
