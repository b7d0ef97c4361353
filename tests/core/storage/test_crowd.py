"""Several processes that write one store file at once."""

import asyncio
import sys
from pathlib import Path

import pytest

from agentick_core.storage.sqlite import SqliteStore
from tests.core.storage.crowd_program import SENDS, SESSIONS

PROCESSES = ("a", "b", "c", "d")


async def run(path: Path, name: str) -> tuple[int | None, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.storage.crowd_program", str(path), name,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode, out, err


@pytest.mark.blocking
async def test_four_processes_on_one_file_lose_nothing_double_nothing_and_show_no_error(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.db"
    async with asyncio.timeout(50):
        assert await asyncio.gather(*(run(path, name) for name in PROCESSES)) == [(0, b"", b"")] * 4
    store = SqliteStore(path)
    assert await store.count() == len(PROCESSES) * SESSIONS
    for summary in await store.list():
        snapshot = await store.load(summary.session_id)
        assert snapshot is not None
        said = [entry.message.text for entry in snapshot.timeline if entry.message.role == "user"]
        assert said == [f"{summary.session_id} {number}" for number in range(SENDS)]
        assert len({entry.id for entry in snapshot.timeline}) == len(snapshot.timeline)
        assert (snapshot.queued, snapshot.open_execution) == ((), None)
        assert snapshot.timeline[-1].message.text == "yes"
    await store.aclose()
