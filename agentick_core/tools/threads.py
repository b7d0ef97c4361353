"""Where synchronous handlers run: each in its own thread, which no abort can stop."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class ToolThreads:
    """The threads of one session's tools; an abandoned one runs on and its result is dropped."""

    __slots__ = ("_running",)

    def __init__(self) -> None:
        self._running: set[asyncio.Future[Any]] = set()

    async def run(self, fn: Callable[[], Any]) -> Any:
        """Call `fn` in a thread, with the context of the caller. Cancelling this leaves the thread alone."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        context = contextvars.copy_context()
        self._running.add(done)
        done.add_done_callback(self._ended)

        def settle(value: Any, error: BaseException | None) -> None:
            if error is None:
                done.set_result(value)
            else:
                done.set_exception(error)

        def work() -> None:
            value, error = None, None
            try:
                value = context.run(fn)
            except StopIteration as stop:
                # A future refuses to carry a StopIteration.
                error = RuntimeError(f"StopIteration: {stop}")
            # Whatever the tool raises belongs to the call, not to this thread.
            except BaseException as raised:
                error = raised
            # The loop may be gone by now, and nobody waits then.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, value, error)

        # A daemon, so that a tool that hangs does not keep the program from ending.
        threading.Thread(target=work, name="agentick-tool", daemon=True).start()
        return await asyncio.shield(done)

    def abandon(self, task: asyncio.Task[Any]) -> None:
        """Take over a task that was cancelled and goes on all the same."""
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            # Read, so that it is not reported as never retrieved: the call has its result already.
            task.exception()

    async def join(self, seconds: float) -> bool:
        """Wait for the threads that still run, at most so long; tell whether all have ended."""
        if self._running:
            await asyncio.wait(tuple(self._running), timeout=seconds)
        return not self._running
