"""A pseudo-terminal of 120x40 with a program in it: what it writes is kept with its times, and queries are answered."""

import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.bench.process import cpu_seconds, resident_mb

WIDTH, HEIGHT = 120, 40
DEADLINE = 60.0
PATIENCE = 5.0
KEY_EVERY = 0.01

ANSWERS: Mapping[bytes, bytes] = {
    b"\x1b]11;?": b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}
"""What a terminal of today says when it is asked for its background, its kind, and two of its modes."""


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of what the program wrote: when it came, and where in all of it it ends."""

    at: float
    end: int


class Terminal:
    """Runs a program in a pseudo-terminal, as a context manager."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], cwd: str) -> None:
        self.output = bytearray()
        self.pieces: list[Written] = []
        self._news = threading.Condition()
        self._master, slave = os.openpty()
        self._size(WIDTH, HEIGHT)
        _no_echo(slave)
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=cwd, start_new_session=True
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        os.close(self._master)

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def cpu(self) -> float:
        """The seconds of CPU it has used."""
        return cpu_seconds(self.pid)

    @property
    def memory(self) -> float:
        """The MB it has in RAM."""
        return resident_mb(self.pid)

    @property
    def written(self) -> int:
        """How many bytes it has written."""
        return len(self.output)

    def type(self, text: str) -> float:
        """Type a text; give the time."""
        at = time.perf_counter()
        os.write(self._master, text.encode())
        return at

    def resize(self, width: int, height: int) -> float:
        """Give the terminal another size; give the time."""
        self._size(width, height)
        at = time.perf_counter()
        os.kill(self.pid, signal.SIGWINCH)
        return at

    def wait_for(self, text: str, since: int = 0, timeout: float = DEADLINE) -> float:
        """Wait until the text was written after that many bytes; give the time at which it came.

        Raises:
            TimeoutError: it did not come, or the program ended.
        """
        wanted, start = text.encode(), since
        until = time.perf_counter() + timeout
        with self._news:
            while (found := self.output.find(wanted, start)) < 0:
                start = max(since, len(self.output) - len(wanted))
                left = until - time.perf_counter()
                if left <= 0 or not self._reader.is_alive():
                    raise TimeoutError(
                        f"{text!r} did not come to the screen; the end was {bytes(self.output[-200:])!r}"
                    )
                self._news.wait(min(left, 1.0))
            return self.pieces[bisect_left(self.pieces, found + len(wanted), key=lambda piece: piece.end)].at

    def first_key(self, key: str = "λ") -> float:
        """Type a key again and again until it is shown; give the seconds since the start."""
        while time.perf_counter() - self.began < DEADLINE:
            self.type(key)
            with suppress(TimeoutError):
                return self.wait_for(key, timeout=KEY_EVERY) - self.began
        raise TimeoutError("No key was accepted")

    def quiet(self, seconds: float) -> None:
        """Wait until nothing was written for that long."""
        seen = -1
        while seen != self.written:
            seen = self.written
            time.sleep(seconds)

    def settle(self, seconds: float = 0.5, share: float = 0.04) -> None:
        """Wait until the program has used less than that share of a CPU for that long, and written nothing."""
        until = time.perf_counter() + DEADLINE
        while time.perf_counter() < until:
            cpu, written = self.cpu, self.written
            time.sleep(seconds)
            if self.cpu - cpu < share * seconds and self.written == written:
                return

    def _size(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _drain(self) -> None:
        # Linux ends the reading with an error once the program has closed its side.
        with suppress(OSError):
            while piece := os.read(self._master, 65536):
                at = time.perf_counter()
                with self._news:
                    self.output += piece
                    self.pieces.append(Written(at, len(self.output)))
                    self._news.notify_all()
                for question, answer in ANSWERS.items():
                    if question in piece:
                        os.write(self._master, answer)


def _no_echo(descriptor: int) -> None:
    """Let what is typed before the program listens not come back by itself."""
    modes = termios.tcgetattr(descriptor)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSANOW, modes)
