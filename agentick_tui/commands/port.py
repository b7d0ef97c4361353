"""The narrow port through which the application's commands act: never the app, never a widget.

What changes the session (`new_session`, `resume`, `leave`) only says so; the screen switches when the command
has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentick_core.messages.tool import ToolDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A stored session, as a list shows it; `when` is said in words, such as "2 hours ago"."""

    id: str
    title: str = ""
    when: str = ""
    messages: int = 0
    current: bool = False


@dataclass(frozen=True, slots=True)
class ModelLine:
    """The model in use, why it is that one, and which specs could be given instead."""

    spec: str
    why: str = ""
    known: tuple[str, ...] = ()


class CommandPort(Protocol):
    """What a command may ask of the application. What cannot be done raises an AgentickError."""

    async def definitions(self) -> Sequence[ToolDefinition]:
        """Every tool of the agent."""
        ...

    def clear_view(self) -> None:
        """Empty the transcript on the screen; the session stays."""
        ...

    def new_session(self, title: str) -> None:
        """Ask for a new session; "" names it after its first message."""
        ...

    async def sessions(self) -> Sequence[SessionLine]:
        """The stored sessions, the newest first."""
        ...

    async def resume(self, session: str) -> SessionLine:
        """Find a session by id, unique prefix or title, and ask to switch to it. Raises NotFoundError."""
        ...

    async def fork(self, title: str) -> SessionLine:
        """Store a copy of the session, and ask to switch to it; "" names it after this one. Raises StateError."""
        ...

    def model(self) -> ModelLine:
        """The model in use."""
        ...

    async def set_model(self, spec: str) -> ModelLine:
        """Use another model from the next answer on. Raises NotFoundError for an unknown spec."""
        ...

    def theme(self) -> tuple[str, Sequence[str]]:
        """The theme in use, and the names of all."""
        ...

    def set_theme(self, name: str) -> None:
        """Use another theme. Raises NotFoundError for an unknown name."""
        ...

    async def steer(self, text: str) -> bool:
        """Send into the next tick: the text, or with "" the first queued message; False where there is none."""
        ...

    def steered(self) -> Sequence[str]:
        """The messages that the next tick of the running answer takes, the first first."""
        ...

    def queued(self) -> Sequence[str]:
        """The messages that wait for the end of the running answer, the first first."""
        ...

    async def rename(self, title: str) -> None:
        """Give the session another title."""
        ...

    def copy_answer(self) -> str:
        """Copy the last answer; give how it was copied, "" where there is no answer yet."""
        ...

    def leave(self) -> None:
        """Ask to quit."""
        ...
