"""One answer streamed to the screen, and what it cost."""

from dataclasses import dataclass

from tests.bench.program import Home
from tests.bench.prose import END
from tests.bench.provider import Provider
from tests.bench.terminal import Terminal

AFTER = 0.2
"""Seconds without output after which the last frame has been drawn."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answer cost: CPU in seconds, bytes to the terminal, and seconds until its end was shown."""

    cpu: float
    written: int
    seconds: float


def opened(home: Home, provider: Provider, *arguments: str) -> Terminal:
    """Open a chat whose SDK is loaded."""
    terminal = home.chat_with(provider.base_url, *arguments)
    terminal.first_key()
    terminal.settle()
    return terminal


def streamed(terminal: Terminal, text: str = "") -> Cost:
    """Send a message, or what is typed already, and let the whole answer come."""
    cpu, written = terminal.cpu, terminal.written
    sent = terminal.type(f"{text}\r")
    shown = terminal.wait_for(END, since=written)
    terminal.quiet(AFTER)
    return Cost(terminal.cpu - cpu, terminal.written - written, shown - sent)
