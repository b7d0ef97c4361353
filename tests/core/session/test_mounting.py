"""The tree of a session that is idle: mounted once, and rendered again when its state changes."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    component,
    use_effect,
    use_on_execution_end,
    use_session_state,
    use_state,
)
from agentick_core.errors import ComponentError, NotFoundError, SessionClosedError
from agentick_core.hooks import use_data
from agentick_core.testing import ScriptedModel, call
from tests.core.session.talk import SOON, idle, mock, talking, told, tool

if TYPE_CHECKING:
    from agentick_core.hooks import SetState


@tool
async def chop() -> str:
    """Chop."""
    return "chopped"


class Workshop:
    """An agent whose tool `chop` is there once the door is open; it notes each render."""

    def __init__(self) -> None:
        self.renders: list[bool] = []
        self.open: SetState[bool] | None = None

        @component
        def Door() -> Nodes:
            is_open, self.open = use_state(False)

            @tool
            async def enter() -> str:
                """Open the door."""
                assert self.open is not None
                self.open(True)
                return "entered"

            self.renders.append(is_open)
            yield enter
            if is_open:
                yield chop
            yield Timeline()

        self.agent = Door


async def test_state_that_changes_while_nothing_runs_renders_the_tree_again_and_asks_no_model() -> None:
    workshop, model = Workshop(), mock()
    async with talking(model, workshop.agent) as session:
        await session.mount()
        with pytest.raises(NotFoundError, match="chop"):
            await session.dispatch("chop")
        await session.dispatch("enter")
        (block,) = await session.dispatch("chop")
        assert block.text == "chopped"
        assert [each.name for each in await session.get_tool_definitions()] == ["chop", "enter"]
        assert (workshop.renders, model.requests) == ([False, True], [])


async def test_state_set_from_outside_renders_by_itself_and_once_for_all_of_one_moment() -> None:
    rendered = asyncio.Event()
    seen: list[int] = []
    setters: list[SetState[int]] = []

    @component
    def Counter() -> Nodes:
        count, set_count = use_state(0)
        setters[:] = [set_count]
        seen.append(count)
        if count == 3:
            rendered.set()
        yield Timeline()

    async with talking(agent=Counter) as session:
        await session.mount()
        for count in (1, 2, 3):
            setters[0](count)
        async with asyncio.timeout(SOON):
            await rendered.wait()
        assert seen == [0, 3]
        assert not session.is_busy


async def test_what_is_set_at_the_end_of_an_execution_is_rendered_when_it_is_over() -> None:
    settled = asyncio.Event()

    @component
    def Settling() -> Nodes:
        said, say = use_session_state("said", 0)
        use_on_execution_end(lambda: say(1))
        use_effect(lambda: settled.set() if said == 1 else None, (said,))
        yield Timeline()

    async with talking(agent=Settling) as session:
        await session.send("hi").result
        await idle(session)
        async with asyncio.timeout(SOON):
            await settled.wait()


async def test_while_an_execution_runs_its_ticks_alone_render() -> None:
    workshop = Workshop()
    model = ScriptedModel(call("enter"), "in")
    async with talking(model, workshop.agent) as session:
        await session.send("go").result
        assert workshop.renders == [False, True]
        assert [[each.name for each in request.tools] for request in model.requests] == [
            ["enter"],
            ["chop", "enter"],
        ]


async def test_a_render_that_fails_while_nothing_runs_is_told_and_not_tried_for_ever() -> None:
    setters: list[SetState[bool]] = []
    renders: list[bool] = []

    @component
    def Fragile() -> Nodes:
        broken, set_broken = use_state(False)
        setters[:] = [set_broken]
        renders.append(broken)
        if broken:
            raise ValueError("broken")
        yield Timeline()

    async with talking(agent=Fragile) as session:
        await session.mount()
        failure = asyncio.ensure_future(told(session, "error"))
        await asyncio.sleep(0)
        setters[0](True)
        assert "Fragile failed: ValueError: broken" in (await failure).message
        for _ in range(5):
            await asyncio.sleep(0)
        assert renders == [False, True]
        with pytest.raises(ComponentError):
            await session.send("hi").result
        setters[0](False)
        assert (await session.send("hi").result).response == "Mock response"


@pytest.mark.parametrize("call_of", ["mount", "get_tool_definitions"])
async def test_a_mount_that_waits_for_data_ends_when_the_session_is_closed(call_of: str) -> None:
    asked, effects = asyncio.Event(), list[str]()
    fetches = 0

    async def fetch() -> str:
        nonlocal fetches
        fetches += 1
        asked.set()
        return await asyncio.Future[str]()

    @component
    def Waiting() -> Nodes:
        use_effect(lambda: effects.append("ran"))
        use_data("news", fetch)
        yield Timeline()

    async with talking(agent=Waiting) as session:
        mounting = asyncio.ensure_future(getattr(session, call_of)())
        await asked.wait()
        async with asyncio.timeout(SOON):
            await session.close()
            with pytest.raises(SessionClosedError, match="Session is closed"):
                await mounting
        assert (effects, fetches) == ([], 1)


async def test_who_stops_waiting_for_a_mount_stops_it() -> None:
    asked, stopped = asyncio.Event(), asyncio.Event()

    async def fetch() -> str:
        asked.set()
        try:
            return await asyncio.Future[str]()
        finally:
            stopped.set()

    @component
    def Waiting() -> Nodes:
        use_data("news", fetch)
        yield Timeline()

    async with talking(agent=Waiting) as session:
        mounting = asyncio.ensure_future(session.mount())
        await asked.wait()
        mounting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await mounting
        assert stopped.is_set() and session.status == "idle"
