"""What every command finds out first: the places, the settings, the database."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentick_tui.cli.flags import Flags
from agentick_tui.paths import Places, find_places
from agentick_tui.settings.layers import LoadedSettings, Settings, load_settings

if TYPE_CHECKING:
    from agentick_tui.engine.load_app import LoadedApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where agentick was started, where its files are, and what is set."""

    places: Places
    workspace: Path
    loaded: LoadedSettings

    @property
    def settings(self) -> Settings:
        """What is set, with every layer applied."""
        return self.loaded.settings

    @property
    def database(self) -> Path:
        """The file of the sessions."""
        named = self.settings.database.value
        return Path(named).expanduser().absolute() if named else self.places.database

    @property
    def database_named(self) -> bool:
        """Whether the file of the sessions was asked for."""
        return self.settings.database.value is not None


def find_start(flags: Flags) -> Start:
    """Find the places and read the settings, with the flags over them."""
    places = find_places()
    workspace = Path.cwd()
    said = {
        "model": flags.model,
        "theme": flags.theme,
        "base_url": flags.base_url,
        "database": flags.database,
    }
    return Start(places=places, workspace=workspace, loaded=load_settings(places, workspace, flags=said))


def load_agent(flags: Flags) -> "LoadedApp | None":
    """Load the agent that `--app` names; None is the built-in one."""
    if flags.target is None:
        return None
    from agentick_tui.engine.load_app import load_app

    return load_app(flags.target)
