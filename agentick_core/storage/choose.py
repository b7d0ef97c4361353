"""Which store an app was given: from what `create_app(store=...)` takes."""

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeAlias

from agentick_core.errors import ValidationError
from agentick_core.storage.store import SessionStore
from agentick_core.wire.values import is_object

StoreLike: TypeAlias = str | PathLike[str] | Mapping[str, Any] | SessionStore | None


def store_from(value: StoreLike) -> SessionStore | None:
    """Give the store: a path is a SQLite file, a mapping says {"type": "sqlite", "path": ..., "table": ...}.

    Raises:
        ValidationError: it is none of these.
    """
    if value is None or isinstance(value, SessionStore):
        return value
    if isinstance(value, str | PathLike):
        return _sqlite(value)
    options: Mapping[str, Any] = value if is_object(value) else {}
    path, table = options.get("path"), options.get("table", "sessions")
    if options.get("type") != "sqlite" or not isinstance(path, str | Path) or not isinstance(table, str):
        raise _invalid(value)
    if unknown := options.keys() - {"type", "path", "table"}:
        raise _invalid(value, f"there is no option {sorted(unknown)[0]!r}")
    return _sqlite(path, table=table)


def _sqlite(path: str | PathLike[str], table: str = "sessions") -> SessionStore:
    from agentick_core.storage.sqlite import SqliteStore

    if not fspath(path):
        raise _invalid(path, "the path is empty")
    return SqliteStore(fspath(path), table=table)


def _invalid(value: object, why: str = "it is none of these") -> ValidationError:
    return ValidationError(
        f"Invalid session store configuration {value!r}: {why}",
        hint='Give a path, {"type": "sqlite", "path": ..., "table": ...}, or an object that can load, save and delete.',
    )
