"""What the command line has decided before the screen or the engine starts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentick_tui.engine.load_app import LoadedApp

WORKSPACE = "workspace"
"""The key of a session's metadata that holds the folder it was started in, as a resolved path."""


TITLE = "title"
"""The key under which a listed session's metadata holds the title that the chat keeps of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which model answers and why; `fixed` means that it was asked for and goes over a loaded app's own."""

    spec: str
    why: str
    fixed: bool = False
    base_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """How the screen is opened.

    `session_id` is a stored session to go on with, None for a new one. `loaded` is what `--app` named, None
    for the built-in agent. `results` is the folder for tool results that are too
    long for the model. `database_named` says that `database` was asked for, and goes over an app's own
    store. `theme` is None where the terminal's background decides. `themes` is the folder of the user's own
    themes. `log` is where the details of a failure go, None for nowhere. `notices` are shown once, when the
    session opens.
    """

    model: ModelChoice
    database: Path
    workspace: Path
    results: Path | None = None
    session_id: str | None = None
    loaded: "LoadedApp | None" = None
    database_named: bool = False
    theme: str | None = None
    themes: Path | None = None
    log: Path | None = None
    notices: tuple[str, ...] = field(default=())
