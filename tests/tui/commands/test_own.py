"""The application's own commands, run as the tools that they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from agentick_core.errors import NotFoundError, ToolError, ToolInputError
from agentick_core.messages.blocks import text_of
from agentick_core.messages.tool import ToolDefinition
from agentick_tui.commands.own import own_tools
from agentick_tui.commands.port import ModelLine, SessionLine


@dataclass
class FakePort:
    """Remembers what the commands asked for."""

    calls: list[str] = field(default_factory=list[str])
    waiting: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    stored: tuple[SessionLine, ...] = ()
    answer: str = "copied through OSC 52"

    async def definitions(self) -> Sequence[ToolDefinition]:
        return (ToolDefinition(name="deploy", description="Deploys.", audience="user"),)

    def clear_view(self) -> None:
        self.calls.append("clear")

    def new_session(self, title: str) -> None:
        self.calls.append(f"new {title}")

    async def sessions(self) -> Sequence[SessionLine]:
        return self.stored

    async def resume(self, session: str) -> SessionLine:
        for line in self.stored:
            if line.id.startswith(session):
                return line
        raise NotFoundError(f"No session {session}")

    async def fork(self, title: str) -> SessionLine:
        self.calls.append(f"fork {title}")
        return SessionLine(id="f1", title=title or "Bees (fork)")

    def model(self) -> ModelLine:
        return ModelLine("offline", "no key", ("offline", "openai:NAME"))

    async def set_model(self, spec: str) -> ModelLine:
        return ModelLine(spec)

    def theme(self) -> tuple[str, Sequence[str]]:
        return "dark", ("dark", "light")

    def set_theme(self, name: str) -> None:
        if name == "pink":
            raise NotFoundError("There is no theme 'pink'.", hint="There are: dark, light.")
        self.calls.append(f"theme {name}")

    async def steer(self, text: str) -> bool:
        self.calls.append(f"steer {text}")
        return bool(text or self.waiting)

    def steered(self) -> Sequence[str]:
        return self.sent

    def queued(self) -> Sequence[str]:
        return self.waiting

    async def rename(self, title: str) -> None:
        self.calls.append(f"rename {title}")

    def copy_answer(self) -> str:
        return self.answer

    def leave(self) -> None:
        self.calls.append("leave")


async def say(port: FakePort, command: str, /, **given: str) -> str:
    (tool,) = [tool for tool in own_tools(port) if tool.name == f"agentick_{command}"]
    return text_of(await tool.run(given))


async def test_help_lists_commands_keys_and_the_agents_tools() -> None:
    text = await say(FakePort(), "help")
    for part in ("/exit", "/quit", "/deploy", "/resume ID", "Alt+Enter", "F12"):
        assert part in text


async def test_help_explains_one_command_or_names_the_nearest() -> None:
    assert "a text: Its id" in await say(FakePort(), "help", name="resume")
    assert "Deploys." in await say(FakePort(), "help", name="/deploy")
    assert "/resume" in await say(FakePort(), "help", name="resum")


async def test_what_changes_the_session_is_asked_of_the_port() -> None:
    port = FakePort(stored=(SessionLine(id="abc123", title="Bees"),))
    assert "abc123" in await say(port, "resume", id="abc")
    assert await say(port, "new", title=" Plan ") == ""
    assert await say(port, "fork") == 'Going on in f1, "Bees (fork)".'
    await say(port, "clear")
    await say(port, "exit")
    await say(port, "rename", title="Wasps")
    assert port.calls == ["new Plan", "fork ", "clear", "leave", "rename Wasps"]


async def test_lists_say_when_they_are_empty() -> None:
    port = FakePort()
    assert "No session" in await say(port, "sessions")
    assert "Nothing is queued" in await say(port, "queue")
    assert "Nothing is queued" in await say(port, "steer")
    port.waiting, port.stored = ("one", "two"), (SessionLine(id="a1", title="T", messages=3, current=True),)
    assert await say(port, "queue") == "1. one\n2. two"
    port.sent = ("zero",)
    assert await say(port, "queue") == "Steered, for the next tick: zero\n1. one\n2. two"
    assert await say(port, "sessions") == "* a1  T  3 messages"
    assert "Steered" in await say(port, "steer")


async def test_model_and_theme_are_shown_and_changed() -> None:
    port = FakePort()
    assert "offline (no key)" in await say(port, "model")
    assert "openai:x" in await say(port, "model", spec="openai:x")
    assert await say(port, "theme") == "* dark\n  light"
    await say(port, "theme", name="light")
    assert port.calls == ["theme light"]
    assert "deploy" in await say(port, "tools")
    assert "OSC 52" in await say(port, "copy")


async def test_what_goes_wrong_is_told_with_what_to_do_next() -> None:
    with pytest.raises(ToolError, match=r"no theme 'pink'.*\nThere are: dark, light"):
        await say(FakePort(), "theme", name="pink")


async def test_a_missing_argument_is_refused() -> None:
    with pytest.raises(ToolInputError):
        await say(FakePort(), "resume")
