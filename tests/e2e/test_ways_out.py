"""Every way out of the chat leaves the terminal as it was, says how to go on, and loses nothing that was seen."""

import re
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.agent_file import agent_file, keys, provider_flags
from tests.e2e.terminal import CTRL_C, CTRL_D, CTRL_Q, Terminal, assert_restored, chat
from tests.fakes import fake_provider_thread
from tests.fakes.script import Answer, words

pytestmark = pytest.mark.pty

RESUME = re.compile(r"agentick --resume ([\w-]+)")
SLOW = "Answer slowly, please"
CRASHING = """
import sys
from agentick_tui.chat.view import TranscriptView
from agentick_tui.cli import main

def broken(self, *_):
    if self.size.width == 90:
        raise RuntimeError("cannot draw \\x1b[31mthis")
    return changed(self)

changed = TranscriptView.changed
TranscriptView.changed = broken
main()
"""
FAILING_LATE = """
from agentick_tui.cli import main
import agentick_tui.engine.door as door

async def broken(self):
    raise RuntimeError("cannot close")

door.Door.aclose = broken
main()
"""
NEVER_READY = """
import asyncio
from agentick_tui import later
from agentick_tui.cli import main

async def never(options, changed):
    await asyncio.Event().wait()

later.begin_conversation = never
main()
"""
BROKEN_IMPORT = """
from agentick_tui import later
from agentick_tui.cli import main

later.REST = (*later.REST, "agentick_tui.gone")
main()
"""


def session_named(after: str) -> str:
    """Find the session that the last line says how to resume."""
    found = RESUME.search(after)
    assert found is not None, after
    return found.group(1)


def begin_slow_answer(terminal: Terminal) -> None:
    """Ask for an answer that is still coming when this returns."""
    terminal.ready().line(SLOW)
    terminal.until("This answer takes")


def goes_on(session: str) -> None:
    """Check that the session holds what was said, and answers again."""
    with chat("--resume", session) as terminal:
        terminal.until("interrupted · the chat was closed")
        shown = terminal.ready().until("This answer takes")
        assert SLOW in shown
        terminal.line("One sentence, please")
        terminal.until("agentick is")


@pytest.mark.parametrize(
    ("way", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (CTRL_Q, 0)]
)
def test_while_an_answer_comes(way: signal.Signals | str, code: int) -> None:
    with chat() as terminal:
        begin_slow_answer(terminal)
        if isinstance(way, str):
            terminal.send(way)
        else:
            terminal.kill(way)
        assert terminal.ended(5) == code
        assert_restored(terminal)
        assert "Traceback" not in terminal.after
        session = session_named(terminal.after)
    goes_on(session)


def test_when_idle_and_nothing_was_said_there_is_nothing_to_resume() -> None:
    with chat() as terminal:
        terminal.ready().send(CTRL_D)
        assert terminal.ended(5) == 0
        assert_restored(terminal)
        assert "resume" not in terminal.after


def test_quit_and_resume_shows_the_whole_conversation_and_goes_on() -> None:
    with chat() as terminal:
        terminal.ready().line("Use a tool, please")
        terminal.until("The clock says")
        terminal.ready().line("/queue")
        terminal.until("Nothing is queued.")
        terminal.ready().send(CTRL_C)
        terminal.until("quit")
        terminal.send(CTRL_C)
        assert terminal.ended(5) == 0
        assert_restored(terminal)
        session = session_named(terminal.after)
    with chat("--resume", session[:8], size=(40, 100)) as terminal:
        shown = terminal.ready().until("Nothing is queued.")
        assert "Use a tool, please" in shown
        assert "The clock says" in shown
        assert "clock" in shown
        terminal.line("Add 2 and 3")
        terminal.until("The sum is 5")
        terminal.ready()
    with chat("--continue", size=(40, 100)) as terminal:
        shown = terminal.ready().until("The sum is 5")
        assert "Use a tool, please" in shown


def test_a_draft_typed_in_one_burst_with_the_key_that_quits_is_kept() -> None:
    with chat() as terminal:
        terminal.ready().line("One sentence, please")
        terminal.until("agentick is")
        terminal.ready().send(f"What is more{CTRL_Q}")
        assert terminal.ended(5) == 0
    with chat("--continue") as terminal:
        terminal.ready().until("› What is more")


def test_a_terminal_that_is_closed_ends_the_chat_and_keeps_the_conversation() -> None:
    with chat() as terminal:
        begin_slow_answer(terminal)
        terminal.hang_up()
        assert terminal.ended(5) == 129
    goes_on("Answer slowly")


def test_a_kill_in_the_middle_of_an_answer_loses_at_most_the_last_second(tmp_path: Path) -> None:
    text = words(" ".join(f"w{number}" for number in range(2000)))
    with fake_provider_thread([Answer(text=text, pace=0.02), Answer(text=["Once more."])]) as server:
        flags = ("--app", agent_file(tmp_path), *provider_flags("openai", server.base_url))
        with chat(*flags, env=keys()) as terminal:
            terminal.ready().line("Count")
            terminal.until("w120")
            terminal.kill(signal.SIGKILL)
            assert terminal.ended() == -signal.SIGKILL
        with chat(*flags, "--continue", env=keys()) as terminal:
            shown = terminal.ready().until("interrupted")
            assert "Count" in shown
            assert "w60" in shown
            terminal.line("Go on")
            terminal.until("Once more.")
        assert "w60" in str(server.requests[1].body["messages"])


def test_a_failure_while_all_is_closed_is_said_and_seen_in_the_exit_code(tmp_path: Path) -> None:
    program = tmp_path / "failing.py"
    program.write_text(FAILING_LATE)
    with chat(command=(sys.executable, str(program))) as terminal:
        terminal.ready().line("One sentence, please")
        terminal.until("agentick is")
        terminal.ready().send(CTRL_Q)
        assert terminal.ended(5) == 1
        assert_restored(terminal)
        assert "The screen failed: RuntimeError: cannot close" in terminal.after


@pytest.mark.parametrize("way", [CTRL_Q, CTRL_D, CTRL_C])
def test_the_chat_is_left_while_the_engine_is_still_imported(way: str, tmp_path: Path) -> None:
    program = tmp_path / "slow.py"
    program.write_text(NEVER_READY)
    with chat(command=(sys.executable, str(program))) as terminal:
        terminal.until("An agent in your terminal")
        terminal.send(way)
        if way == CTRL_C:
            terminal.until("again to quit")
            terminal.send(way)
        assert terminal.ended(5) == 0
        assert_restored(terminal)
        assert "agentick" not in terminal.after
        assert "Traceback" not in terminal.after


def test_an_engine_that_cannot_be_imported_is_said_and_the_terminal_restored(tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text(BROKEN_IMPORT)
    with chat(command=(sys.executable, str(program))) as terminal:
        assert terminal.ended() == 1
        assert_restored(terminal)
        assert "The screen failed: ModuleNotFoundError" in terminal.after
        assert "Traceback" not in terminal.after


def test_a_crash_of_the_screen_is_one_line_and_the_conversation_stays(tmp_path: Path) -> None:

    program = tmp_path / "crashing.py"
    program.write_text(CRASHING)
    with chat(command=(sys.executable, str(program))) as terminal:
        begin_slow_answer(terminal)
        terminal.resize(24, 90)
        assert terminal.ended(5) == 1
        assert_restored(terminal)
        assert "The screen failed: RuntimeError: cannot draw" in terminal.after
        assert "Traceback" not in terminal.after
        assert "\x1b[31m" not in terminal.after
        session = session_named(terminal.after)
    goes_on(session)
