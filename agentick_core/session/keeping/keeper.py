"""The session's writes to its store: in order, batched, and never a reason for an execution to fail."""

import asyncio
from collections.abc import Callable

from agentick_core.errors import AgentickError, StorageError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.session import patience
from agentick_core.storage.journal import JournalRecord, replay
from agentick_core.storage.store import JournalStore, SessionStore


class Keeper:
    """Writes what happened to the store, one batch after the other.

    What a record tells is in memory before it is noted, so that a snapshot holds everything noted so far. A write
    that fails, or is cut off, is therefore made good by writing a whole snapshot next time; `flush` raises what
    stands in the way. One task writes, and whoever waits for it may be cancelled without harm.

    Where somebody has a say in what is stored, it is `guarded`: it knows what was approved last and what was noted
    since, so that a whole snapshot never holds what was refused.
    """

    def __init__(
        self,
        store: SessionStore | None,
        session_id: str,
        snapshot: Callable[[], SessionSnapshot],
        report: Callable[[Exception], None],
    ) -> None:
        self._store = store
        self._apart: SessionStore | None = None
        self._session_id = session_id
        self._snapshot = snapshot
        self._report = report
        self._waiting: list[JournalRecord] = []
        self._opening: tuple[JournalRecord, ...] = ()
        self._whole = self._unsaved = False
        self._writer: asyncio.Task[None] | None = None
        self._writes, self._writing = 0, False
        self._approved: SessionSnapshot | None = None
        self._since: list[JournalRecord] | None = None
        self._refused = False
        self.error: Exception | None = None

    @property
    def stores(self) -> bool:
        """Whether anything is stored at all."""
        return self._store is not None

    @property
    def apart(self) -> bool:
        """Whether there is a store, and the session is kept apart from it."""
        return self._apart is not None

    def begin(self, record: JournalRecord) -> None:
        """Write this before the first note: a session in which nothing happens leaves nothing behind."""
        self._opening = (record,)

    def guard(self, stored: SessionSnapshot | None) -> None:
        """Know what is approved: at first what is stored already."""
        self._approved, self._since = stored, []

    def unguard(self) -> None:
        """Store whatever there is again."""
        self._approved = self._since = None

    def detach(self) -> None:
        """Store nothing until `attach`."""
        self._store, self._apart = None, self._store

    def attach(self) -> None:
        """Store from now on, beginning with the next whole snapshot."""
        if self._store is None:
            self._store, self._apart = self._apart, None

    def renew(self) -> None:
        """Store a whole snapshot the next time that anything is stored."""
        self._whole = True

    def note(self, *records: JournalRecord) -> None:
        """Store the records soon, after everything noted before."""
        self.put_off(*records)
        self._start()

    def put_off(self, *records: JournalRecord) -> None:
        """Store the records with what is stored next, after everything noted before; alone only for who waits."""
        if self._store is None:
            return
        fresh = [*self._opening, *records]
        self._opening = ()
        if self._since is not None:
            self._since += fresh
        # After a refusal nothing is stored until there is an approval: it would not fit to what is stored.
        if not self._refused:
            self._waiting += fresh
            self._unsaved = True

    async def save(self) -> None:
        """Store a whole snapshot, in place of everything noted before."""
        self._whole = True
        await self.drain()

    def proposed(self) -> "Proposal":
        """Give the session as it is now, to have it approved or refused; what is noted meanwhile is kept."""
        return Proposal(self._snapshot(), len(self._since or ()))

    async def approve(self, proposal: "Proposal", snapshot: SessionSnapshot) -> None:
        """Store this for what was proposed, in place of everything noted before the proposal."""
        self._approved, self._refused = snapshot, False
        self._since = (self._since or [])[proposal.noted :]
        await self.save()

    async def refuse(self) -> None:
        """Put back what was approved last, and store nothing until there is an approval."""
        written, self._refused = not self._refused and bool(self._since), True
        self._since, self._waiting = [], []
        if written:
            await self.save()

    async def close(self) -> None:
        """Store what is left: as a whole snapshot, if anything was noted since the last, which it would be read on
        top of each time that the session is opened."""
        self._whole = self._whole or self._unsaved
        await self.drain()

    def failed(self, error: Exception) -> None:
        """Report an error that keeps something from being stored, the first of several only."""
        first = self.error is None
        self.error = error
        if first:
            self._report(error)

    async def flush(self) -> None:
        """Wait until everything is stored; raise what stands in the way, as an error of the engine's."""
        await self.drain()
        if self.error is None:
            return
        if isinstance(self.error, AgentickError):
            raise self.error
        raise StorageError(
            f"The session could not be stored: {self.error}", hint="It is tried again with the next write."
        ) from self.error

    async def drain(self) -> None:
        """Wait until everything noted so far was written, or could not be; not for what is noted meanwhile."""
        # What is being written, and what waits for the write after it.
        last = self._writes + self._writing + self._is_due
        while self._writes < last:
            self._start()
            if self._writer is None or self._writer.done():
                return
            await asyncio.wait({self._writer})

    @property
    def _is_due(self) -> bool:
        return self._whole or bool(self._waiting)

    def _start(self) -> None:
        if self._store is not None and self._is_due and (self._writer is None or self._writer.done()):
            self._writer = asyncio.create_task(self._write(self._store))

    async def _write(self, store: SessionStore) -> None:
        """Write what is due now; what is noted meanwhile goes with the next write, which begins when this has ended
        well."""
        if not self._is_due:
            return
        batch, self._waiting = self._waiting, []
        whole, self._whole = self._whole, False
        self._writing = True
        try:
            async with asyncio.timeout(patience.PATIENCE):
                if whole or not isinstance(store, JournalStore):
                    await self._write_whole(store)
                else:
                    await store.append(self._session_id, batch)
        # A store is somebody else's code and the disk may fail: the conversation must go on.
        except (Exception, asyncio.CancelledError) as error:
            # Nobody knows whether the batch was written.
            self._whole = True
            if _is_ours(error):
                raise
            self._writes += 1
            self.failed(error if isinstance(error, Exception) and str(error) else _unanswered(error))
        else:
            self._writes += 1
            self.error = None
            asyncio.get_running_loop().call_soon(self._start)
        finally:
            self._writing = False

    async def _write_whole(self, store: SessionStore) -> None:
        self._unsaved = False
        if self._since is None:
            await store.save(self._snapshot())
            return
        since = () if self._refused else tuple(self._since)
        if self._approved is None and not since:
            await store.delete(self._session_id)
            return
        await store.save(replay(self._approved or SessionSnapshot(session_id=self._session_id), since))


def _is_ours(error: BaseException) -> bool:
    """Tell a cancellation of this task, since the event loop is closing, from one that the store raises itself."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _unanswered(error: BaseException) -> StorageError:
    waited = (
        f"has not answered for {patience.PATIENCE:g} seconds"
        if isinstance(error, TimeoutError)
        else "gave up"
    )
    return StorageError(
        f"The store {waited}", hint="What was not written is tried again with the next write."
    )


class Proposal:
    """A snapshot that is to be approved, and how much had been noted when it was taken."""

    __slots__ = ("noted", "snapshot")

    def __init__(self, snapshot: SessionSnapshot, noted: int) -> None:
        self.snapshot = snapshot
        self.noted = noted
