"""The session's history: a log that only grows, and the view of it that the session shows."""

from collections.abc import Callable, Sequence

from agentick_core.errors import NotFoundError
from agentick_core.messages.timeline import TimelineEntry


class Timeline:
    """The log of entries, and the view: all of it until somebody sets another."""

    def __init__(
        self,
        log: Sequence[TimelineEntry] = (),
        view: Sequence[str] | None = None,
        changed: Callable[[tuple[str, ...] | None], None] = lambda _: None,
    ) -> None:
        self._log: list[TimelineEntry] = list(log)
        self._view: list[TimelineEntry] | None = None
        self._entries: tuple[TimelineEntry, ...] | None = None
        self._changed = changed
        if view is not None:
            by_id = {entry.id: entry for entry in log}
            self._view = [by_id[id] for id in view if id in by_id]

    @property
    def entries(self) -> tuple[TimelineEntry, ...]:
        """The entries of the view, oldest first."""
        if self._entries is None:
            self._entries = tuple(self._log if self._view is None else self._view)
        return self._entries

    @property
    def log(self) -> tuple[TimelineEntry, ...]:
        """Every entry there ever was, oldest first."""
        return tuple(self._log)

    @property
    def view_ids(self) -> tuple[str, ...] | None:
        """The ids of the view, or None where it is the whole log."""
        return None if self._view is None else tuple(entry.id for entry in self._view)

    def extend(self, entries: Sequence[TimelineEntry]) -> int:
        """Add entries to the log and the view; give the index of the first in the log."""
        first = len(self._log)
        self._log.extend(entries)
        if self._view is not None:
            self._view.extend(entries)
        self._entries = None
        return first

    def index_of_next(self) -> int:
        """Give the index that the next entry will have."""
        return len(self._log)

    def set(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these entries from now on; the log keeps everything.

        Raises:
            NotFoundError: where an entry is not in the log.
        """
        known = {entry.id for entry in self._log}
        strangers = [entry.id for entry in entries if entry.id not in known]
        if strangers:
            raise NotFoundError(
                f"No entry {strangers[0]!r} in this timeline",
                hint="set() chooses among the entries of the session; send a message to add one.",
            )
        self._view = list(entries)
        self._entries = None
        self._changed(self.view_ids)

    def keep_newest(self, count: int) -> None:
        """Show the newest entries only, and never a tool result without its call."""
        entries = self.entries
        if len(entries) <= count:
            return
        start = len(entries) - count
        while start < len(entries) and entries[start].message.role == "tool":
            start += 1
        self.set(entries[start:])
