"""What becomes of callbacks that are async: they run beside what called them, until they have ended."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from agentick_core.procedures.ambient import waited_for_by

SECONDS_TO_END = 1.0
"""How long a session that closes waits for them."""

_log = logging.getLogger("agentick")


class Hearing:
    """The async callbacks that run now; what they raise is logged and harms nobody.

    `closing` is what the ambient context of each says waits for it.
    """

    def __init__(self, closing: str = "") -> None:
        self._closing = closing
        self._running: set[asyncio.Task[None]] = set()

    def take(self, answer: object) -> None:
        """Run on what a callback gave, where that is a coroutine."""
        if answer is not None and asyncio.iscoroutine(answer):
            with waited_for_by(self._closing):
                self._running.add(task := asyncio.create_task(_run(answer)))
            task.add_done_callback(self._running.discard)

    async def ended(self) -> None:
        """Wait until they have ended; those that take too long are cancelled."""
        others = self._running - {asyncio.current_task()}
        if not others:
            return
        _, deaf = await asyncio.wait(others, timeout=SECONDS_TO_END)
        for task in deaf:
            task.cancel()
        if deaf:
            await asyncio.wait(deaf)


async def _run(callback: Coroutine[Any, Any, object]) -> None:
    try:
        await callback
    # A callback is somebody else's code: it must not fail unseen, and nobody waits for what it raises.
    except Exception as error:
        _log.error("An async callback raised", exc_info=error)
