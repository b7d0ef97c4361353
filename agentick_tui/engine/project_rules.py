"""The approvals that hold for a folder: kept with the sessions, by the folder's resolved path, never in it."""

import inspect
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from agentick_core.errors import ValidationError
from agentick_core.storage.database import Database, Schema
from agentick_core.tools.confirm import AllowRule, ConfirmationRequest, Decision
from agentick_core.tools.host import Ask

PROJECT = "project"


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE chat_rules (workspace TEXT NOT NULL, rule TEXT NOT NULL, PRIMARY KEY (workspace, rule))"
    )


SCHEMA = Schema("agentick_tui rules", (_create,))


class ProjectRules:
    """The rules a person stored for one folder. `then` is who is asked where none of them answers."""

    def __init__(self, database: Database, workspace: Path, then: Ask | None = None) -> None:
        database.add(SCHEMA)
        self._database = database
        self._workspace = str(workspace.resolve())
        self._then = then
        self._rules: tuple[AllowRule, ...] | None = None

    async def add(self, rule: AllowRule) -> None:
        """Keep a rule for every session of the folder."""
        row = (self._workspace, json.dumps(rule.to_json(), sort_keys=True))
        await self._database.write(
            lambda held: held.execute("INSERT OR IGNORE INTO chat_rules VALUES (?, ?)", row).rowcount
        )
        self._rules = None

    async def decide(self, request: ConfirmationRequest) -> Decision | None:
        """Approve what a rule covers; None asks on."""
        if any(rule.covers(request) for rule in await self._all()):
            return Decision(True)
        decision = self._then(request) if self._then is not None else None
        return await decision if inspect.isawaitable(decision) else decision

    async def _all(self) -> Sequence[AllowRule]:
        if self._rules is None:
            self._rules = await self._database.read(lambda held: _load(held, self._workspace))
        return self._rules


def _load(held: sqlite3.Connection, workspace: str) -> tuple[AllowRule, ...]:
    rows = held.execute("SELECT rule FROM chat_rules WHERE workspace = ? ORDER BY rowid", (workspace,))
    return tuple(_understood(rule for (rule,) in rows.fetchall()))


def _understood(stored: Iterable[str]) -> Iterator[AllowRule]:
    for rule in stored:
        # One of another version is not understood, so it allows nothing.
        with suppress(ValueError, ValidationError):
            yield AllowRule.from_json(json.loads(rule))
