"""The handle of an execution: follow it, read its events, take its result, stop it."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeAlias

from agentick_core.errors import AbortError, StateError
from agentick_core.events.buffer import EventBuffer
from agentick_core.events.union import StreamEvent
from agentick_core.messages.message import Message
from agentick_core.messages.result import OutputT, SendResult
from agentick_core.procedures.ambient import current
from agentick_core.procedures.futures import look_at

FROM_INSIDE = (
    "From inside a tool or a hook: queue() leaves a message for the next tick, spawn() asks a child."
)
HandleStatus: TypeAlias = Literal["running", "completed", "error", "aborted"]


class HandleControls:
    """What a handle can ask of the execution and the session behind it."""

    def __init__(
        self,
        *,
        abort: Callable[[AbortError], None],
        queue: Callable[[Message | str | Mapping[str, Any]], object],
        answer: Callable[..., bool],
        tick: Callable[[], int],
    ) -> None:
        self.abort = abort
        self.queue = queue
        self.answer = answer
        self.tick = tick


class SessionExecutionHandle(Generic[OutputT]):
    """A running execution, or one that has ended.

    Iterate it for its events, from the first; await `result` for the SendResult. Neither waiting nor leaving
    the loop stops the execution: `abort` does. `stopped` says that somebody stopped it; the status is "aborted"
    also where its own work raised an AbortError.
    """

    def __init__(self, session_id: str, execution_id: str, controls: HandleControls) -> None:
        self.session_id = session_id
        self.execution_id = execution_id
        self.trace_id: str = current().trace_id or str(uuid.uuid4())
        self.events: EventBuffer[StreamEvent] = EventBuffer()
        self.status: HandleStatus = "running"
        self.stopped = False
        self.callers = 1
        self.waits_for: str | None = None
        self._controls = controls
        self._thread = threading.get_ident()
        self._future: asyncio.Future[SendResult[OutputT]] = asyncio.get_running_loop().create_future()

    @property
    def current_tick(self) -> int:
        """The tick that runs now."""
        return self._controls.tick()

    @property
    def result(self) -> Awaitable[SendResult[OutputT]]:
        """The result, as soon as there is one.

        Raises:
            AbortError: where the execution was stopped.
            StateError: where it is awaited from inside the execution itself, which would never end.
        """
        inside = current().inside
        if self.status == "running" and (self.execution_id in inside or self.waits_for in inside):
            raise StateError(
                "An execution cannot wait for its own result, nor for that of one that comes after it: "
                "use queue() or spawn()",
                hint=FROM_INSIDE,
            )
        waiter = asyncio.shield(self._future)
        # Somebody may take the result and never await it; asyncio must not report that as an accident.
        waiter.add_done_callback(look_at)
        return waiter

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(
                f"A handle has no {name!r}; its result may have: (await handle.result).{name}"
            )

    def abort(self, reason: str | None = None) -> None:
        """Stop the execution: the model call, the tools and the children. Does nothing after it has ended.

        Raises:
            StateError: where this is another thread than the session's.
        """
        if threading.get_ident() != self._thread:
            raise StateError(
                "An execution is stopped from another thread than its session's",
                hint="From another thread, use loop.call_soon_threadsafe(handle.abort).",
            )
        if self.status == "running":
            message = reason or "Aborted via handle"
            self._controls.abort(AbortError(message, code="ABORT_SIGNAL", reason=reason))

    def time_out(self, error: AbortError) -> None:
        """Stop the execution because a caller's time is up, unless others wait for it too."""
        if self.status != "running":
            return
        self.callers -= 1
        if not self.callers:
            self._controls.abort(error)

    def queue_message(self, message: Message | str | Mapping[str, Any]) -> None:
        """Queue a message for the next tick without waiting for it to be stored."""
        self._controls.queue(message)

    def submit_tool_result(self, call_id: str, response: Any = None, /, **answer: Any) -> bool:
        """Answer a tool call that waits; the same as on the session."""
        return self._controls.answer(call_id, response, **answer)

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return aiter(self.events)

    async def settled(self) -> None:
        """Wait until there is a result or an error, whichever."""
        await asyncio.wait({self._future})

    def complete(self, result: SendResult[OutputT]) -> None:
        """End it with a result."""
        if not self._future.done():
            self.status = "completed"
            self._future.set_result(result)
        self.events.close()

    def fail(self, error: BaseException, status: HandleStatus) -> None:
        """End it with an error; readers of an aborted execution end quietly, those of a failed one get it."""
        self.reject(error, status)
        if status == "error":
            self.events.error(error)
        else:
            self.events.close()

    def reject(self, error: BaseException, status: HandleStatus) -> None:
        """Give the result its error now, while events may still come."""
        if self._future.done():
            return
        self.status = status
        self._future.set_exception(error)
        look_at(self._future)
