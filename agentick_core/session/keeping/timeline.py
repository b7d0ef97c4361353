"""The session's history: a log that only grows, and the view of it that the session shows."""

from collections.abc import Callable, Sequence
from typing import Protocol

from agentick_core.errors import NotFoundError, SessionClosedError
from agentick_core.messages.timeline import TimelineEntry


class NewEntries(Protocol):
    """Who takes in entries that the log does not have."""

    def checked(self, entry: TimelineEntry) -> TimelineEntry:
        """Give the entry as it may join the log, or refuse it."""
        ...

    def add(self, entries: Sequence[TimelineEntry], first: int) -> None:
        """Take note of what has joined the log from this place on."""
        ...


class Timeline:
    """The log of entries, and the view: all of it until somebody sets another."""

    def __init__(
        self,
        log: Sequence[TimelineEntry] = (),
        view: Sequence[str] | None = None,
        changed: Callable[[tuple[str, ...] | None], None] = lambda _: None,
        new: NewEntries | None = None,
    ) -> None:
        self._log: list[TimelineEntry] = []
        self._view: list[TimelineEntry] | None = None
        self._entries: tuple[TimelineEntry, ...] | None = None
        self._changed = changed
        self._new = new
        self._closed = False
        self.reload(log, view)

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

    def reload(self, log: Sequence[TimelineEntry], view: Sequence[str] | None) -> None:
        """Take over what is stored."""
        self._log, self._view, self._entries = list(log), None, None
        self._taken = len(self._log)
        if view is not None:
            by_id = {entry.id: entry for entry in log}
            self._view = [by_id[id] for id in view if id in by_id]

    def up_to(self, entry_id: str | None) -> tuple[tuple[TimelineEntry, ...], tuple[str, ...] | None]:
        """Give the view up to and with an entry of it, None for all of it, and as much of the log as that needs.

        An entry whose tools were called takes their results with it.

        Raises:
            NotFoundError: where the entry is not shown.
        """
        stop = len(self.entries) if entry_id is None else self._end_of(entry_id)
        if self._view is None:
            return self.entries[:stop], None
        shown = {entry.id for entry in self._view[:stop]}
        last = max((at for at, entry in enumerate(self._log) if entry.id in shown), default=-1)
        return tuple(self._log[: last + 1]), tuple(entry.id for entry in self._view[:stop])

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

    def take_new(self) -> tuple[TimelineEntry, ...]:
        """Give what has joined the log since this was asked last."""
        new, self._taken = tuple(self._log[self._taken :]), len(self._log)
        return new

    def set(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these entries from now on; the log keeps everything, and takes in those of ids that it has not.

        Raises:
            NotFoundError: where an entry is in the log, and not as it is given.
            ValidationError: where something among them is no entry, or could not be stored.
            SessionClosedError: where the session has closed.
        """
        if self._closed:
            raise SessionClosedError
        known = {entry.id: entry for entry in self._log}
        before = len(known)
        view = [self._as_known(entry, known) for entry in entries]
        first, added = len(self._log), list(known.values())[before:]
        self._log += added
        self._view, self._entries = view, None
        if added and self._new is not None:
            self._new.add(added, first)
        self._changed(self.view_ids)

    def close(self) -> None:
        """Let nobody set it any more."""
        self._closed = True

    def _as_known(self, entry: TimelineEntry, known: dict[str, TimelineEntry]) -> TimelineEntry:
        found = known.get(getattr(entry, "id", ""))
        if found is not None and found == entry:
            return found
        # What may join differs from what was given: it has an id, and plain data.
        new = entry if self._new is None else self._new.checked(entry)
        if known.setdefault(new.id, new) != new:
            raise NotFoundError(
                f"No entry {entry.id!r} like this in this timeline",
                hint="What was said stays as it was: give an entry that says something else an id of its own.",
            )
        return known[new.id]

    def _end_of(self, entry_id: str) -> int:
        """Give where the view goes on after an entry and what belongs to it."""
        entries = self.entries
        found = next((at for at, entry in enumerate(entries) if entry.id == entry_id), None)
        if found is None:
            raise NotFoundError(
                f"No entry {entry_id!r} in this timeline", hint="Take the id of an entry of session.timeline."
            )
        stop = found + 1
        while stop < len(entries) and entries[stop].message.role == "tool":
            stop += 1
        return stop

    def keep_newest(self, count: int) -> None:
        """Show the newest entries only, and never a tool result without its call."""
        entries = self.entries
        if len(entries) <= count:
            return
        start = len(entries) - count
        while start < len(entries) and entries[start].message.role == "tool":
            start += 1
        self.set(entries[start:])
