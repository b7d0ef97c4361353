"""Whose command a name means: ours win at the prompt, `/agent:NAME` is always the agent's; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from agentick_tui.commands.nearest import nearest
from agentick_tui.commands.schema import usage_of
from agentick_tui.commands.table import OWN_COMMANDS, OwnCommand
from agentick_tui.prompt.completion import Candidate

if TYPE_CHECKING:
    from agentick_core.messages.tool import Audience, ToolDefinition

AGENT_PREFIX = "agent:"
_FOR_USERS = frozenset(("user", "all"))


@dataclass(frozen=True, slots=True)
class Known:
    """A command: what it is called at the prompt, the tool to dispatch, and the schema of its input.

    `own` is the command of the application that it is; None is a tool of the agent.
    """

    name: str
    tool: str
    schema: Mapping[str, Any]
    own: OwnCommand | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such command; these names are the nearest."""

    name: str
    nearest: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What to tell the person who typed it."""
        names = ", ".join(f"/{name}" for name in self.nearest)
        advice = f"Did you mean {names}?" if names else "/help lists them all."
        return f"There is no command /{self.name}. {advice}"


Resolution: TypeAlias = Known | Unknown


def resolve(name: str, definitions: "Sequence[ToolDefinition]" = ()) -> Resolution:
    """Find the command of that name among ours and the agent's tools.

    Any tool can be named in full; `agent:` before the name passes over our commands.
    """
    if name.startswith(AGENT_PREFIX):
        return _of_agent(name, name.removeprefix(AGENT_PREFIX), definitions) or _unknown(name, definitions)
    for own in OWN_COMMANDS:
        if name == own.name or name in own.aliases:
            return Known(own.name, own.tool, own.schema, own)
    return _of_agent(name, name, definitions) or _unknown(name, definitions)


def _of_agent(typed: str, name: str, definitions: "Sequence[ToolDefinition]") -> Known | None:
    by_name = next((tool for tool in definitions if tool.name == name), None)
    tool = by_name or next((tool for tool in definitions if name in tool.aliases), None)
    if tool is None:
        return None
    return Known(typed, tool.name, tool.input_schema)


def _unknown(name: str, definitions: "Sequence[ToolDefinition]") -> Unknown:
    return Unknown(name, nearest(name, [candidate.name for candidate in candidates(definitions)]))


def candidates(definitions: "Sequence[ToolDefinition]" = ()) -> tuple[Candidate, ...]:
    """Give what completion offers: our commands, and the agent's tools for users."""
    ours = [
        Candidate(name=own.name, usage=own.usage, description=own.summary, aliases=own.aliases)
        for own in OWN_COMMANDS
    ]
    taken = taken_names()
    theirs = [
        Candidate(
            name=f"{AGENT_PREFIX}{tool.name}" if tool.name in taken else tool.name,
            usage=usage_of(tool.input_schema),
            description=first_line(tool.description),
            aliases=tuple(alias for alias in tool.aliases if alias not in taken),
        )
        for tool in definitions
        if tool.audience in _FOR_USERS
    ]
    return (*ours, *theirs)


def shadowed(tools: Mapping[str, "Audience"]) -> tuple[str, ...]:
    """Give the agent's tools for users whose name one of our commands has: a notice says how to reach them."""
    taken = taken_names()
    return tuple(name for name, audience in tools.items() if audience in _FOR_USERS and name in taken)


def taken_names() -> frozenset[str]:
    """Give every name and alias of our commands."""
    return frozenset(name for own in OWN_COMMANDS for name in (own.name, *own.aliases))


def first_line(text: str) -> str:
    """Give the first line of a description."""
    return text.strip().partition("\n")[0]
