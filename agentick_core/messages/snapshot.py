"""A session as it is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from agentick_core.messages.blocks import no_metadata
from agentick_core.messages.message import Message
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.messages.usage import NO_USAGE, Usage

SNAPSHOT_VERSION: Final = "1.0"

When: TypeAlias = Literal["next_tick", "next_execution"]


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message that was accepted and waits."""

    message: Message
    when: When = "next_tick"


@dataclass(frozen=True, slots=True)
class OpenExecution:
    """An execution that had begun and not ended. Of what is in no entry yet: `partial` is the text streamed so
    far, `shown` are the ids of the queued messages that the model was shown, and `answer` is a complete answer
    whose tool calls had begun, but for those in `asked`, about which somebody was still asked."""

    execution_id: str
    started_at: float = 0.0
    partial: str = ""
    shown: tuple[str, ...] = ()
    answer: Message | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForkPoint:
    """Where a session began that is a fork: the session it was forked from, and the last entry that it shares;
    None where nothing had been said there yet."""

    session_id: str
    entry_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSnapshot:
    """Everything of a session that comes back: what was said, what waits, the state.

    `timeline` is what the session shows, in order. `log` is all that was ever said where the session does not show
    all of it, as it was said, and None elsewhere; what the timeline has under the same id counts.
    `com_state` is the session state, `extra` is kept for whoever put it there.
    `tick` is the number `current_tick` would show, `tick_count` how many ticks have begun in the session's life.
    `timestamp` is when it was taken, in milliseconds since 1970, `created_at` when the session began, in seconds.
    `hibernated` says that it was put to sleep by `hibernate`, and has not been woken since.
    """

    session_id: str
    version: Literal["1.0"] = SNAPSHOT_VERSION
    tick: int = 1
    tick_count: int = 0
    timeline: tuple[TimelineEntry, ...] = ()
    log: tuple[TimelineEntry, ...] | None = None
    queued: tuple[QueuedMessage, ...] = ()
    com_state: Mapping[str, Any] = field(default_factory=no_metadata)
    data_cache: Mapping[str, Any] = field(default_factory=no_metadata)
    usage: Usage = NO_USAGE
    model: str | None = None
    timestamp: int = 0
    created_at: float = 0.0
    parent_session_id: str | None = None
    forked_from: ForkPoint | None = None
    metadata: Mapping[str, Any] = field(default_factory=no_metadata)
    open_execution: OpenExecution | None = None
    extra: Mapping[str, Any] = field(default_factory=no_metadata)
    hibernated: bool = False

    @property
    def whole_log(self) -> tuple[TimelineEntry, ...]:
        """All that was ever said, oldest first."""
        if self.log is None:
            return self.timeline
        shown = {entry.id: entry for entry in self.timeline}
        said = [shown.pop(entry.id, entry) for entry in self.log]
        return (*said, *shown.values())

    @property
    def view(self) -> tuple[str, ...] | None:
        """The ids of the entries that are shown, or None where that is the whole log."""
        return None if self.log is None else tuple(entry.id for entry in self.timeline)

    def showing(self, log: Sequence[TimelineEntry], view: Sequence[str] | None) -> "SessionSnapshot":
        """Give the same with this history: of the log, what the view names is shown, or all where that is None."""
        if view is None:
            return replace(self, timeline=tuple(log), log=None)
        by_id = {entry.id: entry for entry in log}
        return replace(self, timeline=tuple(by_id[id] for id in view if id in by_id), log=tuple(log))
