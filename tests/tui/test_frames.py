"""The frame clock and the writer: a terminal that is behind is not drawn on, and never waited for."""

import asyncio
import inspect
import os
import tty
from typing import Any

from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from agentick_tui.frames import FrameClock
from agentick_tui.terminal_output import TerminalWriter, writer_of
from tests.tui.chatting import until


def test_the_private_names_of_textual_are_still_there():
    source = inspect.getsource(LinuxDriver)
    assert "self._writer_thread = WriterThread(self._file)" in source
    assert "self._writer_thread.write(data)" in source
    assert "self._writer_thread.stop()" in source
    assert hasattr(linux_driver, "WriterThread")


class Pipe:
    """A terminal that takes as much as a pipe holds, until it is read."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        self.gone: list[str] = []
        self.late: list[str] = []
        with os.fdopen(os.dup(self.write_end), "w") as file:
            self.writer = TerminalWriter(
                lambda: self.gone.append("gone"), lambda: self.late.append("late"), file
            )
            self.writer._descriptor = self.write_end  # pyright: ignore[reportPrivateUsage]  # the file closes its own

    def read(self, size: int) -> bytes:
        """Take what was written."""
        return os.read(self.read_end, size)


def test_the_writer_never_waits_and_says_when_it_is_behind():
    pipe = Pipe()
    pipe.writer.start()
    text = "x" * 100_000
    pipe.writer.write(text)
    pipe.writer.write(text)
    assert pipe.writer.is_behind
    assert pipe.late
    taken = b""
    while len(taken) < 2 * len(text):
        taken += pipe.read(65536)
    pipe.writer.stop()
    assert not pipe.writer.is_behind


def test_what_waits_can_be_skipped_so_that_the_end_comes_at_once():
    pipe = Pipe()
    pipe.writer.start()
    pipe.writer.write("frame" * 100_000)
    pipe.writer.write("frame" * 100_000)
    pipe.writer.skip()
    pipe.writer.write("restored")
    taken = b""
    while b"restored" not in taken:
        taken += pipe.read(65536)
    pipe.writer.stop()
    assert len(taken) < 200_000
    assert taken.endswith(b"\x18\x1b[?2026l\x1b[m\x1b[rrestored")


def test_what_the_kernel_holds_is_skipped_too_and_nothing_old_follows():
    terminal, ours = os.openpty()
    tty.setraw(ours)
    with os.fdopen(ours, "w") as file:
        writer = TerminalWriter(lambda: None, lambda: None, file)
        assert os.get_blocking(file.fileno())
        writer.start()
        writer.write("frame" * 100_000)
        taken = os.read(terminal, 1)
        writer.skip()
        writer.write("restored")
        while b"restored" not in taken:
            taken += os.read(terminal, 65536)
        writer.stop()
    os.close(terminal)
    before, _, after = taken.partition(b"\x18")
    assert len(before) < 10_000
    assert after == b"\x1b[?2026l\x1b[m\x1b[rrestored"


def test_a_terminal_that_is_gone_is_told_once():
    pipe = Pipe()
    os.close(pipe.read_end)
    pipe.writer.start()
    for _ in range(3):
        pipe.writer.write("frame")
    pipe.writer.stop()
    assert pipe.gone == ["gone"]
    assert pipe.writer.isatty()


class Slow:
    """A writer that is behind or not, as the test says."""

    is_behind = True

    def skip(self) -> None:
        """Forget what waits."""


async def test_while_the_terminal_is_behind_nothing_is_drawn_but_everything_is_taken_up(monkeypatch: Any):
    done: list[str] = []
    slow = Slow()
    monkeypatch.setattr("agentick_tui.frames.writer_of", lambda _: slow)  # pyright: ignore[reportUnknownLambdaType]  # any app
    app: App[None] = App()
    async with app.run_test():
        clock = FrameClock(app, lambda: done.append("follow"), lambda: done.append("draw"), done.append)  # pyright: ignore[reportArgumentType]  # nothing fails
        clock.wake()
        await until(lambda: done.count("follow") >= 2)
        assert "draw" not in done
        slow.is_behind = False
        await until(lambda: "draw" in done)
        clock.stop()
        clock.wake()
        count = len(done)
        await asyncio.sleep(0.1)
        assert len(done) == count


async def test_what_a_key_did_is_drawn_first_and_then_everything(monkeypatch: Any):
    done: list[str] = []
    slow = Slow()
    monkeypatch.setattr(Slow, "skip", lambda _: done.append("skip"))  # pyright: ignore[reportUnknownLambdaType]  # itself
    monkeypatch.setattr("agentick_tui.frames.writer_of", lambda _: slow)  # pyright: ignore[reportUnknownLambdaType]  # any app
    app: App[None] = App()
    async with app.run_test():
        clock = FrameClock(app, lambda: None, lambda: done.append("draw"), done.append)  # pyright: ignore[reportArgumentType]  # nothing fails
        clock.cut_in(lambda: done.append("first"))
        slow.is_behind = False
        await until(lambda: "draw" in done)
        assert done == ["skip", "first", "draw"]


async def test_what_a_drawing_raises_is_told():
    failures: list[Exception] = []

    def broken() -> None:
        raise RuntimeError("cannot draw")

    app: App[None] = App()
    async with app.run_test():
        assert writer_of(app) is None
        FrameClock(app, lambda: None, broken, failures.append).wake()
        await until(lambda: failures)
    assert str(failures[0]) == "cannot draw"
