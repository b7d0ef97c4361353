"""Where agentick keeps its files: configuration, data and state, readable by their owner alone."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agentick_core.errors import AgentickError

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class PlaceError(AgentickError):
    """A folder or a file of agentick's own cannot be made."""

    title = "No place to write"
    code = "PLACE_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The three folders that belong to agentick, and what lies in them."""

    config: Path
    data: Path
    state: Path

    @property
    def settings(self) -> Path:
        """The user's settings file."""
        return self.config / "settings.toml"

    @property
    def themes(self) -> Path:
        """The folder of the user's own themes."""
        return self.config / "themes"

    @property
    def database(self) -> Path:
        """The file that holds the sessions, where no other is named."""
        return self.data / "sessions.db"

    @property
    def results(self) -> Path:
        """The folder of tool results that were too long for the model."""
        return self.data / "results"

    @property
    def log(self) -> Path:
        """The file that `--debug` writes to."""
        return self.state / "agentick.log"

    @property
    def trusted(self) -> Path:
        """The file that lists the folders whose own settings are read."""
        return self.state / "trusted.json"


def find_places(environ: Mapping[str, str] = os.environ) -> Places:
    """Give `AGENTICK_HOME` for everything where it is set, else the platform's own folders."""
    home = environ.get("AGENTICK_HOME", "").strip()
    if home:
        folder = Path(home).expanduser().absolute()
        return Places(config=folder, data=folder, state=folder)
    from platformdirs import PlatformDirs

    folders = PlatformDirs("agentick", appauthor=False)
    return Places(config=folders.user_config_path, data=folders.user_data_path, state=folders.user_state_path)


def make_private_folder(folder: Path) -> None:
    """Make the folder and its parents where they are missing; what is made, only its owner can enter."""
    try:
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise PlaceError(
            f"Cannot make the folder {folder}: {error.strerror or error}",
            hint="Set AGENTICK_HOME to a folder that you can write to, or name a file with --db.",
        ) from error


def make_private_file(file: Path) -> None:
    """Make the file, empty, where it is missing, so that whatever opens it later finds it private."""
    make_private_folder(file.parent)
    if file.is_dir():
        raise PlaceError(f"{file} is a folder, not a file", hint="Name a file.")
    try:
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
    except OSError as error:
        raise PlaceError(
            f"Cannot write to {file}: {error.strerror or error}",
            hint="Set AGENTICK_HOME to a folder that you can write to, or name a file with --db.",
        ) from error


def write_private(file: Path, text: str) -> None:
    """Replace the content of the file in one step."""
    make_private_folder(file.parent)
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        beside.unlink(missing_ok=True)
        make_private_file(beside)
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise PlaceError(f"Cannot write to {file}: {error.strerror or error}") from error
