"""What stops a run from outside: Ctrl+C, a signal to end, a time limit."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from agentick_tui.engine.exit_codes import ExitCode

SIGNALS = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


class Stopping:
    """While it is entered, a signal or the end of the time calls `stop` with a reason; `code` tells which it was.

    A second signal ends the process at once.
    """

    def __init__(self, stop: Callable[[str], object], timeout: float | None = None) -> None:
        self.code: ExitCode | None = None
        self._stop = stop
        self._timeout = timeout
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> "Stopping":
        loop = asyncio.get_running_loop()
        for number, code in SIGNALS.items():
            # Windows has no signal handlers in its event loops
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self._signalled, code)
        if self._timeout is not None:
            self._timer = loop.call_later(self._timeout, self._end, ExitCode.LIMIT, "time_limit")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
        if self._timer is not None:
            self._timer.cancel()

    def _signalled(self, code: ExitCode) -> None:
        if self.code in SIGNALS.values():
            os._exit(code)
        self._end(code, "interrupted")

    def _end(self, code: ExitCode, reason: str) -> None:
        self.code = code
        self._stop(reason)
