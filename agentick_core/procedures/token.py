"""A cancellation token: the way in which everybody learns that the work was stopped."""

import asyncio
import logging
import threading
from collections.abc import Callable

from agentick_core.errors import AbortCode, AbortError, StateError

_log = logging.getLogger("agentick")


class CancelToken:
    """Says once and for all that something was cancelled, and tells those who asked.

    Give one as `signal=` to stop a send from outside; a tool reads `ctx.token`. `cancelled` may be read in any
    thread; what is told of the end is told in the thread in which it was asked for, so only there is it cancelled.
    """

    __slots__ = ("_callbacks", "_error", "_lock", "_thread")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread = 0
        self._callbacks: list[Callable[[AbortError], object]] = []
        self._error: AbortError | None = None

    @property
    def cancelled(self) -> bool:
        """Whether the work was stopped."""
        return self._error is not None

    @property
    def error(self) -> AbortError | None:
        """The error that says why, or None."""
        return self._error

    def cancel(
        self,
        reason: str | None = None,
        *,
        message: str = "Execution aborted",
        code: AbortCode = "ABORT_SIGNAL",
    ) -> None:
        """Stop the work; only the first call counts.

        Raises:
            StateError: where this is another thread than that of the work.
        """
        self.stop(AbortError(message, code=code, reason=reason))

    def stop(self, error: AbortError) -> None:
        """Stop the work with this error; only the first call counts."""
        with self._lock:
            if self._error is not None:
                return
            self._check_thread()
            self._error = error
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            _call(callback, error)

    def on_cancel(self, callback: Callable[[AbortError], object]) -> Callable[[], None]:
        """Call back when the work is stopped, at once if it was already; give the way to take this back."""
        with self._lock:
            if self._error is None:
                self._check_thread()
                self._thread = threading.get_ident()
                self._callbacks.append(callback)
                return lambda: self._forget(callback)
        callback(self._error)
        return lambda: None

    def raise_if_cancelled(self) -> None:
        """Raise the AbortError if the work was stopped."""
        if self._error is not None:
            raise self._error

    def _forget(self, callback: Callable[[AbortError], object]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def _check_thread(self) -> None:
        if self._callbacks and self._thread != threading.get_ident():
            raise StateError(
                "A cancel token is used from another thread than that of the work it stops",
                hint="From another thread, use loop.call_soon_threadsafe(token.cancel).",
            )


def _call(callback: Callable[[AbortError], object], error: AbortError) -> None:
    try:
        callback(error)
    # One that raises must not keep the others from learning of it, nor break whoever stops the work.
    except (Exception, asyncio.CancelledError) as raised:
        _log.error("A cancellation callback raised", exc_info=raised)
