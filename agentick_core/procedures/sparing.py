"""A cancellation that somebody else's code raises itself, told from one that is meant for whoever called it."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from agentick_core.errors import StateError


@contextmanager
def sparing_the_caller(called: str) -> Generator[None]:
    """Run somebody else's code, such as a callback or a store; `called` names it.

    Raises:
        StateError: it was cancelled, and not because whoever called it was.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise StateError(
            f"{called} cancelled itself, or what it waited for was cancelled",
            hint="Catch asyncio.CancelledError in it where it waits for what others may cancel.",
        ) from error
