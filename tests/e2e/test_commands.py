"""`/name args` on the screen: the loaded agent's tools for users, through the session's dispatch."""

from pathlib import Path

import pytest

from tests.e2e.talking import ENDLESS, asked, talking
from tests.e2e.terminal import ENTER, ESC

pytestmark = pytest.mark.pty


def test_a_command_reaches_the_agents_tool_and_the_model_never_sees_it(tmp_path: Path) -> None:
    with talking(("I see no greeting.",), tmp_path) as (terminal, server):
        terminal.line("/greet Ada times=2")
        terminal.until("Greetings Ada, Greetings Ada")
        terminal.ready().line("Hello")
        terminal.until("I see no greeting.")
    assert len(asked(server, 0)) == 1
    assert "greet" not in str(server.requests[0].body).lower()


def test_a_wrong_argument_is_explained_and_stays_in_the_prompt(tmp_path: Path) -> None:
    with talking((), tmp_path) as (terminal, server):
        terminal.line("/greet Ada times=lots")
        terminal.until("times cannot be")
        shown = terminal.until("› /greet Ada times=lots")
        assert "Usage: /greet NAME [times=TIMES]" in shown
        terminal.send("\x17times=2")
        terminal.gone("lots")
        terminal.send(ENTER)
        terminal.until("Greetings Ada, Greetings Ada")
        terminal.line("/greet")
        terminal.until("/greet needs name")
        terminal.send("\x15")
        terminal.line("/gret Ada")
        terminal.until("Did you mean /greet")
        terminal.until("› /gret Ada")
        assert not server.requests


def test_a_command_works_while_an_answer_streams(tmp_path: Path) -> None:
    with talking((ENDLESS,), tmp_path) as (terminal, server):
        terminal.line("first")
        terminal.until("stream stream")
        terminal.line("/greet Ada")
        terminal.until("Greetings Ada")
        terminal.send(ESC)
        terminal.until("interrupted")
        assert len(server.requests) == 1


def test_a_tool_that_asks_also_asks_when_it_is_dispatched_by_hand(tmp_path: Path) -> None:
    with talking((), tmp_path) as (terminal, server):
        terminal.line("/pay 5 Ann")
        terminal.until("Send the money?")
        terminal.press_when_asked("y")
        terminal.until("paid 5 to Ann")
        terminal.ready()
        assert not server.requests


def test_esc_stops_a_tool_that_was_run_by_hand_and_the_prompt_is_free(tmp_path: Path) -> None:
    with talking(("Good.",), tmp_path) as (terminal, _):
        terminal.line("/brood")
        terminal.until("running")
        terminal.send(ESC)
        terminal.until("was cancelled")
        terminal.ready().line("Hello")
        terminal.until("Good.")


def test_a_text_that_begins_with_a_slash_can_be_sent(tmp_path: Path) -> None:
    with talking(("A path.", "A slash."), tmp_path) as (terminal, server):
        terminal.line("/etc/passwd is what?")
        terminal.until("A path.")
        terminal.ready().line("//greet Ada")
        terminal.until("A slash.")
    assert "/etc/passwd is what?" in asked(server, 0)[0]
    assert '"/greet Ada"' in asked(server, 1)[1]


def test_a_new_session_and_back_again(tmp_path: Path) -> None:
    with talking(("One.", "Two.", "Three."), tmp_path) as (terminal, server):
        terminal.line("first of all")
        terminal.until("One.")
        terminal.ready().line("/new Other things")
        terminal.gone("first of all")
        terminal.ready().line("second")
        terminal.until("Two.")
        terminal.ready().line("/sessions")
        assert "Other things" in terminal.until("first of all")
        terminal.line("/resume first of")
        terminal.until("One.")
        terminal.gone("Two.")
        terminal.ready().line("third")
        terminal.until("Three.")
    assert [len(asked(server, number)) for number in range(3)] == [1, 1, 2]
