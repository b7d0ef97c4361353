"""The tables in which a SQLite store keeps sessions. Everything here runs on the database's thread.

A session is a row of `sessions` and, once it was saved, a row of `snapshots`; its log is kept by `HistoryRows`,
the first `saved` entries belong to the save; what else happened since is in `journal`, in order.
"""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from agentick_core.errors import WireError
from agentick_core.messages.snapshot import ForkPoint, SessionSnapshot
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.database import quoted
from agentick_core.storage.history import HistoryRows
from agentick_core.storage.journal import (
    EntriesCommitted,
    JournalRecord,
    MessageAccepted,
    PartialText,
    SessionOpened,
    replay,
)
from agentick_core.storage.records import record_from_row, record_to_row
from agentick_core.storage.store import SessionSummary, preview_of
from agentick_core.wire.entries import entry_from_wire, entry_to_wire
from agentick_core.wire.shape import Shapes
from agentick_core.wire.snapshot import snapshot_from_wire, snapshot_to_wire
from agentick_core.wire.values import dumps, loads, plain, under, wrong

_ROWS_AT_ONCE = 200
_FORK_POINT = Shapes({}).of(ForkPoint)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stands in the body of a snapshot for its history: the entries that are shown, where not all are."""

    view: tuple[str, ...] | None = None


_SHOWN = Shapes({}).of(_Shown)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records made ready to be written: encoded, so that what is written is what they were when asked for."""

    entries: tuple[str, ...]
    journal: tuple[tuple[str, str], ...]
    preview: str
    opened: SessionOpened | None

    @classmethod
    def of(cls, records: Sequence[JournalRecord]) -> "Batch":
        committed = [entry for it in records if isinstance(it, EntriesCommitted) for entry in it.entries]
        accepted = [it.queued.message for it in records if isinstance(it, MessageAccepted)]
        return cls(
            tuple(dumps(entry_to_wire(entry)) for entry in committed),
            tuple(record_to_row(it) for it in records),
            preview_of([*(entry.message for entry in committed), *accepted]),
            next((it for it in records if isinstance(it, SessionOpened)), None),
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """A snapshot made ready to be written: `body` is all of it but the log, and says which of it is shown."""

    snapshot: SessionSnapshot
    body: str

    @classmethod
    def of(cls, snapshot: SessionSnapshot) -> "Whole":
        body = snapshot_to_wire(replace(snapshot, timeline=(), log=None))
        return cls(snapshot, dumps({**body, **_SHOWN.encode(_Shown(snapshot.view))}))


@dataclass(frozen=True, slots=True)
class _Row:
    key: int
    entries: int
    saved: int | None
    created_at: float


class SessionTables:
    """The tables of one store, named after its prefix."""

    def __init__(self, prefix: str) -> None:
        self.sessions = quoted(prefix)
        self.snapshots = quoted(f"{prefix}_snapshots")
        self.journal = quoted(f"{prefix}_journal")
        self.journal_index = quoted(f"{prefix}_journal_of_session")
        self.history = HistoryRows(prefix)

    def create(self, connection: sqlite3.Connection) -> None:
        """Make the tables."""
        for statement in (
            f"CREATE TABLE {self.sessions} (key INTEGER PRIMARY KEY, session_id TEXT NOT NULL UNIQUE, "
            "created_at REAL, updated_at REAL, entries INTEGER NOT NULL DEFAULT 0, saved INTEGER, "
            "preview TEXT NOT NULL DEFAULT '', metadata TEXT NOT NULL DEFAULT '{}', parent TEXT, forked_from TEXT, "
            "base INTEGER, shared INTEGER NOT NULL DEFAULT 0)",
            f"CREATE TABLE {self.snapshots} (session INTEGER PRIMARY KEY, body TEXT NOT NULL)",
            f"CREATE TABLE {self.journal} (sequence INTEGER PRIMARY KEY, session INTEGER NOT NULL, "
            "kind TEXT NOT NULL, body TEXT NOT NULL)",
            f"CREATE INDEX {self.journal_index} ON {self.journal} (session)",
        ):
            connection.execute(statement)
        self.history.create(connection)

    def load(self, connection: sqlite3.Connection, session_id: str) -> SessionSnapshot | None:
        """Rebuild a session: what was saved, and what happened since."""
        row = self._find(connection, session_id)
        if row is None:
            return None
        entries = list(self._read_entries(connection, row))
        saved = row.saved or 0
        base = SessionSnapshot(session_id=session_id, created_at=row.created_at)
        if row.saved is not None:
            base = self._read_snapshot(connection, row.key, entries[:saved])
        later = iter(entries[saved:])
        query = f"SELECT kind, body FROM {self.journal} WHERE session = ? ORDER BY sequence"
        rows: list[tuple[str, str]] = connection.execute(query, (row.key,)).fetchall()
        records = [record_from_row(kind, body, later) for kind, body in rows]
        return replay(base, records)

    def append(self, connection: sqlite3.Connection, session_id: str, batch: Batch, now: float) -> None:
        """Add records."""
        row = self._find(connection, session_id) or self._begin(connection, session_id, now)
        if batch.opened is not None:
            self._describe(connection, row.key, batch.opened)
        if any(kind == PartialText.__name__ for kind, _ in batch.journal):
            connection.execute(
                f"DELETE FROM {self.journal} WHERE session = ? AND kind = ?", (row.key, PartialText.__name__)
            )
        connection.executemany(
            f"INSERT INTO {self.journal} (session, kind, body) VALUES (?, ?, ?)",
            [(row.key, kind, body) for kind, body in batch.journal],
        )
        self.history.write(connection, row.key, enumerate(batch.entries, row.entries))
        connection.execute(
            f"UPDATE {self.sessions} SET updated_at = ?, entries = entries + ?, "
            "preview = CASE preview WHEN '' THEN ? ELSE preview END WHERE key = ?",
            (now, len(batch.entries), _bindable(batch.preview), row.key),
        )

    def save(
        self,
        connection: sqlite3.Connection,
        whole: Whole,
        known: Sequence[TimelineEntry] | None,
        now: float,
    ) -> None:
        """Make the snapshot what is stored; of the log only what differs from the `known` is written."""
        snapshot = whole.snapshot
        row = self._find(connection, snapshot.session_id) or self._begin(connection, snapshot.session_id, now)
        log = snapshot.whole_log
        changed = list(self._changed(connection, row, log, known))
        if changed and changed[0][0] < row.entries:
            self.history.own(connection, row.key, changed[0][0])
        self.history.write(connection, row.key, changed)
        if row.entries > len(log):
            self.history.cut(connection, row.key, len(log))
        connection.execute(f"DELETE FROM {self.journal} WHERE session = ?", (row.key,))
        connection.execute(f"INSERT OR REPLACE INTO {self.snapshots} VALUES (?, ?)", (row.key, whole.body))
        said = preview_of(entry.message for entry in log)
        preview = said or preview_of(queued.message for queued in snapshot.queued)
        connection.execute(
            f"UPDATE {self.sessions} SET updated_at = ?, entries = ?, saved = ?, preview = ? WHERE key = ?",
            (now, len(log), len(log), _bindable(preview), row.key),
        )
        self._describe(connection, row.key, _origin(snapshot))

    def fork(
        self,
        connection: sqlite3.Connection,
        source_id: str,
        whole: Whole,
        known: Sequence[TimelineEntry] | None,
        now: float,
    ) -> None:
        """Make a session of the snapshot that shares the beginning of the source's log; `known` is that log."""
        log, source = whole.snapshot.whole_log, self._find(connection, source_id)
        same = 0
        if source is not None:
            differs = next(self._changed(connection, source, log, known), None)
            same = min(source.entries, len(log) if differs is None else differs[0])
            row = self._begin(connection, whole.snapshot.session_id, now)
            self.history.share(connection, row.key, source.key, same)
            connection.execute(f"UPDATE {self.sessions} SET entries = ? WHERE key = ?", (same, row.key))
        self.save(connection, whole, log[:same], now)

    def discard(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Go back to the last save, or to nothing."""
        row = self._find(connection, session_id)
        if row is None:
            return
        if row.saved is None:
            self.delete(connection, session_id)
            return
        connection.execute(f"DELETE FROM {self.journal} WHERE session = ?", (row.key,))
        self.history.cut(connection, row.key, row.saved)
        connection.execute(f"UPDATE {self.sessions} SET entries = saved WHERE key = ?", (row.key,))

    def delete(self, connection: sqlite3.Connection, session_id: str) -> None:
        """Remove every row of a session; what its forks share with it stays theirs."""
        row = self._find(connection, session_id)
        if row is None:
            return
        self.history.delete(connection, row.key)
        for table, column in (
            (self.journal, "session"),
            (self.snapshots, "session"),
            (self.sessions, "key"),
        ):
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (row.key,))

    def has(self, connection: sqlite3.Connection, session_id: str) -> bool:
        """Tell whether there is such a session."""
        return self._find(connection, session_id) is not None

    def count(self, connection: sqlite3.Connection) -> int:
        """Give how many sessions there are."""
        return connection.execute(f"SELECT count(*) FROM {self.sessions}").fetchone()[0]

    def oldest(self, connection: sqlite3.Connection, before: float = math.inf) -> list[str]:
        """Name the sessions that were last used before a time, the one used least recently first."""
        query = f"SELECT session_id FROM {self.sessions} WHERE updated_at < ? ORDER BY updated_at, key"
        return [session_id for (session_id,) in connection.execute(query, (before,))]

    def touch(self, connection: sqlite3.Connection, session_id: str, now: float) -> None:
        """Note that the session was used."""
        connection.execute(
            f"UPDATE {self.sessions} SET updated_at = ? WHERE session_id = ?", (now, session_id)
        )

    def summaries(self, connection: sqlite3.Connection) -> list[SessionSummary]:
        """Describe every session, the one used last first."""
        rows = connection.execute(
            "SELECT session_id, created_at, updated_at, entries, preview, metadata, parent, forked_from "
            f"FROM {self.sessions} ORDER BY updated_at DESC, key DESC"
        )
        return [
            SessionSummary(
                session_id=session_id,
                created_at=created_at,
                updated_at=updated_at,
                entries=entries,
                preview=preview,
                metadata=loads(metadata),
                parent_session_id=parent,
                forked_from=None if forked_from is None else _FORK_POINT.decode(loads(forked_from)),
            )
            for session_id, created_at, updated_at, entries, preview, metadata, parent, forked_from in rows
        ]

    def _find(self, connection: sqlite3.Connection, session_id: str) -> _Row | None:
        query = f"SELECT key, entries, saved, created_at FROM {self.sessions} WHERE session_id = ?"
        row = connection.execute(query, (session_id,)).fetchone()
        return None if row is None else _Row(*row)

    def _begin(self, connection: sqlite3.Connection, session_id: str, now: float) -> _Row:
        key = connection.execute(
            f"INSERT INTO {self.sessions} (session_id, created_at, updated_at) VALUES (?, ?, ?)",
            (session_id, now, now),
        ).lastrowid
        assert key is not None
        return _Row(key, 0, None, now)

    def _describe(self, connection: sqlite3.Connection, key: int, opened: SessionOpened) -> None:
        origin = None if opened.forked_from is None else dumps(_FORK_POINT.encode(opened.forked_from))
        connection.execute(
            f"UPDATE {self.sessions} SET created_at = ?, metadata = ?, parent = ?, forked_from = ? WHERE key = ?",
            (opened.created_at, dumps(plain(opened.metadata)), opened.parent, origin, key),
        )

    def _read_snapshot(
        self, connection: sqlite3.Connection, key: int, log: Sequence[TimelineEntry]
    ) -> SessionSnapshot:
        found = connection.execute(f"SELECT body FROM {self.snapshots} WHERE session = ?", (key,)).fetchone()
        if found is None:
            raise wrong("a session that was saved has no snapshot")
        body = loads(found[0])
        return snapshot_from_wire(body).showing(log, _SHOWN.decode(body).view)

    def _read_entries(self, connection: sqlite3.Connection, row: _Row) -> Iterator[TimelineEntry]:
        """Read the log, many rows at a time as one JSON text: half the cost of one by one."""
        bodies, count = self.history.bodies(connection, row.key, row.entries), 0
        while rows := list(islice(bodies, _ROWS_AT_ONCE)):
            count += len(rows)
            for data in loads(f"[{','.join(rows)}]"):
                yield entry_from_wire(data)
        if count < row.entries:
            raise wrong(f"a log of {row.entries} entries has {count}")

    def _changed(
        self,
        connection: sqlite3.Connection,
        row: _Row,
        log: Sequence[TimelineEntry],
        known: Sequence[TimelineEntry] | None,
    ) -> Iterator[tuple[int, str]]:
        """Give the places where the log is not as it is stored, with what is to be stored there."""
        if known is not None and len(known) == row.entries:
            return _unlike(log, known)
        return _unlike_bodies(log, list(self.history.bodies(connection, row.key, row.entries)))


def _unlike_bodies(log: Sequence[TimelineEntry], stored: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give the places of the log that are not stored as they are, with what is to be stored there."""
    for position, entry in enumerate(log):
        body = _entry_body(position, entry)
        if position >= len(stored) or stored[position] != body:
            yield position, body


def _unlike(log: Sequence[TimelineEntry], known: Sequence[TimelineEntry]) -> Iterator[tuple[int, str]]:
    """Give the places where the log is not as it is known to be stored, with what is to be stored there."""
    for position, entry in enumerate(log):
        if position >= len(known) or (entry is not known[position] and entry != known[position]):
            yield position, _entry_body(position, entry)


def _entry_body(position: int, entry: TimelineEntry) -> str:
    try:
        return dumps(entry_to_wire(entry))
    except WireError as error:
        raise under(under(error, position), "timeline") from None


def _origin(snapshot: SessionSnapshot) -> SessionOpened:
    return SessionOpened(
        snapshot.created_at, snapshot.metadata, snapshot.parent_session_id, snapshot.forked_from
    )


def _bindable(text: str) -> str:
    """Give text that SQLite takes: half a surrogate pair, which a cut text may end in, becomes "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")
