"""One SQLite file with one connection: opened when first used, its tables brought up to date, its writes in order."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from agentick_core.errors import ValidationError
from agentick_core.storage.connection import Connection
from agentick_core.storage.failures import gone, newer, stored_error

T = TypeVar("T")
Work: TypeAlias = Callable[[sqlite3.Connection], T]

FORMAT = 1  # of the file: `user_version`. The versions of the tables in it are rows of agentick_schemas.
IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one part of the program. The first step makes them, each later one brings them from one
    version to the next: the version is the number of steps taken, and a step, once released, never changes."""

    name: str
    steps: tuple[Work[None], ...]


class Database:
    """One SQLite file, shared by what keeps tables in it.

    Every call is one transaction and they run in the order in which they were called; several processes may use
    one file. What a call raises of SQLite's comes out as a `StorageError`. `busy_timeout` is how many seconds a
    write waits for another process.
    """

    def __init__(self, path: str | Path, *, busy_timeout: float = 30.0) -> None:
        self.path = IN_MEMORY if path == IN_MEMORY else str(Path(path).expanduser().absolute())
        self._busy_timeout = busy_timeout
        self._turn = asyncio.Lock()
        self._connection: Connection | None = None
        self._schemas: list[Schema] = []
        self._prepared = 0
        self._synchronous = ""
        self._file: int | None = None

    def add(self, schema: Schema) -> None:
        """Have these tables made, or brought up to date, before the next call."""
        if schema not in self._schemas:
            self._schemas.append(schema)

    async def read(self, work: Work[T]) -> T:
        """Run a function that only reads, in one transaction."""
        return await self._run(lambda connection: _transact(connection, "DEFERRED", work))

    async def write(self, work: Work[T]) -> T:
        """Run a function that writes, in one transaction that survives a power cut once this returns."""
        return await self._run(lambda connection: self._write(connection, "FULL", work))

    async def write_soon(self, work: Work[T]) -> T:
        """Run a function that writes, in one transaction that survives a crash of the program once this returns,
        and a power cut a little later."""
        return await self._run(lambda connection: self._write(connection, "NORMAL", work))

    async def flush(self) -> None:
        """Wait until every call made so far is done."""
        async with self._turn:
            pass

    async def aclose(self) -> None:
        """Close the file when every call made so far is done; the next call opens it again."""
        async with self._turn:
            connection, self._connection = self._connection, None
            self._prepared, self._synchronous = 0, ""
            if connection is not None:
                await connection.close()

    async def _run(self, work: Work[T]) -> T:
        async with self._turn:
            if self._connection is None:
                self._connection = await self._opened()
            try:
                return await self._connection.run(lambda connection: self._prepare_and(connection, work))
            except (sqlite3.Error, OSError) as error:
                raise stored_error(error, self.path) from error
            except UnicodeEncodeError as error:
                raise ValidationError(f"{error.object!r} is not text that can be stored") from error

    async def _opened(self) -> Connection:
        schemas = tuple(self._schemas)
        connection = Connection(lambda: _connect(self.path, self._busy_timeout, schemas))
        try:
            await connection.open()
        except (sqlite3.Error, OSError) as error:
            raise stored_error(error, self.path) from error
        self._file = _file_at(self.path)
        return connection

    def _prepare_and(self, connection: sqlite3.Connection, work: Work[T]) -> T:
        if _file_at(self.path) != self._file:
            raise gone(self.path)
        pending = self._schemas[self._prepared :]
        if pending:
            _bring_up_to_date(connection, self.path, pending)
            self._prepared += len(pending)
        return work(connection)

    def _write(self, connection: sqlite3.Connection, synchronous: str, work: Work[T]) -> T:
        if self._synchronous != synchronous:
            # Not `execute`: its statement cache would skip a pragma that takes effect when it is compiled.
            connection.executescript(f"PRAGMA synchronous={synchronous}")
            self._synchronous = synchronous
        return _transact(connection, "IMMEDIATE", work)


