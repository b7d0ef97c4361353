"""A connection to SQLite that works on its own thread, one function at a time, and never holds up the exit."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import aiosqlite

T = TypeVar("T")


class Connection(aiosqlite.Connection):
    """An aiosqlite connection whose thread is a daemon and which runs whole functions, not single statements:
    a transaction is one way to the thread and back."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True

    async def open(self) -> None:
        """Connect. Where that fails, the thread is gone when this raises."""
        try:
            await self
        # Whatever went wrong: the thread was told to stop, and answers to the loop until it has.
        except BaseException:
            await asyncio.to_thread(self._thread.join)
            raise

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run the function on the connection's thread. Where the caller is cancelled, the function still comes to
        its end first: a write has happened or has not when this returns."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        put = self._tx.put_nowait  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # half typed there
        put((done, partial(work, self._conn)))
        put((None, _forget))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait((done,))
            raise


def _forget() -> None:
    """Make the thread let go of the last function and its result: it keeps them until it gets another."""
