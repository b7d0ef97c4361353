"""What a session costs to keep: 10,000 entries restored, the memory they take, and the commit of one more."""

import asyncio
import gc
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from agentick_core import Timeline, component, create_app
from agentick_core.storage.journal import EntriesCommitted
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import FunctionModel
from agentick_core.tree.node import Nodes
from tests.bench.figure import Figure, middle
from tests.bench.history import SESSION, make_history, store_history
from tests.bench.process import resident_mb

ENTRIES = 10_000
RUNS = 5
COMMITS = 200
RESTORE_BUDGET = 150.0
MEMORY_BUDGET = 40.0
COMMIT_BUDGET = 1.0


@component
def Agent() -> Nodes:
    """An agent that shows its history."""
    yield Timeline()


def measure() -> Iterator[Figure]:
    """Measure all three, the memory in a process of its own."""
    with TemporaryDirectory() as folder:
        database = Path(folder, "bench.db")
        store_history(database, ENTRIES)
        seconds = [asyncio.run(_restore(database)) for _ in range(RUNS)]
        with get_context("spawn").Pool(1) as pool:
            memory = pool.apply(_memory, (database,))
        commit = asyncio.run(_commit(database))
    yield Figure(
        what=f"restore of {ENTRIES:,} entries", value=middle(seconds) * 1000, unit="ms", budget=RESTORE_BUDGET
    )
    yield Figure(what=f"memory of {ENTRIES:,} entries", value=memory, unit="MB", budget=MEMORY_BUDGET)
    yield Figure(what="CPU of the commit of an entry", value=commit * 1000, unit="ms", budget=COMMIT_BUDGET)


async def _restore(database: Path) -> float:
    async with create_app(Agent, model=FunctionModel(lambda _: "Yes."), store=database) as app:
        began = time.perf_counter()
        session = await app.session(SESSION)
        seconds = time.perf_counter() - began
        assert len(session.timeline) == ENTRIES
        return seconds


def _memory(database: Path) -> float:
    """Give what a process has more in RAM with the session open than with an empty one."""
    return asyncio.run(_memory_of_session(database))


async def _memory_of_session(database: Path) -> float:
    process = Path("/proc/self").resolve().name
    async with create_app(Agent, model=FunctionModel(lambda _: "Yes."), store=database) as app:
        await app.session("empty")
        gc.collect()
        before = resident_mb(int(process))
        session = await app.session(SESSION)
        gc.collect()
        assert len(session.timeline) == ENTRIES
        return resident_mb(int(process)) - before


async def _commit(database: Path) -> float:
    """Give the CPU that an entry takes which is added to the long session, on both threads."""
    store = SqliteStore(database)
    await store.acquire(SESSION)
    await store.load(SESSION)
    entries = make_history(COMMITS)
    began = time.process_time()
    for entry in entries:
        await store.append(SESSION, [EntriesCommitted((entry,))])
    cost = (time.process_time() - began) / COMMITS
    await store.aclose()
    return cost
