"""Who hears each message of the conversation, and when: the callbacks of `use_on_message`."""

import asyncio
from contextvars import copy_context
from dataclasses import replace
from typing import TYPE_CHECKING

from agentick_core.procedures.ambient import current, entered
from agentick_core.tree.hook_events import MessageReceived

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentick_core.messages.message import Message
    from agentick_core.messages.timeline import TimelineEntry
    from agentick_core.session.core import SessionCore
    from agentick_core.tree.callbacks import CallbackSlot


class MessageHooks:
    """Tells a message once: one that waits in the queue when it is accepted, every other when it is committed.

    It is told to the components that are in the tree at that moment. Each telling runs by itself, so that nothing
    that is stopped, and no caller that gives up, keeps a message from being told, and so that a callback may wait for
    what is told later. What a callback adds is not told: one that adds something for each message would never come
    to an end.
    """

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._running: dict[asyncio.Task[None], frozenset[str]] = {}
        self._closed = False

    def accepted(self, message: "Message") -> "asyncio.Task[None] | None":
        """Tell a message that was sent or queued; None where nobody hears of it."""
        hearers = self._hearers()
        return self._core.in_background(self._tell((message,), hearers)) if hearers else None

    def committing(self, entries: "Sequence[TimelineEntry]") -> "Callable[[], None]":
        """Give what tells entries that join the timeline now, one after the other; call it when they are stored."""
        hearers, context = self._hearers(), copy_context()
        marks = frozenset((*(entry.id for entry in entries), *current().inside))

        def tell() -> None:
            if not hearers or not entries or self._closed:
                return
            work = self._tell([entry.message for entry in entries], hearers)
            telling = context.run(self._core.in_background, work)
            self._running[telling] = marks
            telling.add_done_callback(self._running.pop)

        return tell

    async def heard(self, id: str) -> None:
        """Wait until the entry of that id, or all that was committed inside of that execution, has been told."""
        running = {task for task, marks in self._running.items() if id in marks}
        if running:
            await asyncio.wait(running)

    def close(self) -> None:
        """Tell no more entries."""
        self._closed = True

    def _hearers(self) -> "tuple[CallbackSlot, ...]":
        core = self._core
        return () if current().telling == core.options.id else core.tree.hearers()

    async def _tell(self, messages: "Sequence[Message]", hearers: "Sequence[CallbackSlot]") -> None:
        core = self._core
        with entered(replace(current(), telling=core.options.id, fiber=None, tracking=None)):
            for message in messages:
                stamp = round(core.clock.now() * 1000)
                event = MessageReceived(ctx=core.context, id=message.id, content=message, timestamp=stamp)
                await core.tree.message(event, hearers)
