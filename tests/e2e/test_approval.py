"""A tool that asks: what is approved is what runs, and the model reads why it was refused."""

import json
from pathlib import Path

import pytest

from tests.e2e.talking import talking
from tests.e2e.terminal import CTRL_C, ENTER, ESC
from tests.fakes.script import Answer, Call

pytestmark = pytest.mark.pty

PAY = Answer(text=["I pay."], calls=(Call("pay", {"amount": 5, "to": "Ann"}, id="pay"),))


def results(body: object) -> str:
    """Give a request as text, without the quoting of its parts."""
    return json.dumps(body).replace('\\"', '"')


def test_edited_arguments_are_what_runs(tmp_path: Path) -> None:
    with talking((PAY, "Paid."), tmp_path) as (terminal, server):
        terminal.line("Pay Ann")
        terminal.until("Send the money?")
        terminal.press_when_asked("e")
        terminal.until('"amount": 5')
        # To the line of the amount, and over its end.
        terminal.send("\x1b[A\x1b[A\x05\x7f\x7f70,")
        terminal.until('"amount": 70,')
        terminal.send(ENTER)
        terminal.until("amount: 70")
        terminal.press_when_asked("y")
        terminal.until("Paid.")
        assert "paid 70 to Ann" in terminal.text
    assert "paid 70 to Ann" in results(server.requests[1].body)


def test_arguments_that_do_not_fit_are_explained_and_never_run(tmp_path: Path) -> None:
    with talking((PAY, "Not paid."), tmp_path) as (terminal, server):
        terminal.line("Pay Ann")
        terminal.until("Send the money?")
        terminal.press_when_asked("e")
        terminal.until('"amount": 5')
        terminal.send('\x1b[A\x1b[A\x05\x7f\x7f"much",')
        terminal.until("much")
        terminal.send(ENTER)
        terminal.until("✗")
        assert len(server.requests) == 1
        terminal.send(ESC)
        terminal.gone("much")
        terminal.press_when_asked(ESC)
        terminal.until("Not paid.")
    assert "rejected by user" in results(server.requests[1].body)


def test_the_reason_of_a_refusal_reaches_the_model(tmp_path: Path) -> None:
    with talking((PAY, "I see."), tmp_path) as (terminal, server):
        terminal.line("Pay Ann")
        terminal.until("Send the money?")
        terminal.press_when_asked("n")
        terminal.line("yes, but she was paid yesterday")
        terminal.until("I see.")
        assert "denied" in terminal.text
    sent = results(server.requests[1].body)
    assert "yes, but she was paid yesterday" in sent
    assert "paid 5 to Ann" not in sent


def test_ctrl_c_refuses_and_the_answer_goes_on(tmp_path: Path) -> None:
    with talking((PAY, "As you like."), tmp_path) as (terminal, server):
        terminal.line("Pay Ann")
        terminal.until("Send the money?")
        terminal.send(CTRL_C)
        terminal.until("As you like.")
    assert "cancelled by user" in results(server.requests[1].body)


def test_what_was_typed_ahead_answers_nothing_and_stays_in_the_prompt(tmp_path: Path) -> None:
    slow = Answer(text=["I pay."] * 30, pace=0.02, calls=(Call("pay", {"amount": 5, "to": "Ann"}, id="pay"),))
    with talking((slow, "Paid."), tmp_path) as (terminal, server):
        terminal.line("Pay Ann")
        terminal.until("I pay.")
        typed = ""
        while "Send the money?" not in terminal.text:
            terminal.send("y")
            typed += "y"
            terminal.until(typed)
            # Slowly enough that all of it stands in one row.
            terminal.pause(0.03)
        terminal.until("confirm")
        assert len(server.requests) == 1
        terminal.press_when_asked("y")
        terminal.until("Paid.")
        terminal.until("› y")
    assert "paid 5 to Ann" in results(server.requests[1].body)


def test_always_is_remembered_with_the_session(tmp_path: Path) -> None:
    with talking((PAY, "Paid once.", PAY, "Paid twice."), tmp_path) as (terminal, server):
        terminal.line("Pay Ann")
        terminal.until("Send the money?")
        terminal.press_when_asked("a")
        terminal.until("This call")
        terminal.send(ENTER)
        terminal.until("store it")
        terminal.send(ENTER)
        terminal.until("Paid once.")
        terminal.ready().line("Again")
        terminal.until("Paid twice.")
    assert len(server.requests) == 4
