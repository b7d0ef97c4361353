"""How a session is closed: everything that runs is stopped, everything that is held is let go."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from agentick_core.errors import AbortError
from agentick_core.session import patience
from agentick_core.session.core import SessionCore
from agentick_core.session.dispatch import Dispatches
from agentick_core.session.execution.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentick_core.session.session import Session


async def close_all(sessions: "Iterable[Session[Any]]") -> None:
    """Close sessions at the same time; one that fails keeps no other from being closed, and is told in the end."""
    closing = [asyncio.ensure_future(session.close()) for session in sessions]
    if closing:
        await asyncio.wait(closing)
    for each in closing:
        each.result()


def stop_session(runs: Runs[Any], dispatches: Dispatches) -> AbortError:
    """Stop what runs, at once; give the error that it was told."""
    error = AbortError("Execution aborted", reason="Session closed")
    runs.abort_all(error)
    dispatches.stop(error)
    return error


async def close_session(
    core: SessionCore, runs: Runs[Any], dispatches: Dispatches, error: AbortError
) -> None:
    """Wait until what was stopped has ended, and let go; one step that fails keeps no other from being taken."""
    async with AsyncExitStack() as steps:
        # Taken from the last to the first.
        steps.push_async_callback(core.emitter.hearing.ended)
        steps.callback(core.destroy_channels)
        steps.callback(core.emitter.close)
        steps.callback(core.emitter.tell, "close", core.options.id)
        steps.push_async_callback(core.models.close)
        if core.inbox is not None:
            steps.push_async_callback(core.inbox.close)
        steps.push_async_callback(core.keeper.close)
        # What cleanups have set while it closed is stored with it; what is set from now on would not be.
        steps.callback(core.timeline.close)
        steps.callback(core.state.close)
        steps.push_async_callback(core.toolbox.close)
        steps.push_async_callback(core.tree.unmount)
        steps.push_async_callback(core.life.runner.destroy)
        steps.push_async_callback(core.stop_background)
        steps.callback(core.scheduler.dispose)
        steps.push_async_callback(dispatches.ended)
        steps.push_async_callback(_unwound, runs, error)
        steps.push_async_callback(core.children.close)


async def _unwound(runs: Runs[Any], error: AbortError) -> None:
    """Wait until the execution has ended; a hook at its end that takes too long is cut short like any other."""
    while runs.current is not None and not await runs.current.unwound(patience.PATIENCE):
        runs.abort_all(error)
