"""The text of an answer that still streams: stored every so often, so that a crash loses less than a second of it."""

import asyncio
from collections.abc import Callable

from agentick_core.session.core import SessionCore
from agentick_core.storage.journal import PartialText

PARTIAL_TEXT_SECONDS = 0.7


class StreamedText:
    """Stores the text a moment after it has grown, whether or not more of it comes."""

    def __init__(self, core: SessionCore, execution_id: str, text: Callable[[], str]) -> None:
        self._core = core
        self._execution_id = execution_id
        self._text = text
        self._timer: asyncio.TimerHandle | None = None

    def grown(self) -> None:
        """Have the text stored soon."""
        if self._timer is None and self._core.keeper.stores:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(PARTIAL_TEXT_SECONDS, self._store)

    def stop(self) -> None:
        """Store no more: the answer is whole, or was cut off."""
        if self._timer is not None:
            self._timer.cancel()

    def _store(self) -> None:
        self._timer = None
        self._core.progress(PartialText(self._execution_id, self._text()))
