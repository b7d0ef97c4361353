"""`kill -9` in the middle of an execution, at fifty points spread over it, and what comes back each time."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agentick_core import Session, create_app, tool
from agentick_core.messages.blocks import ToolResultBlock
from agentick_core.session.keeping.recover import UNKNOWN
from agentick_core.testing import ScriptedModel
from tests.core.storage.killed_program import Agent

POINTS = 50
SECONDS = 50


class Program:
    """The program that forks the processes to be killed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    async def live(self, point: int, name: str) -> int:
        """Let a process live up to a point; give what the program says of it."""
        self._in.write(f"{point} {name}\n".encode())
        return int(await self._out.readline())


@asynccontextmanager
async def program(folder: Path, module: str = "tests.core.storage.killed_program") -> AsyncGenerator[Program]:
    """Run the program."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, str(folder),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Program(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def results(session: Session[None]) -> dict[str, list[ToolResultBlock]]:
    """Give what came of each call in the history, by the tool."""
    blocks = [block for entry in session.timeline for block in entry.message.content]
    called = {use.tool_use_id: use.name for entry in session.timeline for use in entry.message.tool_uses}
    answers: dict[str, list[ToolResultBlock]] = {name: [] for name in called.values()}
    for block in blocks:
        if isinstance(block, ToolResultBlock):
            answers[called[block.tool_use_id]].append(block)
    return answers


async def check(path: Path) -> set[str]:
    """Open what the killed process left, and go on; give what was seen."""
    promised = [line.split() for line in path.with_suffix(".log").read_text().splitlines()]
    ran: list[str] = []

    @tool
    async def look(name: str) -> str:
        """Look at something."""
        ran.append(name)
        return name

    @tool
    async def wipe(name: str) -> str:
        """Wipe something away."""
        ran.append(name)
        return name

    model = ScriptedModel.repeat("back")
    async with create_app(Agent, model=model, tools=[look, wipe], store=path) as app:
        session = await app.session("s")
        assert (session.status, model.requests, session.snapshot().open_execution) == ("idle", [], None)
        ids = [entry.id for entry in session.timeline]
        assert len(set(ids)) == len(ids)
        committed = [name for what, name in promised if what == "committed"]
        assert ids[: len(committed)] == committed
        messages = [entry.message.id for entry in session.timeline] + [
            it.id for it in session.queued_messages
        ]
        for what, name in promised:
            assert what != "accepted" or messages.count(name) == 1
        assert len(set(messages)) == len(messages)
        answers = results(session)
        assert all(len(each) == 1 for each in answers.values())
        assert answers.keys() >= {name for what, name in promised if what == "ran"}
        assert (await session.send("and now?").result).response == "back"
        assert session.queued_messages == ()
        assert ran == []
    unknown = {name for name, (block,) in answers.items() if getattr(block.content[0], "text", "") == UNKNOWN}
    seen = {f"unknown {name}" for name in unknown}
    seen |= {"cut" for entry in session.timeline if "interrupted" in entry.tags}
    return seen


@pytest.mark.blocking
async def test_a_process_killed_anywhere_in_an_execution_leaves_every_promise_kept(tmp_path: Path) -> None:
    async with asyncio.timeout(SECONDS), program(tmp_path) as killing:
        total = await killing.live(0, "whole")
        assert total > POINTS
        seen: set[str] = set()
        for number in range(POINTS):
            name = f"killed{number}"
            assert await killing.live(1 + number * (total - 3) // (POINTS - 1), name) == -9
            seen |= await check(tmp_path / f"{name}.db")
    assert seen >= {"unknown look", "unknown wipe"}
