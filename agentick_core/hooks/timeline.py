"""What this tick knows of the conversation: `use_tick_state`, `use_timeline`, `use_queued_messages`."""

from collections.abc import Callable, Sequence

from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.tree.host import TimelineAccess
from agentick_core.tree.slot import Slot, claim
from agentick_core.tree.tick_state import TickState


class TimelineView:
    """The session's timeline: its entries, and the way to show others; the log keeps everything."""

    __slots__ = ("_access",)

    def __init__(self, access: TimelineAccess) -> None:
        self._access = access

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """The entries, oldest first."""
        return self._access.entries

    def set(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these entries from now on."""
        self._access.set(entries)

    def update(self, change: Callable[[tuple[TimelineEntry, ...]], Sequence[TimelineEntry]]) -> None:
        """Show what the function makes of the entries."""
        self._access.set(change(self._access.entries))


def use_tick_state() -> TickState:
    """Give the tick that is being compiled; `stop(reason)` ends the execution before the model is asked."""
    return claim("use_tick_state", Slot).fiber.scope.tick


def use_timeline() -> TimelineView:
    """Give the session's timeline, to read it and to change what is shown of it."""
    return TimelineView(claim("use_timeline", Slot).fiber.scope.host.context.timeline)


def use_queued_messages() -> tuple[Message, ...]:
    """Give the messages that this tick shows for the first time."""
    return claim("use_queued_messages", Slot).fiber.scope.tick.pending
