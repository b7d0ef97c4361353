"""The thread that writes to the terminal, however slow that is: it never stops the event loop, and it can be cut short.

Textual's own writer stops the event loop when thirty writes wait, writes everything to the end before it lets the
application leave, and dies when the terminal is gone.
"""

import os
import select
import termios
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import IO, Any

from textual._ansi_sequences import SYNC_START
from textual.app import App
from textual.drivers import linux_driver

# In characters that the terminal has not taken yet.
BEHIND = 512
FAR_BEHIND = 8192
LAST_SECONDS = 3.0
_PIECE = 512
# How long a full terminal is left alone before it is looked whether what waits is still to be written.
_LOOK_SECONDS = 0.1
# Ends a sequence that was cut in the middle, the frame that it was part of, its colours and its scrolling region.
_BREAK_OFF = "\x18\x1b[?2026l\x1b[m\x1b[r"


class TerminalWriter(Thread):
    """Writes in a thread what the driver gives it. `gone` is told once that the terminal takes nothing any more,
    `late` each time that much waits; both may be called from any thread."""

    def __init__(self, gone: Callable[[], object], late: Callable[[], object], file: IO[str]) -> None:
        super().__init__(daemon=True, name="terminal-output")
        self._gone = gone
        self._late = late
        # Not through the file: it would lock the stream, and the interpreter waits for that when it leaves.
        self._file = file.fileno()
        self._descriptor = _unblocking(self._file)
        self._writing = Lock()
        self._waiting: SimpleQueue[tuple[int, str] | None] = SimpleQueue()
        self._epoch = 0
        self._given = 0
        self._done = 0
        self._closed = False
        self._ahead = ""

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was drawn before."""
        return self._given - self._done > BEHIND

    def write(self, text: str) -> None:
        """Have the text written, after what waits already."""
        # The driver writes the start of a synchronised frame by itself, and then the frame.
        if self._ahead and text != SYNC_START:
            text, self._ahead = self._ahead + text, ""
        self._given += len(text)
        self._waiting.put((self._epoch, text))
        if self._given - self._done > FAR_BEHIND:
            self._late()

    def ahead(self, text: str) -> None:
        """Have the text written right before the next frame."""
        self._ahead += text

    def skip(self) -> None:
        """Forget what waits, here and in the kernel: the screen is about to be left, or to be drawn anew."""
        self._ahead = ""
        if os.get_blocking(self._descriptor):
            self._epoch += 1
        else:
            # Nothing of the old may follow what is cut here: it would be read as the rest of a sequence.
            with self._writing, suppress(termios.error):
                self._epoch += 1
                # A pseudo-terminal holds 20 KB, ten seconds of a slow line.
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
        self.write(_BREAK_OFF)

    def flush(self) -> None:
        """Do nothing: every write is at once."""

    def isatty(self) -> bool:
        """Say that this is a terminal."""
        return True

    def fileno(self) -> int:
        """Give the descriptor that is written to."""
        return self._file

    def run(self) -> None:
        """Write until `stop`."""
        while (item := self._waiting.get()) is not None:
            self._write(*item)
            self._done += len(item[1])
        if self._descriptor != self._file:
            os.close(self._descriptor)

    def stop(self) -> None:
        """Write what waits, and end; a terminal that takes nothing is not waited for."""
        self._waiting.put(None)
        self.join(LAST_SECONDS)

    def _write(self, epoch: int, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        while data and epoch == self._epoch and not self._closed:
            try:
                data = data[self._put(epoch, data[:_PIECE]) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [], _LOOK_SECONDS)
            except OSError:
                self._closed = True
                self._gone()

    def _put(self, epoch: int, piece: memoryview) -> int:
        if os.get_blocking(self._descriptor):
            return os.write(self._descriptor, piece)
        with self._writing:
            return os.write(self._descriptor, piece) if epoch == self._epoch else 0


def _unblocking(descriptor: int) -> int:
    """Open the terminal once more: the descriptor that is given is shared, and must stay as it is."""
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return descriptor


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
