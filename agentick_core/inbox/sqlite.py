"""An inbox in a SQLite file, which several processes may write: each sees what the others wrote."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import isfinite
from os import PathLike, fspath
from typing import Any

from agentick_core.clock import Clock, SystemClock
from agentick_core.errors import SessionInUseError, StorageError, WireError
from agentick_core.inbox.listeners import Listeners
from agentick_core.inbox.message import (
    InboxInput,
    InboxMessage,
    no_letter,
    payload_from_text,
    payload_to_text,
    read_input,
)
from agentick_core.messages.blocks import TextBlock
from agentick_core.messages.message import Message
from agentick_core.storage.database import IN_MEMORY, Database, Schema
from agentick_core.storage.leases import HEARTBEAT_SECONDS, Lease, Leases

LOOK_SECONDS = 1.0
"""How often it is looked whether another process has written; nothing is read while the file is the same."""

_NAMES = ("id", "session_id", "source", "type", "payload", "timestamp", "tries", "due_at", "error")
_COLUMNS = ", ".join(_NAMES)
_MARKS = ", ".join("?" for _ in _NAMES)
_Seen = tuple[tuple[int, int], ...]


def _create(connection: sqlite3.Connection) -> None:
    for statement in (
        "CREATE TABLE inbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, "
        "session_id TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, payload TEXT NOT NULL, "
        "timestamp INTEGER NOT NULL, tries INTEGER NOT NULL, due_at REAL NOT NULL, error TEXT NOT NULL, "
        "dead INTEGER NOT NULL DEFAULT 0)",
        "CREATE INDEX inbox_of_session ON inbox (session_id, sequence) WHERE NOT dead",
    ):
        connection.execute(statement)


SCHEMA = Schema("inbox", (_create,))


class SqliteInbox:
    """Messages for sessions in a SQLite file: its own, or the one in which the sessions are.

    Who works through what waits for a session, of several programs, is settled by leases in the file. Where the
    sessions are in it too, theirs settle it.
    """

    def __init__(self, file: str | PathLike[str] | Database, *, clock: Clock | None = None) -> None:
        self._owned = not isinstance(file, Database)
        self.database = file if isinstance(file, Database) else Database(fspath(file))
        self.database.add(SCHEMA)
        self._clock = clock or SystemClock()
        self._listeners = Listeners()
        self._claims: dict[str, str] = {}
        self._leases = Leases("inbox_leases")
        if self._owned:
            self.database.add(Schema("inbox_leases", (self._leases.create,)))
        self._last = 0
        self._looking: asyncio.Task[None] | None = None
        self._beaten_at = 0.0

    async def write(self, session_id: str, message: InboxInput | Mapping[str, Any]) -> str:
        """Keep a message, tell whoever listens for the session, and give its id; it is durable when this returns."""
        read = read_input(session_id, message, self._clock)
        row = (read.id, session_id, read.source, read.type, payload_to_text(read), read.timestamp)

        def work(held: sqlite3.Connection) -> int:
            values = "?, ?, ?, ?, ?, ?, 0, 0, ''"
            return held.execute(f"INSERT OR IGNORE INTO inbox ({_COLUMNS}) VALUES ({values})", row).rowcount

        if await self.database.write(work):
            # And once more when the file is looked through: hearing it twice costs little, missing it a message.
            self._listeners.tell(session_id)
        return read.id

    async def pending(self, session_id: str) -> Sequence[InboxMessage]:
        """Give what waits for the session, the oldest first; what cannot be read is given up, and holds up nobody."""
        found = await self._messages("NOT dead AND session_id = ?", session_id)
        for sequence, _, problem in found:
            if problem:
                await self._execute(
                    "UPDATE inbox SET error = ?, dead = 1 WHERE sequence = ?", problem, sequence
                )
        return [message for _, message, problem in found if not problem]

    async def mark_done(self, id: str) -> None:
        """Forget a message that was answered."""
        await self._execute("DELETE FROM inbox WHERE id = ? AND NOT dead", id)

    async def put_off(self, id: str, error: str, due_at: float) -> None:
        """Note that a try failed, and when the next is due."""
        await self._execute(
            "UPDATE inbox SET tries = tries + 1, error = ?, due_at = ? WHERE id = ? AND NOT dead",
            error,
            due_at,
            id,
        )

    async def bury(self, id: str, error: str) -> None:
        """Make it a dead letter."""
        await self._execute(
            "UPDATE inbox SET tries = tries + 1, error = ?, dead = 1 WHERE id = ? AND NOT dead", error, id
        )

    async def dead_letters(self) -> Sequence[InboxMessage]:
        """Give the messages that were given up, the oldest first."""
        return [message for _, message, _ in await self._messages("dead")]

    async def revive(self, id: str) -> None:
        """Let a dead letter wait again, behind all others.

        Raises:
            NotFoundError: no dead letter has this id.
        """

        def work(held: sqlite3.Connection) -> str:
            row = held.execute(f"SELECT {_COLUMNS} FROM inbox WHERE id = ? AND dead", (id,)).fetchone()
            if row is None:
                raise no_letter(id)
            found: dict[str, Any] = dict(zip(_NAMES, row, strict=True)) | {
                "tries": 0,
                "due_at": 0.0,
                "error": "",
            }
            # Written anew, not changed: other programs look for what comes last.
            held.execute("DELETE FROM inbox WHERE id = ?", (id,))
            held.execute(f"INSERT INTO inbox ({_COLUMNS}) VALUES ({_MARKS})", tuple(found.values()))
            return found["session_id"]

        self._listeners.tell(await self.database.write(work))

    async def claim(self, session_id: str, by: str) -> bool:
        """Become the one who works through what waits for the session; tell whether that is so."""
        if self._claims.setdefault(session_id, by) != by:
            return False
        if not self._owned:
            return True
        try:
            await self.database.write_soon(
                lambda held: self._leases.take(held, session_id, self._clock.now())
            )
        except SessionInUseError:
            self._leases.held.pop(session_id, None)
            return False
        self._leases.held[session_id] = Lease()
        return True

    async def release(self, session_id: str, by: str) -> None:
        """Let others work through it."""
        if self._claims.get(session_id) == by:
            del self._claims[session_id]
            await self._let_go([session_id])

    async def sessions_with_pending(self) -> Sequence[str]:
        """Give the ids of the sessions for which something waits."""
        query = "SELECT session_id FROM inbox WHERE NOT dead GROUP BY session_id ORDER BY min(sequence)"
        rows = await self.database.read(lambda held: held.execute(query).fetchall())
        return [session_id for (session_id,) in rows]

    async def size(self) -> int:
        """Count what waits."""
        query = "SELECT count(*) FROM inbox WHERE NOT dead"
        return await self.database.read(lambda held: held.execute(query).fetchone()[0])

    async def clear(self) -> None:
        """Forget everything."""
        await self._execute("DELETE FROM inbox")

    def subscribe(self, session_id: str, callback: Callable[[], object]) -> Callable[[], None]:
        """Call back whenever something came for the session, from any process; give the way to stop."""
        stop = self._listeners.add(session_id, callback)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return stop

    async def aclose(self) -> None:
        """Look no more, and close the file where it is the inbox's own."""
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.wait((looking,))
        await self._let_go(tuple(self._leases.held))
        if self._owned:
            await self.database.aclose()

    async def _look(self) -> None:
        """Tell of what anybody has written, while somebody listens."""
        seen: _Seen | None = None
        while len(self._listeners):
            now = self._file_state()
            if now != seen:
                seen = now
                # What cannot be read now is read at the next change.
                with suppress(StorageError):
                    await self._tell_new()
            with suppress(StorageError):
                await self._beat()
            await asyncio.sleep(LOOK_SECONDS)

    async def _beat(self) -> None:
        """Say that this program is alive, where it works through anything."""
        now = self._clock.now()
        if self._leases.held and now - self._beaten_at >= HEARTBEAT_SECONDS:
            self._beaten_at = now
            await self.database.write_soon(lambda held: self._leases.beat(held, now))

    async def _let_go(self, session_ids: Sequence[str]) -> None:
        held = [each for each in session_ids if self._leases.held.pop(each, None) is not None]
        if held:
            await self.database.write_soon(lambda connection: self._leases.drop(connection, held))

    async def _tell_new(self) -> None:
        query = "SELECT sequence, session_id FROM inbox WHERE NOT dead AND sequence > ? ORDER BY sequence"
        after = self._last
        rows: list[tuple[int, str]] = await self.database.read(
            lambda held: held.execute(query, (after,)).fetchall()
        )
        if rows:
            self._last = rows[-1][0]
        for session_id in dict.fromkeys(session_id for _, session_id in rows):
            self._listeners.tell(session_id)

    def _file_state(self) -> _Seen:
        """Give what changes whenever somebody writes: the times and sizes of the file and of its log."""
        if self.database.path == IN_MEMORY:
            return ()
        state: list[tuple[int, int]] = []
        for name in (self.database.path, f"{self.database.path}-wal"):
            with suppress(OSError):
                found = os.stat(name)
                state.append((found.st_mtime_ns, found.st_size))
        return tuple(state)

    async def _messages(self, where: str, *values: Any) -> list[tuple[int, InboxMessage, str]]:
        """Give each message with its number, and what keeps it from being read."""
        query = f"SELECT sequence, {_COLUMNS} FROM inbox WHERE {where} ORDER BY sequence"
        rows = await self.database.read(lambda held: held.execute(query, values).fetchall())
        return [(row[0], *_message(dict(zip(_NAMES, row[1:], strict=True)))) for row in rows]

    async def _execute(self, statement: str, *values: Any) -> None:
        await self.database.write(lambda held: held.execute(statement, values).rowcount)


def _message(row: dict[str, Any]) -> tuple[InboxMessage, str]:
    """Give the message of a row, which somebody may have edited, and what is wrong with it."""
    try:
        return _read_row(row), ""
    except (WireError, TypeError, ValueError, KeyError) as error:
        problem = f"It cannot be read: {error}"
    shown = Message("event", (TextBlock(str(row["payload"])),))
    return (
        InboxMessage(
            id=str(row["id"]),
            session_id=str(row["session_id"]),
            source=str(row["source"]),
            type="message",
            payload=shown,
            timestamp=0,
            error=problem,
        ),
        problem,
    )


def _read_row(row: dict[str, Any]) -> InboxMessage:
    values: dict[str, Any] = {**row, "payload": payload_from_text(row["type"], row["payload"])}
    message = InboxMessage(**values)
    numbers = (message.timestamp, message.tries, message.due_at)
    if type(message.id) is not str or not all(isfinite(number) for number in numbers):
        raise ValueError("a value is not what it has to be")
    return message
