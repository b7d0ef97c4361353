"""The procedures that start an execution: awaiting the call gives the handle, `.result` the result."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Concatenate, Generic, NoReturn, ParamSpec, TypeVar, cast

from agentick_core.errors import AbortError, StateError
from agentick_core.events.union import StreamEvent
from agentick_core.messages.result import SendResult
from agentick_core.procedures.call import Call
from agentick_core.procedures.middleware import Middleware
from agentick_core.procedures.procedure import Procedure, Wrapping, start, time_limit, timed_out
from agentick_core.session.execution.handle import SessionExecutionHandle

P = ParamSpec("P")
OutputT = TypeVar("OutputT")
T = TypeVar("T")


class ExecutionCall(Generic[OutputT]):
    """A send under way: await it for the handle, `.result` for the SendResult, or iterate its events."""

    __slots__ = ("_call", "_expired", "_future", "_result")

    def __init__(
        self, future: "asyncio.Future[SessionExecutionHandle[OutputT]]", timeout: float | None
    ) -> None:
        self._future = future
        self._expired: AbortError | None = None
        self._call = Call(future)
        self._result: Call[SendResult[OutputT]] | None = None
        if timeout is not None:
            self._result = Call(asyncio.ensure_future(self._bounded(timeout)))

    def __await__(self) -> Generator[Any, None, SessionExecutionHandle[OutputT]]:
        return self._handle().__await__()

    @property
    def result(self) -> Awaitable[SendResult[OutputT]]:
        """The result of the execution."""
        if self._result is None:
            self._result = Call(asyncio.ensure_future(self._follow()))
        return self._result

    async def __aiter__(self) -> AsyncIterator[StreamEvent]:
        async for event in await self:
            yield event

    def leave(self, error: AbortError) -> None:
        """Wait no longer: the execution is stopped with this error, unless others wait for it too."""
        if not self._future.done():
            self._future.cancel()
        elif not self._future.cancelled() and self._future.exception() is None:
            self._future.result().time_out(error)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(
                f"A send under way has no {name!r}: (await call) is its handle, (await call.result) its result"
            )

    async def _handle(self) -> SessionExecutionHandle[OutputT]:
        try:
            return _checked(await self._call)
        except asyncio.CancelledError:
            if self._expired is not None and self._future.cancelled():
                raise self._expired from None
            raise

    async def _follow(self) -> SendResult[OutputT]:
        return await _checked(await self._call).result

    async def _bounded(self, seconds: float) -> SendResult[OutputT]:
        following = asyncio.ensure_future(self._follow())
        done, _ = await asyncio.wait({following}, timeout=seconds)
        if done:
            return following.result()
        following.cancel()
        self._expired = error = timed_out(seconds)
        self.leave(error)
        raise error


def _checked(handle: SessionExecutionHandle[OutputT]) -> SessionExecutionHandle[OutputT]:
    if not isinstance(cast("object", handle), SessionExecutionHandle):
        raise StateError(
            f"A middleware gave {type(handle).__name__} in place of the handle",
            hint="Let it return what `await next(call)` gives.",
        )
    return handle


class ExecutionProcedure(Generic[P, OutputT]):
    """A procedure whose calls start, or join, an execution."""

    __slots__ = ("_handler", "wrapping")

    def __init__(
        self, handler: Callable[P, Awaitable[SessionExecutionHandle[OutputT]]], wrapping: Wrapping
    ) -> None:
        self._handler = handler
        self.wrapping = wrapping

    @property
    def name(self) -> str:
        """The name that middleware sees, such as "session:send"."""
        return self.wrapping.name

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> ExecutionCall[OutputT]:
        unbounded = replace(self.wrapping, timeout=None)
        return ExecutionCall(start(self._handler, unbounded, args, kwargs), self.wrapping.timeout)

    def exec(self, *args: P.args, **kwargs: P.kwargs) -> ExecutionCall[OutputT]:
        """Call it: the same as calling the procedure itself."""
        return self(*args, **kwargs)

    def use(self, *middleware: Middleware) -> "ExecutionProcedure[P, OutputT]":
        """Put middleware inside what is there already; the first given is the outermost."""
        return self._with(replace(self.wrapping, middleware=self.wrapping.middleware + middleware))

    def with_context(self, **values: Any) -> "ExecutionProcedure[P, OutputT]":
        """Lay values over the ambient context of the execution."""
        return self._with(replace(self.wrapping, context={**self.wrapping.context, **values}))

    def with_timeout(self, seconds: float) -> "ExecutionProcedure[P, OutputT]":
        """Stop the execution after so many seconds; a call that joined one only stops waiting."""
        return self._with(replace(self.wrapping, timeout=time_limit(seconds)))

    def with_metadata(self, **values: Any) -> "ExecutionProcedure[P, OutputT]":
        """Add metadata that middleware sees."""
        return self._with(replace(self.wrapping, metadata={**self.wrapping.metadata, **values}))

    def pipe(self, following: Procedure[Concatenate[SendResult[OutputT], ...], T]) -> Procedure[P, T]:
        """Hand the result of the execution on to another procedure; an error stops the chain."""

        async def piped(*args: P.args, **kwargs: P.kwargs) -> T:
            call = self(*args, **kwargs)
            try:
                result = await call.result
            except asyncio.CancelledError:
                call.leave(AbortError("Operation aborted"))
                raise
            return await following.as_part(result)

        return Procedure(piped, Wrapping(name=f"{self.name}.pipe"))

    def _with(self, wrapping: Wrapping) -> "ExecutionProcedure[P, OutputT]":
        return ExecutionProcedure(self._handler, wrapping)
