"""What the command line has decided before one send without a screen."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from agentick_tui.engine.options import ModelChoice

if TYPE_CHECKING:
    from agentick_tui.engine.load_app import LoadedApp

Approve: TypeAlias = Literal["never", "reads", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How one send without a screen is made; `timeout` is in seconds, `session_id` None makes a new session."""

    prompt: str
    model: ModelChoice
    database: Path
    workspace: Path
    results: Path | None = None
    session_id: str | None = None
    loaded: "LoadedApp | None" = None
    database_named: bool = False
    json: bool = False
    approve: Approve = "never"
    max_ticks: int | None = None
    timeout: float | None = None
    log: Path | None = None
