"""The leases on sessions in a SQLite file: which process writes which session."""

import os
import socket
import sqlite3
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite

from agentick_core.errors import SessionInUseError
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.storage.database import quoted

HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 10.0


@dataclass(slots=True)
class Lease:
    """A lease that this store holds. `entries` are those it knows to be in the log, as the objects they are, so
    that a save finds out cheaply what is new; None where it does not know."""

    entries: list[TimelineEntry] | None = None


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who holds a lease, as the file says."""

    owner: str
    pid: int
    host: str
    heartbeat: float
    since: float | None

    @property
    def is_whole(self) -> bool:
        """Whether it is what a store writes."""
        times = (self.heartbeat, 0.0 if self.since is None else self.since)
        return type(self.pid) is int and all(type(time) is float and isfinite(time) for time in times)

    def is_alive(self, now: float) -> bool:
        if now - self.heartbeat > STALE_SECONDS:
            return False
        return self.host != socket.gethostname() or _runs(self.pid)


def _in_use(session_id: str, owner: _Owner) -> SessionInUseError:
    since = "" if owner.since is None else f", since {_local(owner.since)}"
    return SessionInUseError(
        f"Session {session_id!r} is open in another program (process {owner.pid} on {owner.host}{since})",
        hint="Open it read-only, or fork that; or close it there first, and it is free.",
        details={"pid": owner.pid, "host": owner.host, "since": owner.since},
    )


def _local(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M:%S}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False  # no process has such a number
    except OSError:
        return True  # it is there, and somebody else's
    return True


@dataclass(slots=True)
class Leases:
    """The lease table of one store; the functions run on the database's thread, inside a transaction."""

    table: str
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    held: dict[str, Lease] = field(default_factory=dict[str, Lease])

    def create(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            f"CREATE TABLE {quoted(self.table)} "
            "(session_id TEXT PRIMARY KEY, owner TEXT, pid INTEGER, host TEXT, heartbeat REAL, since REAL)"
        )

    def take(self, connection: sqlite3.Connection, session_id: str, now: float) -> None:
        """Write down that this store is the session's writer."""
        self.check(connection, session_id, now)
        row = (session_id, self.owner, os.getpid(), socket.gethostname(), now, now)
        connection.execute(f"INSERT OR REPLACE INTO {quoted(self.table)} VALUES (?, ?, ?, ?, ?, ?)", row)

    def check(self, connection: sqlite3.Connection, session_id: str, now: float) -> None:
        """Raise `SessionInUseError` where another writes the session, or did since this store took it."""
        found = self._found(connection, session_id)
        if found is not None and found.owner == self.owner:
            return
        if found is not None and found.is_alive(now):
            raise _in_use(session_id, found)
        if session_id in self.held:
            raise SessionInUseError(
                f"Session {session_id!r} was taken over by another program while this one was suspended",
                hint="Open it again to go on from what is stored.",
            )

    def is_held(self, connection: sqlite3.Connection, session_id: str, now: float) -> bool:
        """Tell whether the session is open, here or elsewhere."""
        found = self._found(connection, session_id)
        return found is not None and (found.owner == self.owner or found.is_alive(now))

    def drop(self, connection: sqlite3.Connection, session_ids: list[str]) -> None:
        """Write down that this store no longer writes these sessions."""
        connection.executemany(
            f"DELETE FROM {quoted(self.table)} WHERE session_id = ? AND owner = ?",
            [(session_id, self.owner) for session_id in session_ids],
        )

    def beat(self, connection: sqlite3.Connection, now: float) -> None:
        """Say that this store is alive."""
        connection.execute(
            f"UPDATE {quoted(self.table)} SET heartbeat = ? WHERE owner = ?", (now, self.owner)
        )

    def _found(self, connection: sqlite3.Connection, session_id: str) -> _Owner | None:
        row = connection.execute(
            f"SELECT owner, pid, host, heartbeat, since FROM {quoted(self.table)} WHERE session_id = ?",
            (session_id,),
        ).fetchone()
        owner = None if row is None else _Owner(*row)
        # Whoever has put something else there holds nothing.
        return owner if owner is not None and owner.is_whole else None
