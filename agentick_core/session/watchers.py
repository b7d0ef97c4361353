"""Who is told of the sessions that an app opens and closes."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from agentick_core.session.session import Session

Created = Callable[[Session[Any]], object]
Closed = Callable[[str], object]
_log = logging.getLogger("agentick")


class Watchers:
    """The callbacks for created and for closed sessions; what is raised for a closed one is logged."""

    def __init__(self, created: Created | None, closed: Closed | None) -> None:
        self._created: list[Created] = [created] if created is not None else []
        self._closed: list[Closed] = [closed] if closed is not None else []

    def on_created(self, callback: Created) -> Callable[[], None]:
        """Tell of each new session; give the way to stop."""
        return _added(self._created, callback)

    def on_closed(self, callback: Closed) -> Callable[[], None]:
        """Tell the id of each session that has closed; give the way to stop."""
        return _added(self._closed, callback)

    def tell_created(self, session: Session[Any]) -> None:
        """Tell of a session; what is raised keeps it from being opened."""
        for callback in tuple(self._created):
            callback(session)

    def tell_closed(self, id: str) -> None:
        """Tell that a session has closed."""
        for callback in tuple(self._closed):
            try:
                callback(id)
            # A callback of the host's: it must not break the closing, and it must not fail unseen.
            except (Exception, asyncio.CancelledError) as error:
                _log.error("on_session_close raised", exc_info=error)


def _added(callbacks: list[Any], callback: Callable[[Any], object]) -> Callable[[], None]:
    callbacks.append(callback)

    def stop() -> None:
        if callback in callbacks:
            callbacks.remove(callback)

    return stop
