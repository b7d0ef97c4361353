"""How long the engine waits for somebody else's code where it cannot go on without its end: a store, a closing hook."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agentick_core.errors import StateError
from agentick_core.procedures.sparing import sparing_the_caller

T = TypeVar("T")
PATIENCE = 60.0  # seconds


async def in_time(called: str, step: Callable[[], Awaitable[T]]) -> T:
    """Take a step of somebody else's code; `called` names it. One that hangs is cancelled when the time is up.

    Raises:
        StateError: it did not end in time, or was cancelled and not because the caller was.
    """
    bound = asyncio.timeout(PATIENCE)
    try:
        async with bound:
            with sparing_the_caller(called):
                return await step()
    except TimeoutError as error:
        if not bound.expired():
            raise
        raise StateError(
            f"{called} has not ended within {PATIENCE:g} seconds, and was cancelled",
            hint="What it was to let go of may still be held.",
        ) from error
