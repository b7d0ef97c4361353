"""A conversation, or the whole chat, with an agent and a scripted model, for tests without a terminal."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from agentick_core.components.timeline import Timeline
from agentick_core.models.model import ChatModel
from agentick_core.session.app.create import create_app
from agentick_core.tools.tool import tool
from agentick_core.tree.element import AgentLike, component
from agentick_core.tree.node import Nodes
from agentick_tui.app import ChatApp
from agentick_tui.conversation import Conversation
from agentick_tui.engine.door import Door
from agentick_tui.engine.load_app import LoadedApp
from agentick_tui.engine.options import ChatOptions, ModelChoice
from agentick_tui.theme import load_theme

DEADLINE = 10.0
# Read now: files are not opened on an event loop.
PALETTE = load_theme("agentick-dark")


@tool(effects={"write"}, requires_confirmation=True)
def pay(amount: int, to: str) -> str:
    """Pay somebody."""
    return f"paid {amount} to {to}"


@tool(audience="user")
def greet(name: str, times: int = 1) -> str:
    """Greet somebody."""
    return ", ".join([f"Greetings {name}"] * times)


@tool(audience="user", name="help")
def own_help() -> str:
    """Help as the agent means it."""
    return "The agent helps."


@component
def Agent() -> Nodes:
    """Pay, greet and help."""
    yield (pay, greet, own_help)
    yield Timeline()


def chat_options(
    model: ChatModel, folder: Path, session_id: str | None = None, agent: AgentLike = Agent, **options: Any
) -> ChatOptions:
    """Give the options of a chat with the agent above, or another; `options` are those of its app."""
    return ChatOptions(
        model=ModelChoice(spec="offline", why="no key is set"),
        database=folder / "sessions.db",
        workspace=folder,
        session_id=session_id,
        loaded=LoadedApp("tests:app", create_app(agent, model=model, **options)),
    )


async def until(true: Callable[[], Any], what: str = "") -> None:
    """Wait until something is true."""
    async with asyncio.timeout(DEADLINE):
        while not true():
            # One turn of the loop, or of a frame.
            await asyncio.sleep(0.005)
    assert true(), what


@asynccontextmanager
async def conversing(
    model: ChatModel, folder: Path, session_id: str | None = None
) -> AsyncGenerator[Conversation]:
    """Open a conversation whose events are taken up as they come."""
    loop = asyncio.get_running_loop()
    conversation: Conversation

    def wake() -> None:
        loop.call_soon(conversation.follow)

    door = Door(chat_options(model, folder), wake)
    conversation = Conversation(door, lambda: None)
    await conversation.open(session_id, ())
    try:
        yield conversation
    finally:
        await conversation.aclose()


@asynccontextmanager
async def on_screen(
    model: ChatModel,
    folder: Path,
    session_id: str | None = None,
    *,
    agent: AgentLike = Agent,
    size: tuple[int, int] = (100, 30),
    **options: Any,
) -> AsyncGenerator[tuple[ChatApp, Pilot[int]]]:
    """Open the chat on a screen that nobody sees, ready for the first key."""
    app = ChatApp(chat_options(model, folder, session_id, agent, **options), PALETTE)
    async with app.run_test(size=size) as pilot:
        await until(app.opened.is_set)
        await pilot.pause()
        yield app, pilot


async def type_text(pilot: Pilot[int], text: str) -> None:
    """Type a text, and Enter."""
    await pilot.press(*("space" if letter == " " else letter for letter in text), "enter")
