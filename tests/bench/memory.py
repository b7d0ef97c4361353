"""What the program has in RAM, and what a turn costs after two hundred others."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure, middle
from tests.bench.history import SESSION, store_history
from tests.bench.program import Home, new_home
from tests.bench.terminal import Terminal

TURNS = 200
EARLY, LATE = slice(5, 15), slice(TURNS - 10, TURNS)
QUICK = str(Path(__file__).with_name("quick_offline.py"))
QUIET = (0.06, 0.2)
"""A turn is over when nothing is written for that many seconds, and less than that share of a CPU is used."""
BUDGETS = (60.0, 80.0, 120.0)
TURN_BUDGET = 1.1


def measure() -> Iterator[Figure]:
    """Measure a new session, two hundred turns of it, and a resumed one."""
    with new_home() as home:
        sdks = ", ".join(f"with {name} {at_start(home, name):.0f} MB" for name in ("openai", "anthropic"))
        with home.chat("--app", QUICK) as terminal:
            terminal.first_key()
            terminal.settle()
            start = terminal.memory
            turns = [turn(terminal) for _ in range(TURNS)]
            terminal.settle()
            after = terminal.memory
        store_history(home.database)
        with home.chat("--model", "offline", "--resume", SESSION) as terminal:
            terminal.first_key()
            terminal.settle()
            resumed = terminal.memory
    for what, value, budget, beside in zip(
        ("at start", f"after {TURNS} turns", "at 5,000 messages"),
        (start, after, resumed),
        BUDGETS,
        (sdks, "", ""),
        strict=True,
    ):
        yield Figure(what=f"RSS {what}", value=value, unit="MB", budget=budget, beside=beside)
    early, late = middle(turns[EARLY]), middle(turns[LATE])
    yield Figure(
        what="CPU of turn 200 over turn 10",
        value=late / early,
        unit="x",
        budget=TURN_BUDGET,
        beside=f"{early * 1000:.0f} ms, then {late * 1000:.0f} ms",
    )


def turn(terminal: Terminal) -> float:
    """Send a message, wait for the whole answer; give the CPU it took."""
    cpu = terminal.cpu
    terminal.type("hello\r")
    terminal.settle(*QUIET)
    return terminal.cpu - cpu


def at_start(home: Home, provider: str) -> float:
    """Give the memory of a start with a provider's SDK loaded."""
    with home.chat("--model", f"{provider}:bench", "--base-url", "http://127.0.0.1:9/v1") as terminal:
        terminal.first_key()
        terminal.settle()
        return terminal.memory
