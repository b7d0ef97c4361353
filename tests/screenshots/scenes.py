"""What is shown on each picture, and how the application is brought there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from textual.pilot import Pilot

from agentick_tui.app import ChatApp
from agentick_tui.theme import Palette
from tests.screenshots.stage import make_stage

DEADLINE = 30.0
Play: TypeAlias = Callable[[ChatApp, Pilot[int]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture: its name, its size in cells, and what happens before it is taken."""

    name: str
    size: tuple[int, int]
    play: Play


async def photograph(scene: Scene, palette: Palette, folder: Path) -> str:
    """Play a scene in that theme and give the screen as SVG, once nothing moves on it any more."""
    app = make_stage(palette, folder)
    async with asyncio.timeout(DEADLINE), app.run_test(size=scene.size) as pilot:
        await until(pilot, app.opened.is_set)
        await scene.play(app, pilot)
        return await _still(app, pilot)


async def until(pilot: Pilot[int], reached: Callable[[], bool]) -> None:
    """Wait until something is so."""
    while not reached():
        await pilot.pause(0.02)


async def say(app: ChatApp, pilot: Pilot[int], text: str) -> None:
    """Send a message, and wait for the whole answer, or until a tool asks."""
    said = len(app.conversation.door.session.timeline)
    app.prompt.set_text(text)
    await pilot.press("enter")

    def answered() -> bool:
        session = app.conversation.door.session
        return len(session.timeline) > said and not app.conversation.running

    await until(pilot, lambda: app.confirm.current is not None or answered())


async def _still(app: ChatApp, pilot: Pilot[int]) -> str:
    before, now = "", app.export_screenshot(title="agentick")
    while before != now:
        await pilot.pause(0.25)
        before, now = now, app.export_screenshot(title="agentick")
    return now


async def _chat(app: ChatApp, pilot: Pilot[int]) -> None:
    await say(app, pilot, "Think first, then show me an agent that remembers, in code.")


async def _tools(app: ChatApp, pilot: Pilot[int]) -> None:
    await say(app, pilot, "Use two tools in parallel.")
    await say(app, pilot, "Now ask a sub-agent what agentick is.")


async def _confirmation(app: ChatApp, pilot: Pilot[int]) -> None:
    await say(app, pilot, "What is 1066 plus 960?")
    await say(app, pilot, "Take a note: bees tell each other by a dance where the flowers are.")


async def _commands(app: ChatApp, pilot: Pilot[int]) -> None:
    await say(app, pilot, "Hello!")
    await pilot.press("slash")
    await until(pilot, lambda: app.prompt.is_completing and bool(app.conversation.definitions))


async def _devtools(app: ChatApp, pilot: Pilot[int]) -> None:
    await say(app, pilot, "What is 1066 plus 960?")
    await say(app, pilot, "Take a note: bees dance.")
    await pilot.press("f12")


SCENES = (
    Scene(name="chat", size=(100, 33), play=_chat),
    Scene(name="tools", size=(100, 33), play=_tools),
    Scene(name="confirmation", size=(100, 30), play=_confirmation),
    Scene(name="commands", size=(100, 28), play=_commands),
    Scene(name="devtools", size=(116, 30), play=_devtools),
)
