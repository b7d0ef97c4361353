"""What the chat itself keeps in the database: titles, drafts, the queue, the history, the commands' results."""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentick_core.storage.database import Database, Schema

HISTORY_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCommand:
    """A command's result as it stands in the transcript: after how many entries, what was typed, what came.

    `state` is the word for how it ended, "done" where all went well.
    """

    after: int
    name: str
    summary: str
    output: str
    state: str = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChat:
    """What the chat remembers of one session."""

    title: str = ""
    draft: str = ""
    queue: tuple[str, ...] = ()
    commands: tuple[KeptCommand, ...] = ()


def _create(connection: sqlite3.Connection) -> None:
    for statement in (
        "CREATE TABLE chat_sessions (session_id TEXT PRIMARY KEY, title TEXT NOT NULL DEFAULT '', "
        "draft TEXT NOT NULL DEFAULT '', queue TEXT NOT NULL DEFAULT '[]')",
        "CREATE TABLE chat_history (sequence INTEGER PRIMARY KEY, text TEXT NOT NULL, at REAL NOT NULL)",
        "CREATE TABLE chat_commands (sequence INTEGER PRIMARY KEY, session_id TEXT NOT NULL, "
        "after_entries INTEGER NOT NULL, name TEXT NOT NULL, summary TEXT NOT NULL, output TEXT NOT NULL, "
        "state TEXT NOT NULL)",
        "CREATE INDEX chat_commands_of_session ON chat_commands (session_id)",
    ):
        connection.execute(statement)


SCHEMA = Schema("agentick_tui", (_create,))


class ChatTables:
    """Reads and writes the chat's tables of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        database.add(SCHEMA)

    async def load(self, session_id: str) -> KeptChat:
        """Give what is remembered of a session."""
        return await self.database.read(lambda held: _load(held, session_id))

    async def history(self) -> tuple[str, ...]:
        """Give what was sent from any session, oldest first."""
        return await self.database.read(_history)

    async def titles(self) -> Mapping[str, str]:
        """Give the titles that were given, by session."""
        return await self.database.read(_titles)

    async def remember(self, text: str) -> None:
        """Put a text at the end of the history."""

        def work(held: sqlite3.Connection) -> None:
            held.execute("INSERT INTO chat_history (text, at) VALUES (?, ?)", (text, time.time()))
            held.execute(
                "DELETE FROM chat_history WHERE sequence <= (SELECT MAX(sequence) FROM chat_history) - ?",
                (HISTORY_KEPT,),
            )

        await self.database.write_soon(work)

    async def set_title(self, session_id: str, title: str) -> None:
        """Give a session a title."""
        await self._set(session_id, "title", title)

    async def set_draft(self, session_id: str, draft: str) -> None:
        """Keep what is typed and not sent."""
        await self._set(session_id, "draft", draft)

    async def set_queue(self, session_id: str, queue: Sequence[str]) -> None:
        """Keep what waits to be sent."""
        await self._set(session_id, "queue", json.dumps(list(queue)))

    async def keep_command(self, session_id: str, kept: KeptCommand) -> None:
        """Keep the result of a command with the session."""
        row = (session_id, kept.after, kept.name, kept.summary, kept.output, kept.state)

        def work(held: sqlite3.Connection) -> None:
            held.execute(
                "INSERT INTO chat_commands (session_id, after_entries, name, summary, output, state) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )

        await self.database.write_soon(work)

    async def copy(self, session_id: str, to: str, queue: Sequence[str]) -> None:
        """Give a copy of a session what is kept of the commands, and what waits."""
        row = (to, json.dumps(list(queue)))

        def work(held: sqlite3.Connection) -> None:
            held.execute("INSERT INTO chat_sessions (session_id, queue) VALUES (?, ?)", row)
            held.execute(
                "INSERT INTO chat_commands (session_id, after_entries, name, summary, output, state) "
                "SELECT ?, after_entries, name, summary, output, state FROM chat_commands "
                "WHERE session_id = ? ORDER BY sequence",
                (to, session_id),
            )

        await self.database.write_soon(work)

    async def _set(self, session_id: str, column: str, value: str) -> None:
        def work(held: sqlite3.Connection) -> None:
            held.execute("INSERT OR IGNORE INTO chat_sessions (session_id) VALUES (?)", (session_id,))
            held.execute(f"UPDATE chat_sessions SET {column} = ? WHERE session_id = ?", (value, session_id))

        await self.database.write_soon(work)


def _load(held: sqlite3.Connection, session_id: str) -> KeptChat:
    row = held.execute(
        "SELECT title, draft, queue FROM chat_sessions WHERE session_id = ?", (session_id,)
    ).fetchone()
    commands = held.execute(
        "SELECT after_entries, name, summary, output, state FROM chat_commands "
        "WHERE session_id = ? ORDER BY sequence",
        (session_id,),
    ).fetchall()
    title, draft, queue = row if row is not None else ("", "", "[]")
    return KeptChat(
        title=title,
        draft=draft,
        queue=tuple(json.loads(queue)),
        commands=tuple(
            KeptCommand(after=after, name=name, summary=summary, output=output, state=state)
            for after, name, summary, output, state in commands
        ),
    )


def _history(held: sqlite3.Connection) -> tuple[str, ...]:
    rows = held.execute("SELECT text FROM chat_history ORDER BY sequence").fetchall()
    return tuple(text for (text,) in rows)


def _titles(held: sqlite3.Connection) -> Mapping[str, str]:
    rows = held.execute("SELECT session_id, title FROM chat_sessions WHERE title != ''").fetchall()
    return dict(rows)
