"""NO_COLOR: not one colour leaves, and the state can be read all the same."""

import re
from pathlib import Path

import pytest

from tests.e2e.terminal import CTRL_Q, F12, chat

pytestmark = pytest.mark.pty
_STYLE = re.compile(rb"\x1b\[([0-9;:]*)m")


def colours(written: bytes) -> set[bytes]:
    """Give every parameter of a style that is a colour other than the terminal's own."""
    said = {part for style in _STYLE.findall(written) for part in re.split(rb"[;:]", style)}
    return {
        part
        for part in said
        if part.isdigit() and (30 <= int(part) <= 38 or 40 <= int(part) <= 48 or int(part) >= 90)
    }


@pytest.mark.parametrize("theme", ["agentick-dark", "agentick-light", "ansi"])
def test_no_colour_leaves_where_none_is_wanted(theme: str, tmp_path: Path) -> None:
    with chat("--theme", theme, size=(24, 90), env={"NO_COLOR": "1"}, cwd=tmp_path) as terminal:
        terminal.ready()
        terminal.line("code")
        terminal.until("After each planting")
        terminal.line("note")
        terminal.until("wants to run")
        terminal.until("? confirm")
        terminal.until("◇ note")
        terminal.send(F12)
        terminal.until("[Scheduler]")
        terminal.press_when_asked("y")
        terminal.until("✓ note")
        terminal.line("/theme agentick-dark")
        terminal.ready()
        terminal.send(CTRL_Q)
        terminal.ended()
    assert b"\x1b[1" in terminal.written
    assert colours(terminal.written) == set()
