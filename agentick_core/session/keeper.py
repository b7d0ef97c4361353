"""The session's writes to its store: in order, batched, and never a reason for an execution to fail."""

import asyncio
from collections.abc import Callable

from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.journal import JournalRecord
from agentick_core.storage.store import JournalStore, SessionStore


class Keeper:
    """Writes what happened to the store, one batch after the other.

    What a record tells is in memory before it is noted, so that a snapshot holds everything noted so far. A write
    that fails, or is cut off, is therefore made good by writing a whole snapshot next time; `flush` raises what
    stands in the way. One task writes, and whoever waits for it may be cancelled without harm.
    """

    def __init__(
        self,
        store: SessionStore | None,
        session_id: str,
        snapshot: Callable[[], SessionSnapshot],
        report: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._session_id = session_id
        self._snapshot = snapshot
        self._report = report
        self._waiting: list[JournalRecord] = []
        self._opening: tuple[JournalRecord, ...] = ()
        self._whole = False
        self._writer: asyncio.Task[None] | None = None
        self.error: Exception | None = None

    @property
    def stores(self) -> bool:
        """Whether anything is stored at all."""
        return self._store is not None

    def begin(self, record: JournalRecord) -> None:
        """Write this before the first note: a session in which nothing happens leaves nothing behind."""
        self._opening = (record,)

    def note(self, *records: JournalRecord) -> None:
        """Store the records soon, after everything noted before."""
        if self._store is None:
            return
        self._waiting += [*self._opening, *records]
        self._opening = ()
        self._start()

    async def write(self, *records: JournalRecord) -> None:
        """Store the records now; they are durable when this returns, unless `error` says otherwise."""
        self.note(*records)
        await self.drain()

    async def save(self) -> None:
        """Store a whole snapshot, in place of everything noted before."""
        self._whole = True
        await self.drain()

    async def flush(self) -> None:
        """Wait until everything is stored; raise what stands in the way."""
        await self.drain()
        if self.error is not None:
            raise self.error

    async def drain(self) -> None:
        """Wait until everything noted so far was written, or could not be."""
        self._start()
        if self._writer is not None:
            await asyncio.wait({self._writer})

    def _start(self) -> None:
        due = self._whole or self._waiting
        if self._store is not None and due and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write_all(self._store))

    async def _write_all(self, store: SessionStore) -> None:
        while self._whole or self._waiting:
            batch, self._waiting = self._waiting, []
            whole, self._whole = self._whole, False
            try:
                if whole or not isinstance(store, JournalStore):
                    await store.save(self._snapshot())
                else:
                    await store.append(self._session_id, batch)
            # A store is somebody else's code and the disk may fail: the conversation must go on.
            except Exception as error:
                self._failed(error)
                return
            except asyncio.CancelledError:
                # The event loop is closing, and nobody knows whether the batch was written.
                self._whole = True
                raise
            self.error = None

    def _failed(self, error: Exception) -> None:
        first = self.error is None
        self.error, self._whole = error, True
        if first:
            self._report(error)
