"""Who is told of the sessions that an app opens and closes."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from agentick_core.procedures.sparing import sparing_the_caller
from agentick_core.session.patience import in_time
from agentick_core.session.session import Session

Created = Callable[[Session[Any]], object]
Closed = Callable[[str], object]
_log = logging.getLogger("agentick")


class Watchers:
    """The callbacks for created and for closed sessions, sync or async; what is raised for a closed one is logged."""

    def __init__(self, created: Created | None, closed: Closed | None) -> None:
        self._first = (created, closed)
        self._created: list[Created] = []
        self._closed: list[Closed] = []

    def take_over(self, other: "Watchers") -> None:
        """Tell those who were added to others, too."""
        self._created.extend(other._created)
        self._closed.extend(other._closed)

    def on_created(self, callback: Created) -> Callable[[], None]:
        """Tell of each new session; give the way to stop."""
        return _added(self._created, callback)

    def on_closed(self, callback: Closed) -> Callable[[], None]:
        """Tell the id of each session that has closed; give the way to stop."""
        return _added(self._closed, callback)

    async def tell_created(self, session: Session[Any]) -> None:
        """Tell of a session; what is raised keeps it from being opened."""
        for callback in (self._first[0], *self._created):
            if callback is not None:
                await _called(callback, session)

    async def tell_closed(self, id: str) -> None:
        """Tell that a session has closed."""
        for callback in (self._first[1], *self._closed):
            try:
                if callback is not None:
                    await in_time("on_session_close", partial(_called, callback, id))
            # A callback of the host's: it must not break the closing, and it must not fail unseen.
            except (Exception, asyncio.CancelledError) as error:
                _log.error("on_session_close raised", exc_info=error)


async def _called(callback: Callable[[Any], object], about: object) -> None:
    with sparing_the_caller("The callback"):
        answer = callback(about)
        if asyncio.iscoroutine(answer):
            await answer


def _added(callbacks: list[Any], callback: Callable[[Any], object]) -> Callable[[], None]:
    callbacks.append(callback)

    def stop() -> None:
        if callback in callbacks:
            callbacks.remove(callback)

    return stop
