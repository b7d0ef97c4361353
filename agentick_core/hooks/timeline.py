"""What this tick knows of the conversation: `use_tick_state`, `use_timeline`, `use_queued_messages`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentick_core.compile.compaction import TokenBudget
from agentick_core.errors import ContextError
from agentick_core.hooks.context import use_context
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.tree.context import Context, create_context
from agentick_core.tree.host import TimelineAccess
from agentick_core.tree.slot import Slot, claim
from agentick_core.tree.tick_state import TickState

if TYPE_CHECKING:
    from agentick_core.tree.scope import TreeScope


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineContext:
    """What a `TimelineProvider` shows: the history within its budget, the messages of this tick, and all of them
    as the model is to see them."""

    history: tuple[TimelineEntry, ...]
    pending: tuple[Message, ...]
    messages: tuple[Message, ...]
    budget: TokenBudget | None


TIMELINE_CONTEXT: Context[TimelineContext | None] = create_context(None, name="timeline")


class TimelineView:
    """The session's timeline: its entries, and the way to show others; the log keeps everything.

    `budget` is that of the `Timeline` in the tree, or None where it has none.
    """

    __slots__ = ("_scope", "budget")

    def __init__(self, scope: "TreeScope", budget: TokenBudget | None = None) -> None:
        self._scope = scope
        self.budget = budget

    @property
    def _access(self) -> TimelineAccess:
        return self._scope.host.context.timeline

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """The entries, oldest first."""
        return self._access.entries

    def set(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these entries from now on; the tree renders again where they are others than before."""
        before = self.entries
        self._access.set(entries)
        if self.entries != before:
            self._scope.request_render("the timeline was set")

    def update(self, change: Callable[[tuple[TimelineEntry, ...]], Sequence[TimelineEntry]]) -> None:
        """Show what the function makes of the entries."""
        self.set(change(self.entries))


def use_tick_state() -> TickState:
    """Give the tick that is being compiled; `stop(reason)` ends the execution before the model is asked."""
    return claim("use_tick_state", Slot).fiber.scope.tick


def use_timeline() -> TimelineView:
    """Give the session's timeline, to read it and to change what is shown of it."""
    scope = claim("use_timeline", Slot).fiber.scope
    return TimelineView(scope, scope.tick.board.read())


def use_timeline_context() -> TimelineContext:
    """Give what the `TimelineProvider` above shows.

    Raises:
        ContextError: there is none above.
    """
    context = use_context(TIMELINE_CONTEXT)
    if context is None:
        raise ContextError(
            "use_timeline_context() was called outside of a TimelineProvider",
            hint="Yield the component as a child of TimelineProvider(...).",
        )
    return context


def use_queued_messages() -> tuple[Message, ...]:
    """Give the messages that this tick shows for the first time."""
    return claim("use_queued_messages", Slot).fiber.scope.tick.queued_messages


def use_last_message() -> Message | None:
    """Give the newest of the messages that this tick shows for the first time; None where there is none."""
    pending = claim("use_last_message", Slot).fiber.scope.tick.queued_messages
    return pending[-1] if pending else None


def use_conversation_history() -> tuple[TimelineEntry, ...]:
    """Give the timeline without what this tick adds to it."""
    return claim("use_conversation_history", Slot).fiber.scope.tick.timeline
