"""Handles of sends for which nothing runs: there was nothing to do, or it was refused."""

from typing import Any

from agentick_core.errors import AbortError
from agentick_core.messages.result import SendResult
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.handle import HandleControls, SessionExecutionHandle


def empty_handle(core: SessionCore) -> SessionExecutionHandle[Any]:
    """Make the handle of a send that brought nothing: completed, without events."""
    handle: SessionExecutionHandle[Any] = SessionExecutionHandle(core.options.id, "", _controls(core))
    handle.complete(SendResult())
    return handle


def refused_handle(core: SessionCore, refusal: AbortError) -> SessionExecutionHandle[Any]:
    """Make the handle of a send whose signal was aborted beforehand."""
    handle: SessionExecutionHandle[Any] = SessionExecutionHandle(core.options.id, "", _controls(core))
    handle.stopped = True
    handle.fail(AbortError("Session aborted", code="ABORT_SIGNAL", reason=refusal.reason), "aborted")
    return handle


def _controls(core: SessionCore) -> HandleControls:
    return HandleControls(
        abort=lambda _: None, queue=core.leave, answer=core.answer, tick=lambda: core.current_tick
    )
