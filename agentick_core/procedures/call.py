"""A started call: awaiting it gives what it returns, and waiting never cancels it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Generator
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeAlias, TypeVar

from agentick_core.errors import AbortError, StateError
from agentick_core.procedures.futures import failure, look_at

if TYPE_CHECKING:
    from agentick_core.events.buffer import EventBuffer
    from agentick_core.procedures.stream import Chunk

T = TypeVar("T")
CallStatus: TypeAlias = Literal["running", "completed", "error", "aborted"]


class Call(Generic[T]):
    """The call of a procedure, already under way.

    Await it for its value. Nobody has to: a failure that nobody awaits is silent. Iterate it for what a generator
    yields, from the first on. Neither waiting nor leaving the loop stops the work: `abort` does.
    """

    __slots__ = ("_aborted", "_chunks", "_future", "_trace_id")

    def __init__(
        self,
        future: "asyncio.Future[T]",
        trace_id: str | None = None,
        chunks: "EventBuffer[Chunk] | None" = None,
    ) -> None:
        self._future = future
        self._trace_id = trace_id
        self._chunks = chunks
        self._aborted: AbortError | None = None
        future.add_done_callback(look_at)

    def __await__(self) -> Generator[Any, None, T]:
        stops = _stops_of_waiter()
        try:
            value = yield from asyncio.shield(self._future).__await__()
        except (Exception, asyncio.CancelledError):
            # Whoever waits may have been stopped at the same moment, which an abort must not hide.
            if self._aborted is not None and self._future.done() and _stops_of_waiter() == stops:
                raise self._aborted from None
            raise
        if self._aborted is not None:
            raise self._aborted
        return value

    async def __aiter__(self) -> AsyncIterator[Any]:
        if self._chunks is None:
            await self
            return
        async for chunk in self._chunks:
            yield chunk.value

    @property
    def result(self) -> Awaitable[T]:
        """The final value of the call."""
        return self

    @property
    def done(self) -> bool:
        """Whether the call has ended; one that was aborted may still clean up."""
        return self._future.done()

    @property
    def status(self) -> CallStatus:
        """How it stands; "aborted" for good from the moment of the abort, and where the work raised an AbortError."""
        if self._aborted is not None:
            return "aborted"
        if not self._future.done():
            return "running"
        match failure(self._future):
            case None:
                return "completed"
            case AbortError() | asyncio.CancelledError():
                return "aborted"
            case _:
                return "error"

    @property
    def trace_id(self) -> str:
        """The id of the trace that the call belongs to; where there is none, one of the call's own."""
        if self._trace_id is None:
            self._trace_id = str(uuid.uuid4())
        return self._trace_id

    def abort(self, reason: str | None = None) -> None:
        """Stop the work. Does nothing after it has ended; what has taken effect by now stays.

        Whoever awaits the call gets an AbortError as soon as the work has cleaned up; readers end at once.

        Raises:
            StateError: where this is another thread than that of the call.
        """
        if self._aborted is not None or self._future.done():
            return
        if not _runs_here(self._future):
            raise StateError(
                "A call is stopped from another thread than its own",
                hint="From another thread, use loop.call_soon_threadsafe(call.abort).",
            )
        self._aborted = AbortError(reason or "Operation aborted", code="ABORT_SIGNAL", reason=reason)
        if self._chunks is not None:
            self._chunks.close()
        self._future.cancel()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(f"A call has no {name!r}; what it gives may have: (await call).{name}")


def _stops_of_waiter() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def _runs_here(future: "asyncio.Future[Any]") -> bool:
    try:
        return asyncio.get_running_loop() is future.get_loop()
    except RuntimeError:
        return False
