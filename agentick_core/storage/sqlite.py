"""The store in a SQLite file: a journal while a session runs, a snapshot when it rests, a lease for its writer."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from agentick_core.clock import Clock, SystemClock
from agentick_core.errors import StorageError, ValidationError, WireError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.database import Database, Schema
from agentick_core.storage.failures import damaged
from agentick_core.storage.journal import EntriesCommitted, JournalRecord, PartialText
from agentick_core.storage.leases import HEARTBEAT_SECONDS, Lease, Leases
from agentick_core.storage.store import SessionSummary, check_not_negative, check_unused
from agentick_core.storage.tables import Batch, SessionTables, Whole

T = TypeVar("T")


class SqliteStore:
    """Sessions in a SQLite file, which several processes may share.

    `table` names the table of sessions and is the prefix of the others. The file is opened at the first call.
    `database` is the file itself, where an application may keep tables of its own.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        table: str = "sessions",
        busy_timeout: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        if not table or table.lower().startswith("sqlite_") or "\0" in table:
            raise ValidationError(
                f"{table!r} cannot name a table", hint="Take a word that is not SQLite's own."
            )
        self.database = Database(path, busy_timeout=busy_timeout)
        self._clock = clock or SystemClock()
        self._tables = SessionTables(table)
        self._leases = Leases(f"{table}_leases")
        self._heart: asyncio.Task[None] | None = None
        self.database.add(Schema(f"sessions in {table}", (self._create,)))

    async def load(self, session_id: str) -> SessionSnapshot | None:
        """Give the session as it was last written, or None where there is none; it counts as used now."""
        snapshot = await self.peek(session_id)
        if snapshot is None:
            return None
        # That it was used is no reason to fail: a disk that is full can still be read.
        with suppress(StorageError):
            await self.database.write_soon(
                lambda connection: self._tables.touch(connection, session_id, self._clock.now())
            )
        return snapshot

    async def peek(self, session_id: str) -> SessionSnapshot | None:
        """Give the session as it was last written, or None; nothing is written, and it does not count as used."""
        snapshot = await self._read(lambda connection: self._tables.load(connection, session_id))
        lease = self._leases.held.get(session_id)
        if lease is not None:
            lease.entries = [] if snapshot is None else list(snapshot.whole_log)
        return snapshot

    async def save(self, snapshot: SessionSnapshot) -> None:
        """Make this what is stored of the session, its journal included. Entries that are stored already are not
        written again."""
        session_id, whole = snapshot.session_id, Whole.of(snapshot)
        lease = self._leases.held.get(session_id) or Lease()

        def write(connection: Connection) -> None:
            now = self._checked(connection, session_id)
            self._tables.save(connection, whole, lease.entries, now)

        await self.database.write(write)
        lease.entries = list(snapshot.whole_log)

    async def fork(self, source_id: str, snapshot: SessionSnapshot) -> None:
        """Make this what is stored of a new session. The entries at which its log begins as that of the source
        are not written again: it refers to them, and keeps them whatever becomes of the source."""
        session_id, whole = snapshot.session_id, Whole.of(snapshot)
        known = (self._leases.held.get(source_id) or Lease()).entries

        def write(connection: Connection) -> None:
            now = self._checked(connection, session_id)
            self._tables.fork(connection, source_id, whole, known, now)

        await self.database.write(write)
        if lease := self._leases.held.get(session_id):
            lease.entries = list(snapshot.whole_log)

    async def append(self, session_id: str, records: Sequence[JournalRecord]) -> None:
        """Write the records in one transaction. Text that is still streaming survives a crash of the program;
        everything else also a power cut."""
        if not records:
            return
        batch = Batch.of(records)

        def write(connection: Connection) -> None:
            now = self._checked(connection, session_id)
            self._tables.append(connection, session_id, batch, now)

        if all(isinstance(record, PartialText) for record in records):
            await self.database.write_soon(write)
            return
        await self.database.write(write)
        lease = self._leases.held.get(session_id)
        if lease is not None and lease.entries is not None:
            for record in records:
                lease.entries.extend(record.entries if isinstance(record, EntriesCommitted) else ())

    async def discard(self, session_id: str) -> None:
        """Drop what was appended since the last save."""
        await self._change(session_id, self._tables.discard)

    async def delete(self, session_id: str) -> None:
        """Forget the session.

        Raises:
            SessionInUseError: another process writes it.
        """
        await self._change(session_id, self._tables.delete)

    async def list(self) -> Sequence[SessionSummary]:
        """Give a summary of every session, the one used last first."""
        return await self._read(self._tables.summaries)

    async def has(self, session_id: str) -> bool:
        """Tell whether the session is stored."""
        return await self._read(lambda connection: self._tables.has(connection, session_id))

    async def count(self) -> int:
        """Give how many sessions are stored."""
        return await self._read(self._tables.count)

    async def delete_older_than(self, seconds: float) -> int:
        """Delete the sessions that were not used for longer, but for those that are open somewhere; give how many."""
        check_not_negative("seconds", seconds)
        before = self._clock.now() - seconds
        return await self.database.write(
            lambda connection: self._prune(connection, self._tables.oldest(connection, before))
        )

    async def enforce_max_count(self, count: int) -> int:
        """Delete the sessions used least recently, but for those that are open somewhere, until this many are left;
        give how many."""
        check_not_negative("count", count)

        def prune(connection: Connection) -> int:
            over = self._tables.count(connection) - count
            return self._prune(connection, self._tables.oldest(connection), over)

        return await self.database.write(prune)

    async def flush(self) -> None:
        """Wait until every call made so far is done."""
        await self.database.flush()

    async def acquire(self, session_id: str) -> None:
        """Become the session's writer, until it is released, the store is closed or the process ends.

        Raises:
            SessionInUseError: somebody writes it already, here or in another process.
        """
        check_unused(session_id, self._leases.held)

        def take(connection: Connection) -> None:
            self._leases.take(connection, session_id, self._clock.now())

        try:
            await self.database.write_soon(take)
        except asyncio.CancelledError:
            # It may have been taken all the same.
            await self.database.write_soon(lambda connection: self._leases.drop(connection, [session_id]))
            raise
        check_unused(session_id, self._leases.held)
        self._leases.held[session_id] = Lease()
        if self._heart is None or self._heart.done():
            self._heart = asyncio.create_task(self._beat(), name="leases of sessions")

    async def release(self, session_id: str) -> None:
        """Stop being the session's writer."""
        await self._release([session_id])

    async def aclose(self) -> None:
        """Finish what was asked for, give back the leases and close the file; the next call opens it again."""
        try:
            await self._release(tuple(self._leases.held))
        finally:
            await self.database.aclose()

    def _create(self, connection: Connection) -> None:
        self._tables.create(connection)
        self._leases.create(connection)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self.database.read(work)
        except (WireError, TypeError, ValueError) as error:
            # SQLite keeps anything in any column, and whoever edits the file may put it there.
            raise damaged(self.database.path, str(error)) from error

    async def _change(self, session_id: str, work: Callable[[Connection, str], None]) -> None:
        def write(connection: Connection) -> None:
            self._checked(connection, session_id)
            work(connection, session_id)

        await self.database.write(write)
        lease = self._leases.held.get(session_id)
        if lease is not None:
            lease.entries = None

    def _prune(self, connection: Connection, oldest: Sequence[str], most: int | None = None) -> int:
        """Delete the first of these sessions that are not in use."""
        now = self._clock.now()
        unused = (name for name in oldest if not self._leases.is_held(connection, name, now))
        going = list(islice(unused, None if most is None else max(0, most)))
        for session_id in going:
            self._tables.delete(connection, session_id)
        return len(going)

    def _checked(self, connection: Connection, session_id: str) -> float:
        """Make sure that this store may write the session, and give the time."""
        now = self._clock.now()
        self._leases.check(connection, session_id, now)
        return now

    async def _release(self, session_ids: Sequence[str]) -> None:
        held = [session_id for session_id in session_ids if self._leases.held.pop(session_id, None)]
        if not self._leases.held:
            await self._stop_beating()
        if held:
            await self.database.write_soon(lambda connection: self._leases.drop(connection, held))

    async def _stop_beating(self) -> None:
        heart, self._heart = self._heart, None
        if heart is not None and not heart.done():
            heart.cancel()
            await asyncio.wait((heart,))

    async def _beat(self) -> None:
        def beat(connection: Connection) -> None:
            self._leases.beat(connection, self._clock.now())

        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            # A heartbeat that cannot be written is no news: the next write says so to somebody who can act.
            with suppress(StorageError):
                await self.database.write_soon(beat)
