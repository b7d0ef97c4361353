"""Keys and the cursor in a real pseudo-terminal."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pexpect
import pyte
import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.pty
def test_every_newline_key_works_and_the_terminals_own_cursor_is_shown() -> None:
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable,
        ["-m", "tests.tui.screen_demo", "idle", "agentick-dark"],
        cwd=str(ROOT),
        dimensions=(24, 80),
    )
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    written = b""

    def until(text: str) -> None:
        nonlocal written
        deadline = time.monotonic() + 20
        while not any(text in line for line in screen.display):
            assert time.monotonic() < deadline, "\n".join(screen.display)
            try:
                piece = child.read_nonblocking(65536, timeout=1)
            except pexpect.TIMEOUT:
                continue
            written += piece
            # pyte does not know the kitty protocol's switches.
            stream.feed(piece.replace(b"\x1b[>25u", b"").replace(b"\x1b[<u", b""))

    try:
        until("Type a message")
        child.send("one\x1b\rtwo\x1b[27;2;13~three\nfour")
        until("four")
        lines = [line.strip(" ›") for line in screen.display]
        assert lines[-5:-1] == ["one", "two", "three", "four"]
        assert written.rfind(b"\x1b[?25h") > written.rfind(b"\x1b[?25l")
        assert (screen.cursor.y, screen.cursor.x) == (22, len(" › four"))
    finally:
        child.close(force=True)
