"""Whose command a name means, and what completion offers."""

from agentick_core.messages.tool import Audience, ToolDefinition
from agentick_tui.commands.nearest import nearest
from agentick_tui.commands.resolve import Known, Unknown, candidates, resolve, shadowed
from agentick_tui.commands.table import OWN_COMMANDS


def tool(name: str, audience: Audience = "user", *aliases: str) -> ToolDefinition:
    return ToolDefinition(
        name=name, description=f"Does {name}.\nAnd more.", audience=audience, aliases=aliases
    )


AGENT = (
    tool("help"),
    tool("deploy", "user", "ship"),
    tool("look", "model"),
    tool("both", "all"),
    tool("agentick_help"),
)


def test_our_commands_win_at_the_prompt() -> None:
    found = resolve("help", AGENT)
    assert isinstance(found, Known)
    assert found.own in OWN_COMMANDS


def test_an_agents_tool_of_the_same_name_is_reached_with_its_prefix() -> None:
    found = resolve("agent:help", AGENT)
    assert isinstance(found, Known)
    assert found.tool == "help"
    assert shadowed({tool.name: tool.audience for tool in AGENT}) == ("help",)


def test_aliases_and_full_names_of_any_tool_are_found() -> None:
    assert resolve("quit", AGENT) == resolve("exit", AGENT)
    for name, target in (("ship", "deploy"), ("look", "look"), ("agentick_help", "agentick_help")):
        for typed in (name, f"agent:{name}"):
            found = resolve(typed, AGENT)
            assert isinstance(found, Known)
            assert (found.tool, found.own) == (target, None)


def test_an_unknown_command_gets_the_nearest_names() -> None:
    found = resolve("deplyo", AGENT)
    assert isinstance(found, Unknown)
    assert found.nearest[0] == "deploy"
    assert "/deploy" in found.message
    assert isinstance(resolve("agent:nothing", AGENT), Unknown)


def test_near_names_are_spelt_alike_or_begin_alike() -> None:
    assert nearest("sess", ["sessions", "steer", "new"])[0] == "sessions"
    assert nearest("zzzz", ["sessions"]) == ()


def test_completion_offers_ours_and_the_agents_tools_for_users() -> None:
    names = [candidate.name for candidate in candidates(AGENT)]
    assert names[: len(OWN_COMMANDS)] == [own.name for own in OWN_COMMANDS]
    assert set(names[len(OWN_COMMANDS) :]) == {"agent:help", "deploy", "both", "agentick_help"}
    assert {candidate.description for candidate in candidates(AGENT) if candidate.name == "deploy"} == {
        "Does deploy."
    }


def test_every_command_of_the_first_version_is_there() -> None:
    wanted = "help new clear sessions resume fork model tools theme steer queue rename copy exit"
    assert [own.name for own in OWN_COMMANDS] == wanted.split()
    usages = {own.name: own.usage for own in OWN_COMMANDS}
    assert (usages["resume"], usages["help"], usages["clear"]) == ("ID", "[NAME]", "")
