"""The application's own commands as plain data: what completion and help need before any tool is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentick_tui.commands.schema import usage_of

# So that middleware and rules can tell our tools from an agent's; which of them runs is never decided by it.
_PREFIX = "agentick_"


def _text(name: str, description: str, *, required: bool = False) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": description}},
        "required": [name] if required else [],
        "additionalProperties": False,
    }


_NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCommand:
    """One command of the application: its name, what it does in a few words, and its input as a JSON schema."""

    name: str
    summary: str
    schema: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    aliases: tuple[str, ...] = ()

    @property
    def tool(self) -> str:
        """The name of its tool."""
        return _PREFIX + self.name

    @property
    def usage(self) -> str:
        """Its arguments in words."""
        return usage_of(self.schema)


OWN_COMMANDS: tuple[OwnCommand, ...] = (
    OwnCommand(
        name="help",
        summary="List the commands and keys, or explain one command",
        schema=_text("name", "A command"),
    ),
    OwnCommand(name="new", summary="Start a new session", schema=_text("title", "Its title")),
    OwnCommand(name="clear", summary="Empty the view; the session stays"),
    OwnCommand(name="sessions", summary="List the stored sessions"),
    OwnCommand(
        name="resume",
        summary="Go on with a stored session",
        schema=_text("id", "Its id, the beginning of it, or its title", required=True),
    ),
    OwnCommand(
        name="fork",
        summary="Go on in a copy of this session",
        schema=_text("title", "The title of the copy"),
    ),
    OwnCommand(
        name="model",
        summary="Show the model, or use another one",
        schema=_text("spec", "Such as openai:NAME"),
    ),
    OwnCommand(name="tools", summary="List the tools of this session"),
    OwnCommand(
        name="theme", summary="Show the themes, or use another one", schema=_text("name", "The theme's name")
    ),
    OwnCommand(
        name="steer",
        summary="Send into the next tick of the running answer",
        schema=_text("text", "What to send; without it the first queued message"),
    ),
    OwnCommand(name="queue", summary="List the messages that wait"),
    OwnCommand(
        name="rename",
        summary="Give this session another title",
        schema=_text("title", "The new title", required=True),
    ),
    OwnCommand(name="copy", summary="Copy the last answer"),
    OwnCommand(name="exit", summary="Quit", aliases=("quit",)),
)
