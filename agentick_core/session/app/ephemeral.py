"""Sessions of one run each: nobody asks for them again, nothing of them is stored, they close by themselves."""

import asyncio
from typing import TYPE_CHECKING, Any

from agentick_core.clock import Clock
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.session.closing import close_all
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.session.execution.input import MessageLike, read_message, with_id
from agentick_core.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ephemerals:
    """The runs of an app that are under way."""

    def __init__(self) -> None:
        self._closing: dict[asyncio.Task[None], Session[Any]] = {}

    @property
    def sessions(self) -> tuple[Session[Any], ...]:
        """The sessions they run in."""
        return tuple(self._closing.values())

    def close_after(self, session: Session[Any], handle: SessionExecutionHandle[Any]) -> None:
        """Close the session as soon as its run has ended."""
        task = asyncio.create_task(_close_after(session, handle))
        self._closing[task] = session
        task.add_done_callback(self._closing.pop)

    async def close(self) -> None:
        """Stop every run and wait until it is gone."""
        try:
            await close_all(self.sessions)
        finally:
            if self._closing:
                await asyncio.wait(tuple(self._closing))


def with_history(
    id: str, history: "Sequence[str | MessageLike | TimelineEntry]", clock: Clock
) -> SessionSnapshot | None:
    """Give a session that begins with what was said before; None where nothing was."""
    if not history:
        return None
    entries = tuple(
        item
        if isinstance(item, TimelineEntry)
        else TimelineEntry(id=clock.new_id(), message=with_id(read_message(item), clock))
        for item in history
    )
    return SessionSnapshot(session_id=id, timeline=entries, created_at=clock.now())


async def _close_after(session: Session[Any], handle: SessionExecutionHandle[Any]) -> None:
    await handle.settled()
    await session.close()
