"""The rows of the logs, which forks share: whose row stands at which position. Runs on the database's thread.

Below `shared` a session's log is that of its `base`; from there on the rows are its own. A base has rows of its
own below that point, else it would not be the base: so who reads a session's rows names it as its base.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agentick_core.storage.database import quoted


@dataclass(frozen=True, slots=True)
class _Span:
    """Positions whose rows belong to one session."""

    owner: int
    start: int
    stop: int


class HistoryRows:
    """The table of entries of one store, named after its prefix, and who shares what of it."""

    def __init__(self, prefix: str) -> None:
        self.sessions = quoted(prefix)
        self.entries = quoted(f"{prefix}_entries")
        self.base_index = quoted(f"{prefix}_forks_of_session")

    def create(self, connection: sqlite3.Connection) -> None:
        """Make the table, and what says in the sessions' whose rows they share."""
        connection.execute(
            f"CREATE TABLE {self.entries} (session INTEGER, position INTEGER, body TEXT NOT NULL, "
            "PRIMARY KEY (session, position))"
        )
        connection.execute(f"CREATE INDEX {self.base_index} ON {self.sessions} (base) WHERE base IS NOT NULL")

    def bodies(self, connection: sqlite3.Connection, key: int, stop: int) -> Iterator[str]:
        """Give the rows of a log up to a position, in order."""
        query = (
            f"SELECT body FROM {self.entries} WHERE session = ? AND position >= ? AND position < ? "
            "ORDER BY position"
        )
        for span in self._spans(connection, key, 0, stop):
            for (body,) in connection.execute(query, (span.owner, span.start, span.stop)):
                yield body

    def write(self, connection: sqlite3.Connection, key: int, rows: Iterable[tuple[int, str]]) -> None:
        """Put rows at their positions; those that stand there already are the session's own."""
        connection.executemany(
            f"INSERT OR REPLACE INTO {self.entries} VALUES (?, ?, ?)",
            [(key, position, body) for position, body in rows],
        )

    def share(self, connection: sqlite3.Connection, key: int, source: int, length: int) -> None:
        """Let a new session's log begin as the source's does, up to a position."""
        self._rest_on(connection, key, source, length)

    def cut(self, connection: sqlite3.Connection, key: int, length: int) -> None:
        """Take away what stands at this position and later."""
        self.own(connection, key, length)
        connection.execute(f"DELETE FROM {self.entries} WHERE session = ? AND position >= ?", (key, length))

    def delete(self, connection: sqlite3.Connection, key: int) -> None:
        """Take away every row of the session's own; its forks keep theirs."""
        self._hand_on(connection, key, 0)
        connection.execute(f"DELETE FROM {self.entries} WHERE session = ?", (key,))

    def own(self, connection: sqlite3.Connection, key: int, start: int) -> None:
        """Share nothing from this position on, with a base or with a fork: what stands there will change."""
        self._hand_on(connection, key, start)
        base, shared = self._base_of(connection, key)
        if base is not None and start < shared:
            self._copy(connection, key, self._spans(connection, base, start, shared))
            self._rest_on(connection, key, base, start)

    def _hand_on(self, connection: sqlite3.Connection, key: int, start: int) -> None:
        """Give what forks read of the session's rows from a position on to the fork that reads most of them; the
        others read it there."""
        start = max(start, self._base_of(connection, key)[1])
        forks = connection.execute(
            f"SELECT key, shared FROM {self.sessions} WHERE base = ? AND shared > ? ORDER BY shared DESC",
            (key, start),
        ).fetchall()
        if not forks:
            return
        heir, stop = forks[0]
        self._copy(connection, heir, [_Span(key, start, stop)])
        self._rest_on(connection, heir, key, start)
        connection.executemany(
            f"UPDATE {self.sessions} SET base = ? WHERE key = ?", [(heir, fork) for fork, _ in forks[1:]]
        )

    def _rest_on(self, connection: sqlite3.Connection, key: int, base: int | None, shared: int) -> None:
        """Note whose log the session's begins with: the first in line that has a row of its own there."""
        while base is not None:
            further, from_further = self._base_of(connection, base)
            if shared > from_further:
                break
            base = further
        connection.execute(
            f"UPDATE {self.sessions} SET base = ?, shared = ? WHERE key = ?", (base, shared, key)
        )

    def _copy(self, connection: sqlite3.Connection, key: int, spans: Iterable[_Span]) -> None:
        connection.executemany(
            f"INSERT INTO {self.entries} SELECT ?, position, body FROM {self.entries} "
            "WHERE session = ? AND position >= ? AND position < ?",
            [(key, span.owner, span.start, span.stop) for span in spans],
        )

    def _base_of(self, connection: sqlite3.Connection, key: int) -> tuple[int | None, int]:
        query = f"SELECT base, shared FROM {self.sessions} WHERE key = ?"
        return connection.execute(query, (key,)).fetchone()

    def _spans(self, connection: sqlite3.Connection, key: int, start: int, stop: int) -> list[_Span]:
        """Give who owns which of these positions, in order."""
        spans: list[_Span] = []
        owner: int | None = key
        while owner is not None and start < stop:
            base, shared = self._base_of(connection, owner)
            if stop > shared:
                spans.append(_Span(owner, max(start, shared), stop))
            owner, stop = base, min(stop, shared)
        return spans[::-1]
