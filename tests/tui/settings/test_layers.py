"""Settings: which layer wins, where a value came from, and what is wrong in a file."""

from pathlib import Path

import pytest

from agentick_tui.paths import Places
from agentick_tui.settings.layers import Setting, SettingsError, load_settings
from agentick_tui.settings.trust import remember_trust, trust_of


@pytest.fixture
def places(tmp_path: Path) -> Places:
    home = tmp_path / "home"
    home.mkdir()
    return Places(config=home, data=home, state=home)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / ".agentick").mkdir(parents=True)
    return folder


def test_nothing_set_leaves_everything_open(places: Places, workspace: Path) -> None:
    loaded = load_settings(places, workspace, environ={})
    assert loaded.settings.model == Setting(None, "default")
    assert not loaded.notices


def test_each_layer_goes_over_the_one_before(places: Places, workspace: Path) -> None:
    remember_trust(workspace, places, trusted=True)
    places.settings.write_text('model = "user"\ntheme = "user"\nbase_url = "user"\ndatabase = "user"\n')
    (workspace / ".agentick" / "settings.toml").write_text(
        'model = "project"\ntheme = "project"\ndatabase = "p"\n'
    )
    environ = {"AGENTICK_MODEL": "environment", "AGENTICK_DB": "environment"}
    loaded = load_settings(places, workspace, environ=environ, flags={"model": "flag", "theme": None})
    found = loaded.settings
    assert [found.model.value, found.database.value, found.theme.value, found.base_url.value] == [
        "flag", "environment", "project", "user",
    ]  # fmt: skip
    assert [found.model.place, found.database.place] == ["--model", "AGENTICK_DB"]
    assert found.base_url.place == f"{places.settings}:3"


def test_a_project_that_is_not_trusted_is_not_read_and_that_is_said(places: Places, workspace: Path) -> None:
    (workspace / ".agentick" / "settings.toml").write_text('base_url = "http://elsewhere"\n')
    loaded = load_settings(places, workspace, environ={})
    assert loaded.settings.base_url.value is None
    assert "was not read" in loaded.notices[0]


def test_trust_is_kept_by_the_resolved_path(places: Places, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(workspace)
    remember_trust(tmp_path / "link", places, trusted=True)
    assert trust_of(workspace, places) is True
    assert trust_of(tmp_path, places) is None


def test_a_folder_that_was_refused_stays_refused_beside_one_that_is_trusted(
    places: Places, workspace: Path, tmp_path: Path
) -> None:
    remember_trust(workspace, places, trusted=False)
    remember_trust(tmp_path, places, trusted=True)
    assert trust_of(workspace, places) is False
    assert trust_of(tmp_path, places) is True
    (workspace / ".agentick" / "settings.toml").write_text('base_url = "http://elsewhere"\n')
    loaded = load_settings(places, workspace, environ={})
    assert loaded.settings.base_url.value is None
    assert not loaded.notices


@pytest.mark.parametrize("stored", ["", "{}", "not json", '["/"]', '{"/": 1}'])
def test_a_damaged_list_of_trusted_folders_trusts_nothing(
    places: Places, workspace: Path, stored: str
) -> None:
    places.trusted.write_text(stored.replace("/", str(workspace)))
    assert not trust_of(workspace, places)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('\nmodle = "x"\n', "settings.toml:2: unknown setting 'modle'"),
        ('theme = "x"\nmodel = 3\n', "settings.toml:2: model must be text, not 3"),
        ('theme = "x"\nmodel = \n', "line 2"),
        ('[server]\nurl = "x"\n', "settings.toml:1: unknown setting 'server'"),
    ],
)
def test_a_mistake_is_explained_with_file_and_line(
    places: Places, workspace: Path, text: str, says: str
) -> None:
    places.settings.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(places, workspace, environ={})
    assert says in caught.value.message
    assert str(places.settings) in caught.value.message


def test_a_file_that_cannot_be_decoded_is_explained(places: Places, workspace: Path) -> None:
    places.settings.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(places, workspace, environ={})
