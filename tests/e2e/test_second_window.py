"""The same session in two windows: the second follows it read-only, and takes it over when the first has gone."""

import signal
from collections.abc import Generator

import pytest

from tests.e2e.terminal import CTRL_Q, Terminal, chat

pytestmark = pytest.mark.pty
NOTHING_LOST = "one more sentence"


@pytest.fixture
def first() -> Generator[Terminal]:
    """Open a chat in which something was said."""
    with chat() as terminal:
        terminal.ready().line("one sentence")
        terminal.until("agentick is")
        terminal.ready()
        yield terminal


def test_the_second_window_follows_and_refuses_a_message_without_losing_it(first: Terminal) -> None:
    with chat("--continue") as second:
        second.until("◇ read-only")
        second.until(f"process {first.pid}")
        assert "agentick is" in second.text
        first.line("a table")
        first.until("│")
        first.ready()
        second.until("a table")
        second.line(NOTHING_LOST)
        assert NOTHING_LOST in second.until("Another window")
        first.send(CTRL_Q)
        assert first.ended() == 0
        assert NOTHING_LOST in second.ready().text
        assert "read-only" not in second.text
        second.send("\r")
        second.until("about one more sentence")


def test_the_second_window_takes_over_from_one_that_was_killed(first: Terminal) -> None:
    with chat("--continue") as second:
        second.until("◇ read-only")
        first.kill(signal.SIGKILL)
        second.ready().line("hello")
        second.until("› hello")
        second.ready()


def test_a_fork_goes_on_beside_the_session_it_comes_from(first: Terminal) -> None:
    with chat("--continue") as second:
        second.until("◇ read-only")
        second.line("/fork")
        second.ready().line("a list")
        second.until("› a list")
        second.ready()
        assert "agentick is" in second.text
        second.line("/sessions")
        second.until("(fork)")
        first.line("hello")
        first.ready()
        assert "a list" not in first.text
