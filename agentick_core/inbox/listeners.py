"""Who is told that something came for a session."""

import logging
from collections.abc import Callable

_log = logging.getLogger("agentick")


class Listeners:
    """The callbacks by session; one that raises harms nobody."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callable[[], object]]] = {}

    def __len__(self) -> int:
        return len(self._callbacks)

    def add(self, session_id: str, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back for this session; give the way to stop."""
        self._callbacks.setdefault(session_id, []).append(callback)

        def stop() -> None:
            callbacks = self._callbacks.get(session_id, [])
            if callback in callbacks:
                callbacks.remove(callback)
            if not callbacks:
                self._callbacks.pop(session_id, None)

        return stop

    def tell(self, session_id: str) -> None:
        """Tell whoever listens for the session."""
        for callback in tuple(self._callbacks.get(session_id, ())):
            try:
                callback()
            # A listener is somebody else's code: what it does is no reason to refuse a message.
            except Exception as error:
                _log.error("A listener of an inbox raised", exc_info=error)
