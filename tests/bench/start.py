"""From the start of the program to the first key on the screen, beside a bare Textual application."""

from collections.abc import Iterator

from tests.bench.figure import Figure, middle
from tests.bench.program import Home, new_home

RUNS = 7
BUDGET = 1.25


def first_keys(home: Home) -> tuple[list[float], list[float]]:
    """Start the bare application and the chat in turn; give the seconds of each to the first key."""
    bare: list[float] = []
    chat: list[float] = []
    for run in range(RUNS + 1):
        with home.terminal("-m", "tests.bench.bare_app") as terminal:
            bare.append(terminal.first_key())
        with home.chat() as terminal:
            chat.append(terminal.first_key())
        if run == 0:
            # The first start reads everything from the disk.
            bare.clear()
            chat.clear()
    return bare, chat


def measure() -> Iterator[Figure]:
    """Measure the start."""
    with new_home() as home:
        bare, chat = map(middle, first_keys(home))
    beside = f"bare Textual app {bare * 1000:.0f} ms, agentick {chat * 1000:.0f} ms"
    yield Figure(
        what="start to the first key, over a bare app",
        value=chat / bare,
        unit="x",
        budget=BUDGET,
        beside=beside,
    )
