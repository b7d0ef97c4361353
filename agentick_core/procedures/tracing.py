"""Who wants to know of it is told when procedures are called, what they yield, and when they end."""

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from agentick_core.procedures.ambient import Ambient
from agentick_core.procedures.futures import failure

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger("agentick")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureEvent:
    """The start of a call, its end with what it gave, its error, or what its generator yielded.

    `type` is "procedure:start", "procedure:end", "procedure:error", or for a yield "stream:chunk" with the value
    as `payload`, unless the procedure has a name of its own for that. `pid` is the call's own id and `parent_pid`
    that of the call it was made in; the ids of the execution and of the trace are those of the ambient context.
    `duration_ms` is None before the end.
    """

    type: str
    pid: str
    name: str
    parent_pid: str | None
    execution_id: str | None
    trace_id: str | None
    metadata: Mapping[str, Any]
    payload: Any = None
    result: Any = None
    error: BaseException | None = None
    duration_ms: float | None = None


Trace: TypeAlias = Callable[[ProcedureEvent], object]


class Traced:
    """One call that is traced; what the listener raises is logged and harms no call."""

    def __init__(self, ambient: Ambient, trace: Trace, name: str, metadata: Mapping[str, Any]) -> None:
        self._trace = trace
        self._began = time.monotonic()
        self._start = ProcedureEvent(
            type="procedure:start",
            pid=uuid.uuid4().hex,
            name=name,
            parent_pid=ambient.pid,
            execution_id=ambient.execution_id,
            trace_id=ambient.trace_id,
            metadata=metadata,
        )
        self.ambient = replace(ambient, pid=self._start.pid)
        self._tell(self._start)

    def follow(self, future: "asyncio.Future[Any]") -> "asyncio.Future[Any]":
        """Tell of the end, too."""
        if future.done():
            self._ended(future)
        else:
            future.add_done_callback(self._ended)
        return future

    def chunk(self, kind: str, value: Any) -> None:
        """Tell of a value that the call's generator yielded."""
        self._tell(replace(self._start, type=kind, payload=value))

    def _ended(self, future: "asyncio.Future[Any]") -> None:
        took = (time.monotonic() - self._began) * 1000
        error = failure(future)
        if error is not None:
            self._tell(replace(self._start, type="procedure:error", error=error, duration_ms=took))
        else:
            self._tell(replace(self._start, type="procedure:end", result=future.result(), duration_ms=took))

    def _tell(self, event: ProcedureEvent) -> None:
        try:
            self._trace(event)
        # A listener of the host's: it must not break the call, and it must not fail unseen.
        except Exception as error:
            _log.error("A trace raised", exc_info=error)
