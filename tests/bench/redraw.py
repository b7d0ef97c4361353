"""What changes the whole screen of a session of 5,000 messages: a resize, another theme, a focus that left and came."""

from collections.abc import Iterator

from tests.bench.figure import Figure, middle
from tests.bench.history import SESSION, store_history
from tests.bench.program import new_home
from tests.bench.prose import END
from tests.bench.replay import seconds_to_last_picture
from tests.bench.terminal import HEIGHT, Terminal

RUNS = 3
BUDGET = 100.0
NARROWER = 100
QUIET = 0.4
THEMES = ("agentick-light", "agentick-dark")


def measure() -> Iterator[Figure]:
    """Measure the three."""
    with new_home() as home:
        store_history(home.database)
        sizes: list[float] = []
        focus: list[float] = []
        themes: list[float] = []
        for _ in range(RUNS):
            with home.chat("--model", "offline", "--resume", SESSION) as terminal:
                terminal.wait_for(END)
                terminal.settle()
                focus.append(refocused(terminal))
                themes.append(themed(terminal))
                sizes.append(resized(terminal))
    for what, values in (
        ("resize to the first right frame", sizes),
        ("theme change", themes),
        ("blur, focus, a key", focus),
    ):
        value = middle(values) * 1000
        yield Figure(what=f"{what}, 5,000 messages", value=value, unit="ms", budget=BUDGET)


def resized(terminal: Terminal) -> float:
    """Make the terminal narrower; give the seconds until the screen is right."""
    since = terminal.written
    began = terminal.resize(NARROWER, HEIGHT)
    terminal.quiet(QUIET)
    return seconds_to_last_picture(terminal, since, began, (NARROWER, HEIGHT))


def themed(terminal: Terminal) -> float:
    """Use another theme and come back; give the seconds the second change took."""
    first, second = THEMES
    terminal.type(f"/theme {first}\r")
    terminal.quiet(QUIET)
    terminal.type(f"/theme {second}")
    terminal.quiet(QUIET)
    since = terminal.written
    began = terminal.type("\r")
    terminal.quiet(QUIET)
    return seconds_to_last_picture(terminal, since, began)


def refocused(terminal: Terminal) -> float:
    """Let the terminal lose the focus and get it back, and type a key; give the seconds until it is shown."""
    since = terminal.written
    began = terminal.type("\x1b[O\x1b[Iž")
    seconds = terminal.wait_for("ž", since=since) - began
    terminal.type("\x7f")
    terminal.quiet(QUIET)
    return seconds
