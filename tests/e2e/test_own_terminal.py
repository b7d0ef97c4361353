"""The terminal belongs to the screen: what a tool reads, prints or starts leaves keys and picture alone."""

import re
from pathlib import Path

import pytest

from tests.e2e.talking import talking
from tests.e2e.terminal import CTRL_Q, CTRL_Z, ENTER, PROGRAM, chat
from tests.fakes.script import Answer, Call

pytestmark = pytest.mark.pty

SOURCE = '''
import os
import subprocess

from agentick_core.components.timeline import Timeline
from agentick_core.tools.tool import tool
from agentick_core.tree.element import component


@tool(effects={"read"})
def meddle() -> str:
    """Read and print as if there were no screen."""
    os.write(1, b"TO STDOUT")
    os.write(2, b"TO STDERR")
    subprocess.run(["sh", "-c", "echo BY ANOTHER; read line; echo $line"], check=False)
    return input("Your name? ")


@component
def app():
    yield meddle
    yield Timeline()
'''


def test_a_tool_that_prints_and_reads_leaves_the_screen_and_the_keys_alone(tmp_path: Path) -> None:
    file = tmp_path / "meddling_agent.py"
    file.write_text(SOURCE)
    script = (Answer(text=["I ask."], calls=(Call("meddle", {}, id="one"),)), "It has been asked.")
    with talking(script, tmp_path, agent=str(file)) as (terminal, _):
        terminal.send("Go\rand typed meanwhile")
        terminal.until("It has been asked.")
        terminal.ready().until("› and typed meanwhile")
        assert "EOF when reading a line" in terminal.text
        for printed in (b"TO STDOUT", b"TO STDERR", b"BY ANOTHER", b"Your name?"):
            assert printed not in terminal.written
        terminal.send(CTRL_Q)
        assert terminal.ended(5) == 0
        assert "agentick --resume" in terminal.after


def test_the_screen_has_the_terminals_size_when_stdout_leads_elsewhere(tmp_path: Path) -> None:
    to_file = ("sh", "-c", 'exec "$0" > "$1"', str(PROGRAM), str(tmp_path / "out"))
    with chat(command=to_file, size=(14, 50)) as terminal:
        terminal.ready()
        assert terminal.text.splitlines()[13].endswith("idle")


def test_nothing_is_drawn_for_a_size_that_is_not_the_terminals() -> None:
    with chat(size=(14, 50)) as terminal:
        terminal.ready()
        lines = re.findall("─+", terminal.written.decode(errors="replace"))
        assert {len(line) for line in lines} == {50}


def test_the_whole_screen_is_drawn_again_after_it_was_suspended() -> None:
    shell = ("bash", "--norc", "-c", 'set -m; "$0"; clear; echo stopped; read -r line; fg', str(PROGRAM))
    with chat(command=shell) as terminal:
        terminal.ready().send("a draft")
        terminal.until("› a draft")
        terminal.send(CTRL_Z)
        terminal.until("stopped")
        terminal.gone("› a draft")
        terminal.send("\n")
        terminal.until("An agent in your terminal")
        terminal.ready().until("› a draft")


def test_the_shell_gets_the_terminal_as_it_was_while_the_chat_is_suspended() -> None:
    shell = (
        "bash",
        "--norc",
        "-c",
        'set -m; "$0"; clear; stty -a; echo stopped; read -r line; fg',
        str(PROGRAM),
    )
    with chat(command=shell) as terminal:
        terminal.ready().send(f"hello{ENTER}")
        terminal.until("Hello, and welcome")
        terminal.ready().send(CTRL_Z)
        terminal.until("stopped")
        assert {"echo", "icrnl", "ixon", "icanon"} <= {*re.split("[ ;\r\n]+", terminal.after)}
        terminal.send("\r")
        terminal.ready()
        terminal.send(CTRL_Q)
        assert terminal.ended(5) == 0
