"""What becomes of a send at once: its messages are stored, and told to the hooks."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from agentick_core.errors import AbortError
from agentick_core.messages.message import Message
from agentick_core.session.core import SessionCore
from agentick_core.session.execution.handle import SessionExecutionHandle

HandleT = TypeVar("HandleT", bound=SessionExecutionHandle[Any])


def follow_up(
    core: SessionCore, handle: HandleT, accepted: tuple[Message, ...]
) -> Coroutine[Any, Any, HandleT]:
    """Tell the hooks of the messages; awaited, give the handle when they are stored."""
    for message in accepted:
        core.message_hooks.accepted(message)
    return _stored(core, handle)


async def _stored(core: SessionCore, handle: HandleT) -> HandleT:
    try:
        await core.keeper.drain()
    except asyncio.CancelledError:
        # The caller's time was up before the store had answered.
        handle.time_out(AbortError("Operation timed out", code="ABORT_TIMEOUT"))
        raise
    return handle
