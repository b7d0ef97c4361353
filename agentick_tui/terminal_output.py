"""The thread that writes to the terminal, however slow that is: it never stops the event loop, and it can be cut short.

Textual's own writer stops the event loop when thirty writes wait, writes everything to the end before it lets the
application leave, and dies when the terminal is gone.
"""

import os
import select
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from textual.app import App
from textual.drivers import linux_driver

# In characters that the terminal has not taken yet.
BEHIND = 512
FAR_BEHIND = 8192
LAST_SECONDS = 3.0
_PIECE = 1024
# Ends a sequence that was cut in the middle, and the frame that it was part of.
_BREAK_OFF = "\x18\x1b[?2026l"


class TerminalWriter(Thread):
    """Writes in a thread what the driver gives it. `gone` is told once that the terminal takes nothing any more,
    `late` each time that much waits; both may be called from any thread."""

    def __init__(self, gone: Callable[[], object], late: Callable[[], object], file: IO[str]) -> None:
        super().__init__(daemon=True, name="terminal-output")
        self._gone = gone
        self._late = late
        # Not through the file: it would lock the stream, and the interpreter waits for that when it leaves.
        self._descriptor = file.fileno()
        self._waiting: SimpleQueue[tuple[int, str] | None] = SimpleQueue()
        self._epoch = 0
        self._given = 0
        self._done = 0
        self._closed = False

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was drawn before."""
        return self._given - self._done > BEHIND

    def write(self, text: str) -> None:
        """Have the text written, after what waits already."""
        self._given += len(text)
        self._waiting.put((self._epoch, text))
        if self._given - self._done > FAR_BEHIND:
            self._late()

    def skip(self) -> None:
        """Write nothing of what waits: the screen is about to be left."""
        self._epoch += 1
        self.write(_BREAK_OFF)

    def flush(self) -> None:
        """Do nothing: every write is at once."""

    def isatty(self) -> bool:
        """Say that this is a terminal."""
        return True

    def fileno(self) -> int:
        """Give the descriptor that is written to."""
        return self._descriptor

    def run(self) -> None:
        """Write until `stop`."""
        while (item := self._waiting.get()) is not None:
            self._write(*item)
            self._done += len(item[1])

    def stop(self) -> None:
        """Write what waits, and end; a terminal that takes nothing is not waited for."""
        self._waiting.put(None)
        self.join(LAST_SECONDS)

    def _write(self, epoch: int, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        while data and epoch == self._epoch and not self._closed:
            try:
                data = data[os.write(self._descriptor, data[:_PIECE]) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [], LAST_SECONDS)
            except OSError:
                self._closed = True
                self._gone()


def write_in_own_thread(gone: Callable[[], object], late: Callable[[], object]) -> None:
    """Have the driver write with this writer; call it before the application runs."""
    # The driver takes the class from its own module and offers no other way in.
    linux_driver.WriterThread = partial(TerminalWriter, gone, late)  # pyright: ignore[reportPrivateImportUsage, reportAttributeAccessIssue]  # imported there, and called like the class


def writer_of(app: App[Any]) -> TerminalWriter | None:
    """Give the writer of a running application; None where it draws on no terminal."""
    driver = app._driver  # pyright: ignore[reportPrivateUsage]  # there is no public way to it
    # Only the Linux driver has one.
    writer: object = getattr(driver, "_writer_thread", None)
    return writer if isinstance(writer, TerminalWriter) else None
