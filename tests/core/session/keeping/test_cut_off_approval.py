"""Calls that waited for a person's approval when the program ended."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

from agentick_core import tool
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.stores import loaded
from tests.core.session.talk import SOON, result_texts, seen, talking

ROOT = Path(__file__).parents[4]
ASKING = """
import asyncio, sys
from agentick_core import create_app, tool
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Plain, seen

@tool(requires_confirmation=True)
async def wipe() -> str:
    "Wipe."
    return "wiped"

@tool
async def look() -> str:
    "Look."
    await asyncio.Event().wait()

async def main():
    model = ScriptedModel(reply(calls=[call("wipe"), call("look")]))
    app = create_app(Plain, model=model, tools=[wipe, look], store=sys.argv[1])
    handle = await (await app.session("s")).send("hi")
    await seen(handle, "tool_confirmation_required")

asyncio.run(main())
"""


async def test_a_call_that_only_waited_for_approval_when_the_program_died_is_told_as_not_run(
    store: SessionStore,
) -> None:
    """as after kill -9: what was stored while one call waited and two ran is opened by another program"""
    running, copy = asyncio.Event(), MemoryStore()

    async def work(path: str) -> str:
        ran.append(path)
        if len(ran) == 2:
            running.set()
        await asyncio.Event().wait()
        return path

    ran: list[str] = []
    wipe = tool(name="wipe", description="Wipe.", requires_confirmation=True)(work)
    look = tool(name="look", description="Look.")(work)
    asking = reply(calls=[call("wipe", path="waits"), call("wipe", path="runs"), call("look", path="looks")])
    async with talking(ScriptedModel(asking), store=store, tools=[wipe, look]) as session:
        handle = await session.send("wipe it")
        approved = await seen(handle, "tool_confirmation_required", lambda it: it.input["path"] == "runs")
        await seen(handle, "tool_confirmation_required", lambda it: it.input["path"] == "waits")
        session.submit_tool_result(approved.call_id, approved=True)
        async with asyncio.timeout(SOON):
            await running.wait()
        await session.flush()
        await copy.save(await loaded(store))
        handle.abort()

    async with talking(store=copy, tools=[wipe, look]) as session:
        assert [text.split(";")[-1] for text in result_texts(session)] == [
            " it was not run.",
            " its outcome is unknown.",
            " its outcome is unknown.",
        ]
        assert (await session.send("and now?").result).response == "Mock response"
        assert sorted(ran) == ["looks", "runs"]


async def test_a_call_that_is_asked_about_again_after_it_ran_is_never_told_as_not_run() -> None:
    """as after kill -9, while middleware that tries a call twice waits for the second approval"""
    store, copy, ran = MemoryStore(), MemoryStore(), list[int]()

    @tool(requires_confirmation=True)
    async def wipe() -> str:
        """Wipe."""
        ran.append(1)
        raise OSError("busy")

    async def twice(call: Any, next: Any) -> Any:
        try:
            return await next(call)
        except OSError:
            return await next(call)

    middleware: dict[str, Any] = {"middleware": [twice]}
    async with talking(ScriptedModel(call("wipe")), store=store, tools=[wipe], **middleware) as session:
        handle = await session.send("wipe it")
        first = await seen(handle, "tool_confirmation_required")
        session.submit_tool_result(first.call_id, approved=True)
        await seen(handle, "tool_confirmation_required", lambda it: it.sequence > first.sequence)
        await session.flush()
        await copy.save(await loaded(store))
        handle.abort()

    async with talking(store=copy) as session:
        assert (ran, [text.split("; ")[-1] for text in result_texts(session)]) == (
            [1],
            ["its outcome is unknown."],
        )


async def test_the_end_of_the_event_loop_tells_what_only_waited_for_approval_from_what_ran(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sessions.db"
    command = [sys.executable, "-W", "ignore::ResourceWarning", "-c", ASKING, str(path)]
    await asyncio.to_thread(subprocess.run, command, cwd=ROOT, timeout=30, check=True)
    async with talking(store=path) as session:
        assert result_texts(session) == [
            "The call was cancelled before it ran.",
            "The call was cut off; its outcome is unknown.",
        ]
