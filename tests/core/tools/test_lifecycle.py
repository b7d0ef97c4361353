"""The callbacks that a tool brings with it: when each is called, wherever the tool is."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, component, use_session_state
from agentick_core.testing import FunctionModel, ScriptedModel, call
from agentick_core.tools.tool import Tool, tool
from tests.core.session.talk import Plain, seen, talking

NAMES = (
    "on_mount", "on_unmount", "on_start", "on_tick_start", "on_tick_end", "on_complete", "on_error", "on_after_compile",
)  # fmt: skip
TICK = ["on_tick_start", "on_after_compile", "on_tick_end"]


def noting(log: list[str], **options: Any) -> Tool[..., Any]:
    def note(name: str) -> Callable[[Any], None]:
        def called(event: Any) -> None:
            assert event.ctx.session_id == "s"
            log.append(name)

        return called

    callbacks: dict[str, Any] = {name: note(name) for name in NAMES}

    @tool(**callbacks, **options)
    async def watch() -> str:
        """Watch."""
        return "seen"

    return watch


def placing(watch: Tool[..., Any]) -> Any:
    @component
    def Placing() -> Nodes:
        yield watch
        yield Timeline()

    return Placing


@pytest.mark.parametrize("where", ["tree", "app"])
async def test_each_callback_is_called_at_its_turn(where: str) -> None:
    log: list[str] = []
    watch = noting(log)
    agent, tools = (placing(watch), []) if where == "tree" else (Plain, [watch])
    async with talking(ScriptedModel(call("watch"), "done", "again"), agent, tools=tools) as session:
        await session.send("go").result
        assert log == ["on_mount", "on_start", *TICK, *TICK, "on_complete"]
        log.clear()
        await session.send("and again").result
        assert log == ["on_start", *TICK, "on_complete"]
        log.clear()
    assert log == ["on_unmount"]


async def test_a_failed_execution_is_an_error_and_not_complete() -> None:
    def fail(_: object) -> str:
        raise RuntimeError("out of order")

    log: list[str] = []
    async with talking(FunctionModel(fail), placing(noting(log))) as session:
        with pytest.raises(RuntimeError, match="out of order"):
            await session.send("go").result
        assert [name for name in log if name in ("on_complete", "on_error")] == ["on_error"]


async def test_a_stopped_execution_is_neither_an_error_nor_complete() -> None:
    log: list[str] = []

    @tool
    async def hang() -> None:
        """Hang."""
        await asyncio.Event().wait()

    async with talking(ScriptedModel(call("hang")), placing(noting(log)), tools=[hang]) as session:
        handle = await session.send("go")
        await seen(handle, "tool_result_start")
        handle.abort()
        await seen(handle, "execution_end")
        assert "on_start" in log
        assert not {"on_complete", "on_error"} & {*log}


async def test_callbacks_stand_beside_what_use_gives() -> None:
    log: list[str] = []

    def use() -> Mapping[str, Any]:
        count, _ = use_session_state("count", 5)
        return {"count": count}

    @tool(use=use, on_mount=lambda: log.append("mounted"))
    async def tell(count: int) -> str:
        """Tell."""
        return str(count)

    async with talking(ScriptedModel(call("tell"), "done"), placing(tell)) as session:
        await session.send("go").result
        assert "5" in repr(session.timeline[2].message.content)
        assert log == ["mounted"]


async def test_a_callback_may_wait_and_may_decide_about_the_next_tick() -> None:
    waited: list[str] = []

    async def wait() -> None:
        await asyncio.sleep(0)
        waited.append("mounted")

    async def completed() -> None:
        await asyncio.sleep(0)
        waited.append("complete")

    stopping = noting([]).replace(
        on_mount=wait, on_tick_end=lambda: {"stop": True, "reason": "enough"}, on_complete=completed
    )
    async with talking(ScriptedModel(call("watch")), placing(stopping)) as session:
        assert (await session.send("go").result).stop_reason == "enough"
        assert waited == ["mounted", "complete"]


async def test_beat_51_a_callback_that_raises_is_told_and_harms_nothing() -> None:
    def fail() -> None:
        raise RuntimeError("never mind")

    told: list[Any] = []
    failing = noting([]).replace(on_mount=fail, on_complete=fail, on_after_compile=fail)
    async with talking(ScriptedModel("done"), placing(failing)) as session:
        session.on("event", told.append)
        assert (await session.send("go").result).response == "done"
    errors = [event.message for event in told if event.type == "error"]
    assert len([message for message in errors if "never mind" in message]) == 3
