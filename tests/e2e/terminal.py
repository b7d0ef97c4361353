"""The real program in a real pseudo-terminal: keys go in, bytes come out, and pyte says what they draw."""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, cast

import pexpect
import pyte

PROGRAM = Path(sys.executable).with_name("agentick")
DEADLINE = 20.0
# A little more than the confirmation waits for a pause in the typing.
GUARD = 0.45
# Sequences that pyte does not know, and would print.
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*u|\x1b\[\?[0-9;]*\$p")
_CUT = re.compile(rb"\x1b(\[[<>=?0-9;$]*)?$")

ENTER, ESC, CTRL_C, CTRL_D, CTRL_J, CTRL_Q, CTRL_Z, ALT_ENTER, F12, NEXT_TAB, UP = (
    "\r", "\x1b", "\x03", "\x04", "\n", "\x11", "\x1a", "\x1b\r", "\x1b[24~", "\x1bt", "\x1b[A",
)  # fmt: skip
RESTORED = {
    "the alternate screen is left": (b"\x1b[?1049h", b"\x1b[?1049l"),
    "the cursor is shown": (b"\x1b[?25l", b"\x1b[?25h"),
    "bracketed paste is off": (b"\x1b[?2004h", b"\x1b[?2004l"),
    "the mouse is off": (b"\x1b[?1003h", b"\x1b[?1003l"),
    "focus reports are off": (b"\x1b[?1004h", b"\x1b[?1004l"),
}


class Terminal:
    """A program in a terminal that is read by a thread, at most `rate` bytes a second where that is set.

    `until` waits for text on the screen; `written` is every byte that the program wrote.
    """

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = (24, 100),
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        command: tuple[str, ...] = (str(PROGRAM),),
    ) -> None:
        rows, columns = size
        self.written = b""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        self.rate: int | None = None
        self._news = threading.Condition()
        self._ended = False
        self._hung_up = False
        self._process: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            [*command[1:], *arguments],
            cwd=str(cwd) if cwd else None,
            env={**os.environ, **(env or {})},
            dimensions=size,
            timeout=DEADLINE,
        )
        self._process.delaybeforesend = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def ready(self) -> "Terminal":
        """Wait until nothing runs, and the prompt can be typed in."""
        self.until("○ idle")
        return self

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._process.child_fd, keys.encode())

    def line(self, text: str) -> None:
        """Type a text, and Enter once it is there."""
        self.send(text)
        self.until(text.strip()[-20:])
        self.send(ENTER)

    def press_when_asked(self, key: str) -> None:
        """Press a key of the confirmation, again and again until its guard against typed-ahead keys lets it act."""
        self.until("confirm")
        before = self.text
        time.sleep(GUARD)
        self.send(key)
        self.until(lambda text: text != before)

    def hear(self, seconds: float) -> None:
        """Wait until bytes came, and no longer than that many seconds."""
        with self._news:
            self._news.wait(seconds)

    def pause(self, seconds: float) -> None:
        """Type no faster than a person does."""
        time.sleep(seconds)

    def until(self, wanted: "str | Callable[[str], bool]", seconds: float = DEADLINE) -> str:
        """Wait until the text is on the screen, or until the screen is as wanted; give what stands there."""
        self.wait(lambda: wanted(self.text) if callable(wanted) else wanted in self.text, wanted, seconds)
        return self.text

    def gone(self, text: str, seconds: float = DEADLINE) -> None:
        """Wait until the text is on the screen no more."""
        self.wait(lambda: text not in self.text, f"no {text!r}", seconds)

    def wait(self, true: Callable[[], bool], what: object, seconds: float = DEADLINE) -> None:
        """Wait until something is true; it is looked at whenever bytes came, and a few times a second."""
        deadline = time.monotonic() + seconds
        with self._news:
            while not true():
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds:g} s for {what!r}; on the screen:\n{self.text}"
                assert not self._ended or true(), f"ended before {what!r}; on the screen:\n{self.text}"
                self._news.wait(min(left, 0.1))

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size."""
        with self._news:
            self.screen.resize(rows, columns)
        fcntl.ioctl(self._process.child_fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def kill(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal, as a window that is closed."""
        self._hung_up = True
        self._reader.join(DEADLINE)

    def ended(self, seconds: float = DEADLINE) -> int:
        """Wait for the end of the process; give the exit code, or less than zero for a signal."""
        deadline = time.monotonic() + seconds
        while self._process.isalive():
            assert time.monotonic() < deadline, f"still runs after {seconds:g} s:\n{self.text}"
            time.sleep(0.01)
        if self.rate is None:
            self._reader.join(DEADLINE)
        code, number = self._process.exitstatus, self._process.signalstatus
        return code if code is not None else -(number or 0)

    @property
    def after(self) -> str:
        """What was written after the alternate screen was left."""
        return self.written.rpartition(b"\x1b[?1049l")[2].decode(errors="replace")

    def close(self) -> None:
        """End it, whatever it does."""
        if self._process.isalive():
            self.kill(signal.SIGKILL)
        self.hang_up()
        self.ended()

    def _read(self) -> None:
        descriptor = self._process.child_fd
        while not self._hung_up:
            if not select.select([descriptor], [], [], 0.05)[0]:
                continue
            try:
                piece = os.read(descriptor, 65536 if self.rate is None else self.rate // 10)
            except OSError:
                piece = b""
            with self._news:
                self.written += piece
                self._draw(piece)
                self._ended = not piece
                self._news.notify_all()
            if not piece:
                break
            if self.rate is not None:
                time.sleep(0.1)
        # Only now: what is closed while it is read stays open.
        cast("Any", self._process).ptyproc.fileobj.close()

    def _draw(self, piece: bytes) -> None:
        known = _UNKNOWN.sub(b"", self._rest + piece)
        cut = _CUT.search(known)
        self._rest = known[cut.start() :] if cut else b""
        self._stream.feed(known[: cut.start()] if cut else known)


def assert_restored(terminal: Terminal) -> None:
    """Check on the bytes that the terminal was left as it was found."""
    for what, (on, off) in RESTORED.items():
        assert on in terminal.written, what
        assert terminal.written.rfind(off) > terminal.written.rfind(on), what


@contextlib.contextmanager
def chat(*arguments: str, **options: object) -> Generator[Terminal]:
    """Open the chat, and end it afterwards."""
    terminal = Terminal(*arguments, **options)  # pyright: ignore[reportArgumentType]  # as Terminal takes them
    try:
        yield terminal
    finally:
        terminal.close()