def quoted(name: str) -> str:
    """Write a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _file_at(path: str) -> int | None:
    """Tell one file of that path from another, and from none: what is written into one that was deleted is lost."""
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


def _transact(connection: sqlite3.Connection, kind: Literal["DEFERRED", "IMMEDIATE"], work: Work[T]) -> T:
    connection.execute(f"BEGIN {kind}")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    # Whatever went wrong: the connection is used again, and must not stand in half a transaction.
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _connect(path: str, busy_timeout: float, schemas: Sequence[Schema]) -> sqlite3.Connection:
    if path != IN_MEMORY:
        _refuse_newer(path, busy_timeout, schemas)
        _make_private(Path(path))
    connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None)
    try:
        _use_write_ahead_log(connection, time.monotonic() + busy_timeout)
    # Whatever went wrong: nobody else has the connection to close it.
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_newer(path: str, busy_timeout: float, schemas: Sequence[Schema]) -> None:
    """Look at the versions without writing: closing a connection that may write moves the log into the file."""
    if not os.path.isfile(path) or not os.path.getsize(path):
        return
    log = f"{path}-wal"
    # Without a log to read, SQLite is told that there is none: it would make one.
    how = "mode=ro" if os.path.isfile(log) and os.path.getsize(log) else "immutable=1"
    name = f"{Path(path).as_uri()}?{how}"
    # What cannot be read is told by the connection that may write: another process may just be at work.
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(name, uri=True, timeout=busy_timeout)) as connection,
    ):
        _outdated(connection, path, schemas)


def _make_private(path: Path) -> None:
    """Make the file where there is none, for its owner alone, and so with the folders."""
    if path.exists():
        return
    for folder in reversed([parent for parent in path.parents if not parent.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _use_write_ahead_log(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch to the write-ahead log. SQLite does not wait where another process is just doing the same."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _bring_up_to_date(connection: sqlite3.Connection, path: str, schemas: Sequence[Schema]) -> None:
    if _outdated(connection, path, schemas):
        _transact(connection, "IMMEDIATE", lambda held: _migrate(held, path, schemas))


def _migrate(connection: sqlite3.Connection, path: str, schemas: Sequence[Schema]) -> None:
    """Take the steps that are missing; the lock is held, so another process may have taken them by now."""
    outdated = _outdated(connection, path, schemas)
    if any(version for _, version in outdated):
        _back_up(path, max(version for _, version in outdated))
    connection.execute("CREATE TABLE IF NOT EXISTS agentick_schemas (name TEXT PRIMARY KEY, version INTEGER)")
    connection.execute(f"PRAGMA user_version={FORMAT}")
    for schema, version in outdated:
        for step in schema.steps[version:]:
            step(connection)
        row = (schema.name, len(schema.steps))
        connection.execute("INSERT OR REPLACE INTO agentick_schemas VALUES (?, ?)", row)


def _outdated(
    connection: sqlite3.Connection, path: str, schemas: Sequence[Schema]
) -> list[tuple[Schema, int]]:
    """Give the schemas that have steps to take, with their versions in the file.

    Raises:
        StoreVersionError: the file, or a part of it, is of a newer version.
    """
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > FORMAT:
        raise newer(path, "the file", found, FORMAT)
    there = "SELECT 1 FROM sqlite_master WHERE name = 'agentick_schemas'"
    rows: list[tuple[str, int]] = []
    if connection.execute(there).fetchone():
        rows = connection.execute("SELECT name, version FROM agentick_schemas").fetchall()
    versions = dict(rows)
    outdated: list[tuple[Schema, int]] = []
    for schema in schemas:
        version, known = versions.get(schema.name, 0), len(schema.steps)
        if version > known:
            raise newer(path, f"the part {schema.name!r}", version, known)
        if version < known:
            outdated.append((schema, version))
    return outdated


def _back_up(path: str, version: int) -> None:
    """Copy the file beside itself before its tables change, never over an earlier copy. The copy is read through
    a connection of its own: one that is about to write cannot be copied from."""
    if path == IN_MEMORY:
        return
    name = f"{path}.version-{version}"
    taken = 1
    while Path(name).exists():
        taken += 1
        name = f"{path}.version-{version}-{taken}"
    _make_private(Path(name))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(name)) as copy:
        source.backup(copy)
