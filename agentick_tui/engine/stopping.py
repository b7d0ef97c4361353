"""What stops a run from outside: Ctrl+C, or a signal to end."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from agentick_tui.engine.exit_codes import ExitCode

SIGNALS = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


class Stopping:
    """While it is entered, a signal calls `stop` with a reason; `code` tells which it was.

    A second signal ends the process at once.
    """

    def __init__(self, stop: Callable[[str], object]) -> None:
        self.code: ExitCode | None = None
        self._stop = stop

    def __enter__(self) -> "Stopping":
        loop = asyncio.get_running_loop()
        for number, code in SIGNALS.items():
            # Windows has no signal handlers in its event loops
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self._signalled, code)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)

    def _signalled(self, code: ExitCode) -> None:
        if self.code in SIGNALS.values():
            os._exit(code)
        self.code = code
        self._stop("interrupted")
