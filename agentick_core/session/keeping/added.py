"""Entries that have joined the timeline of a session: on their way to the store, and then to whoever listens."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from agentick_core.errors import ValidationError
from agentick_core.events.orchestration import EntryCommitted
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.session.execution.input import check_json, read_message
from agentick_core.storage.journal import EntriesCommitted, committed
from agentick_core.wire.values import plain

if TYPE_CHECKING:
    from agentick_core.session.core import SessionCore


class AddedEntries:
    """Takes in new entries: stored soon, and told when they are stored, in the order of the log."""

    def __init__(self, core: "SessionCore") -> None:
        self._core = core
        self._untold: deque[tuple[int, TimelineEntry, Callable[[], None] | None]] = deque()

    def checked(self, entry: TimelineEntry) -> TimelineEntry:
        """Give a copy of a new entry that can be stored, and has an id.

        Raises:
            ValidationError: it is none, or could not be stored.
        """
        if not isinstance(cast("object", entry), TimelineEntry):
            raise ValidationError(
                f"A timeline is made of entries, not of {entry!r}",
                hint="Take those of session.timeline, or make one: TimelineEntry(id, message).",
            )
        check_json("The metadata of an entry", entry.metadata, "Use plain data.")
        return replace(
            entry,
            id=entry.id or self._core.clock.new_id(),
            message=read_message(entry.message),
            metadata=plain(entry.metadata),
        )

    def add(self, entries: Sequence[TimelineEntry], first: int) -> None:
        """Store entries that somebody has set, the first at this place of the log, and tell of them then."""
        self.commit(EntriesCommitted(tuple(entries), aside=True), first)

    def commit(self, record: EntriesCommitted, first: int) -> None:
        """Store the entries, of which the first has this place in the log, and tell of them then."""
        core = self._core
        core.open_execution = committed(core.open_execution, record)
        core.keeper.note(record)
        # Those that come first were in the queue, and told to the hooks when they were accepted.
        tell = core.message_hooks.committing(record.entries[len(record.taken) :])
        *others, last = enumerate(record.entries, first)
        self._untold += [*((*other, None) for other in others), (*last, tell)]
        # Also where nobody waits, or whoever did was cut off.
        core.in_background(self.told())

    async def told(self) -> None:
        """Wait until everybody was told of what has been added so far; not for what is added meanwhile."""
        if not self._untold:
            return
        core, (last, *_) = self._core, self._untold[-1]
        await core.keeper.drain()
        while self._untold and self._untold[0][0] <= last:
            index, entry, tell_hooks = self._untold.popleft()
            core.emitter.publish(EntryCommitted(**core.emitter.stamp(), entry=entry, timeline_index=index))
            if tell_hooks is not None:
                tell_hooks()
