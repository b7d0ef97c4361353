"""The frame clock: at most so many drawings a second, none while the terminal is behind, none when idle."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from textual.app import App

from agentick_tui.terminal_output import writer_of

FRAME_SECONDS = 1 / 25


class FrameClock:
    """Calls `follow` and `draw` soon after `wake`, and then at most once a frame; what they raise goes to `failed`.

    While the terminal is behind there is only `follow`; nothing is drawn, not even what Textual would draw by
    itself.
    """

    def __init__(
        self,
        app: App[Any],
        follow: Callable[[], None],
        draw: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._app = app
        self._follow = follow
        self._draw = draw
        self._failed = failed
        self._handle: asyncio.TimerHandle | None = None
        self._held: ExitStack | None = None
        self._first: Callable[[], None] | None = None
        self._anew = False
        self._last = 0.0
        self._stopped = False

    def wake(self) -> None:
        """Something is to be drawn, or the terminal fell behind."""
        if self._handle is None and not self._stopped:
            wait = max(0.0, self._last + FRAME_SECONDS - time.monotonic())
            self._handle = asyncio.get_running_loop().call_later(wait, self._frame)

    def cut_in(self, first: Callable[[], None]) -> None:
        """Have what a key did be seen soon, however slow the terminal is: what waits is forgotten, `first` is drawn,
        and then everything anew."""
        writer = writer_of(self._app)
        if writer is not None and not self._stopped:
            writer.skip()
            self._first = first
            self.wake()

    def stop(self) -> None:
        """Draw no more, and write nothing of what waits: the screen is about to be left."""
        self._stopped = True
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if (writer := writer_of(self._app)) is not None:
            writer.skip()

    def _frame(self) -> None:
        self._handle = None
        self._last = time.monotonic()
        try:
            self._do_frame()
        # It is called by the event loop, which would only log what goes wrong.
        except Exception as error:
            self._failed(error)

    def _do_frame(self) -> None:
        writer = writer_of(self._app)
        if writer is not None and writer.is_behind:
            self._hold()
            self._follow()
            self.wake()
            return
        self._release()
        if self._first is not None:
            self._follow()
            self._first()
            self._first, self._anew = None, True
            self.wake()
            return
        with self._app.batch_update():
            self._follow()
            self._draw()
        if self._anew:
            self._anew = False
            self._app.screen.refresh()

    def _hold(self) -> None:
        if self._held is None:
            self._held = ExitStack()
            self._held.enter_context(self._app.batch_update())

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
            # What has changed meanwhile is drawn when the screen is idle next.
            self._app.screen.check_idle()
