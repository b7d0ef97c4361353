"""The event loop in which a session was made, and that nobody touches the session from anywhere else."""

import asyncio

from agentick_core.errors import NoRunningLoopError, StateError


class HomeLoop:
    """The running event loop, remembered."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    def check(self) -> None:
        """Make sure that the caller is in that loop.

        Raises:
            NoRunningLoopError: no event loop runs here.
            StateError: another one runs here.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise NoRunningLoopError(
                "A session is used outside its event loop",
                hint="From another thread, use loop.call_soon_threadsafe(...) or "
                "asyncio.run_coroutine_threadsafe(...); in a tool, ctx.call_soon(fn).",
            ) from None
        if loop is not self._loop:
            raise StateError(
                "A session belongs to the event loop it was made in",
                hint="From another one, use loop.call_soon_threadsafe(...) or "
                "asyncio.run_coroutine_threadsafe(...) with that loop.",
            )
