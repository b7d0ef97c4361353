"""Pictures of the whole screen, in three sizes and two themes: `pytest tests/tui/snapshots --snapshot-update` renews them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias, cast

import pytest
from textual.pilot import Pilot

from agentick_tui.app import ChatApp
from agentick_tui.keymap import ScreenState
from agentick_tui.theme import load_theme
from tests.screenshots.scenes import say, until
from tests.screenshots.stage import make_stage

Play: TypeAlias = Callable[[ChatApp, Pilot[int]], Awaitable[None]]
# Read here: the tests watch that nothing blocks their event loop.
PALETTES = {"dark": load_theme("agentick-dark"), "light": load_theme("agentick-light")}
SIZES = ((120, 40), (60, 20), (40, 12))
DEADLINE = 20.0


async def welcome(app: ChatApp, pilot: Pilot[int]) -> None:
    """Open the chat, and say nothing."""


async def chat(app: ChatApp, pilot: Pilot[int]) -> None:
    """Reasoning, and an answer with code."""
    await say(app, pilot, "Think first, then show me an agent that remembers, in code.")


async def tool_call(app: ChatApp, pilot: Pilot[int]) -> None:
    """Two tools at once."""
    await say(app, pilot, "Use two tools in parallel.")


async def confirmation(app: ChatApp, pilot: Pilot[int]) -> None:
    """A tool that asks."""
    await say(app, pilot, "Take a note: bees tell each other by a dance where the flowers are.")


async def completion(app: ChatApp, pilot: Pilot[int]) -> None:
    """The commands that begin with what is typed."""
    await pilot.press("slash")
    await until(pilot, lambda: app.prompt.is_completing and bool(app.conversation.definitions))
    await pilot.press("down")


async def devtools(app: ChatApp, pilot: Pilot[int]) -> None:
    """The scheduler, while a tool waits for approval."""
    await confirmation(app, pilot)
    await pilot.press("f12")


SCENES: tuple[Play, ...] = (welcome, chat, tool_call, confirmation, completion, devtools)


def settled(app: ChatApp) -> bool:
    """Tell whether what was said is over, and every part of the screen knows it."""
    asking = app.confirm.current is not None
    state = ScreenState.CONFIRMING if asking else ScreenState.IDLE
    known = app.prompt.editor.state is state and app.status.status.state is state
    return known and (asking or not app.conversation.running)


@pytest.mark.parametrize("theme", PALETTES)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_screen_looks_as_it_did(
    scene: Play, size: tuple[int, int], theme: str, tmp_path: Path, snap_compare: Callable[..., bool]
) -> None:
    async def play(pilot: Pilot[int]) -> None:
        app = cast("ChatApp", pilot.app)
        async with asyncio.timeout(DEADLINE):
            await until(pilot, app.opened.is_set)
            await scene(app, pilot)
            await until(pilot, lambda: settled(app))
            await still(app, pilot)

    assert snap_compare(make_stage(PALETTES[theme], tmp_path), terminal_size=size, run_before=play)


async def still(app: ChatApp, pilot: Pilot[int]) -> None:
    """Wait until nothing moves any more."""
    before, now = "", app.export_screenshot()
    while before != now:
        await pilot.pause(0.05)
        before, now = now, app.export_screenshot()
