"""What SQLite and the file system say when they fail, as our own errors with what to do next."""

import errno
import sqlite3
from pathlib import Path

from agentick_core.errors import StorageError, StoreDamagedError, StoreFullError, StoreVersionError

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_LITTLE_SPACE = 1_000_000


def stored_error(error: sqlite3.Error | OSError, path: str) -> StorageError:
    """Turn an error of SQLite or of the file system into the one to show."""
    if isinstance(error, OSError):
        if error.errno in _NO_SPACE:
            return _full(path)
        return _unusable(path, error.strerror or str(error))
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGED:
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        return _full(path)
    if code in _NOT_ALLOWED or code == sqlite3.SQLITE_CANTOPEN:
        return _unusable(path, str(error))
    if code in _BUSY:
        return StorageError(
            f"{path} is locked by another program",
            hint="Close what else has the file open, or wait for it; then try again.",
        )
    return StorageError(f"{path}: {error}", hint="Try again; if it stays so, look at the disk it lies on.")


def damaged(path: str, problem: str) -> StoreDamagedError:
    """Make the error for stored data that cannot be read."""
    return StoreDamagedError(
        f"{path} is damaged: {problem}",
        hint=f"Keep a copy. `sqlite3 {path} .recover` may save what is in it; move the file away to begin anew.",
    )


def gone(path: str) -> StorageError:
    """Make the error for a file that is not where it was opened."""
    return StorageError(
        f"{path} was deleted, moved or replaced while it was open",
        hint="Put it back, and what was not written is; or start again, and a new file is made.",
    )


def newer(path: str, what: str, found: int, known: int) -> StoreVersionError:
    """Make the error for data written by a newer version."""
    return StoreVersionError(
        f"{path} was written by a newer agentick: {what} has version {found}, this one knows {known}",
        hint="Update agentick, or use another file. Nothing was changed.",
    )


def _full(path: str) -> StoreFullError:
    return StoreFullError(
        f"There is no space left for {path}",
        hint="Free some space on the disk: what was not written is tried again with the next write.",
    )


def _unusable(path: str, problem: str) -> StorageError:
    return StorageError(
        f"{path} cannot be used: {problem}",
        hint="Look at who may write the file and its folder, or name another file.",
    )


def _is_full(path: str) -> bool:
    """Tell whether an input or output error comes of a full disk: SQLite does not always say so."""
    from shutil import disk_usage

    try:
        return disk_usage(Path(path).absolute().parent).free < _LITTLE_SPACE
    except OSError:
        return False
