"""`agentick run` where a person watches: in a pseudo-terminal."""

import os
import sys

import pexpect
import pytest

PROGRAM = ["-c", "from agentick_tui.cli import main; main()"]
pytestmark = pytest.mark.pty


def watched(*arguments: str) -> "pexpect.spawn[bytes]":
    """Start the program in a terminal."""
    return pexpect.spawn(
        sys.executable, [*PROGRAM, *arguments], env=os.environ, timeout=20, dimensions=(24, 80)
    )


def test_the_answer_streams_and_no_escape_sequence_leaves() -> None:
    process = watched("run", "one sentence")
    shown = process.read()
    process.wait()
    assert process.exitstatus == 0
    assert b"agentick is" in shown
    assert b"\x1b" not in shown


def test_without_a_prompt_it_says_so_instead_of_waiting() -> None:
    process = watched("run")
    assert b"agentick run" in process.read()
    process.wait()
    assert process.exitstatus == 2


def test_with_a_dash_what_is_typed_is_the_prompt() -> None:
    process = watched("run", "-")
    process.setecho(False)
    process.sendline("one sentence")
    process.sendeof()
    assert b"agentick is" in process.read()
    process.wait()
    assert process.exitstatus == 0


def test_control_c_ends_it_with_130() -> None:
    process = watched("run", "a slow long answer")
    process.expect(b"offline")
    process.sendintr()
    process.read()
    process.wait()
    assert process.exitstatus == 130


def test_a_terminal_that_cannot_show_the_chat_is_told_what_can_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    process = watched()
    shown = process.read()
    process.wait()
    assert process.exitstatus == 2
    assert b"agentick run" in shown
    assert b"\x1b" not in shown
