"""Resuming a session of 5,000 messages: the time to a prompt that takes keys, and the widgets of the screen."""

import asyncio
from collections.abc import Iterator

from agentick_tui.app import ChatApp
from agentick_tui.engine.options import ChatOptions, ModelChoice
from agentick_tui.theme import load_theme
from tests.bench.figure import Figure, middle
from tests.bench.history import SESSION, store_history
from tests.bench.program import Home, new_home
from tests.bench.prose import END
from tests.bench.terminal import HEIGHT, WIDTH

RUNS = 5
BUDGET = 150.0
WIDGETS = 150.0


def measure() -> Iterator[Figure]:
    """Measure both."""
    with new_home() as home:
        store_history(home.database)
        empty, keys, shown = starts(home)
        widgets = asyncio.run(count_widgets(home))
    yield Figure(
        what="resume of 5,000 messages to a usable prompt, beyond an empty start",
        value=(keys - empty) * 1000,
        unit="ms",
        budget=BUDGET,
        beside=f"empty {empty * 1000:.0f} ms, first key {keys * 1000:.0f} ms, last message {shown * 1000:.0f} ms",
    )
    yield Figure(what="widgets on the screen of 5,000 messages", value=widgets, unit="", budget=WIDGETS)


def starts(home: Home) -> tuple[float, float, float]:
    """Give the seconds to the first key of an empty start, of a resume, and to the last message of that."""
    empty: list[float] = []
    keys: list[float] = []
    shown: list[float] = []
    for _ in range(RUNS):
        with home.chat("--model", "offline") as terminal:
            empty.append(terminal.first_key())
        with home.chat("--model", "offline", "--resume", SESSION) as terminal:
            keys.append(terminal.first_key())
            shown.append(terminal.wait_for(END) - terminal.began)
    return middle(empty), middle(keys), middle(shown)


async def count_widgets(home: Home) -> int:
    """Count the widgets once the session is shown."""
    options = ChatOptions(
        model=ModelChoice(spec="offline", why="the bench"),
        database=home.database,
        workspace=home.folder,
        session_id=SESSION,
    )
    app = ChatApp(options, load_theme("agentick-dark", None))
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        while not app.opened.is_set():
            await pilot.pause(0.01)
        return len(app.screen.walk_children())
