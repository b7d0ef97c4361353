"""What is used before it was awaited, or in place of what it gives, says so in the user's own words."""

import asyncio
from typing import Any

import pytest

from agentick_core import create_app
from agentick_core.errors import StateError
from agentick_core.procedures import Invocation, Next
from tests.core.session.talk import Plain, mock, talking


@pytest.mark.parametrize("name", ["send", "timeline", "inspect", "close_it"])
@pytest.mark.filterwarnings("ignore:coroutine 'App.session' was never awaited:RuntimeWarning")
async def test_a_session_that_was_not_awaited_says_that_it_has_to_be(name: str) -> None:
    async with create_app(Plain, model=mock()) as app:
        forgotten: Any = app.session("s")
        with pytest.raises(
            AttributeError, match=rf"has to be awaited first: \(await app\.session.*\.{name}$"
        ):
            getattr(forgotten, name)("hi")


async def test_a_session_can_be_opened_in_a_task_and_among_others() -> None:
    async with create_app(Plain, model=mock()) as app:
        first = asyncio.create_task(app.session("a"))
        second, third = await asyncio.gather(app.session("b"), asyncio.wait_for(app.session("c"), 5))
        assert [(await first).id, second.id, third.id] == ["a", "b", "c"]


async def test_opening_a_session_can_be_cancelled() -> None:
    async with create_app(Plain, model=mock()) as app:
        opening = asyncio.create_task(app.session("a"))
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait({opening})
        assert (await app.session("a")).id == "a"


async def test_calls_and_handles_say_where_a_result_is() -> None:
    async with talking() as session:
        call: Any = session.send("hi")
        with pytest.raises(AttributeError, match=r"\(await call\.result\) its result"):
            _ = call.response
        with pytest.raises(AttributeError, match=r"\(await call\)\.response"):
            _ = call.result.response
        handle: Any = await call
        with pytest.raises(AttributeError, match=r"\(await handle\.result\)\.response"):
            _ = handle.response
        assert (await handle.result).response == "Mock response"


async def test_middleware_that_forgets_to_give_the_handle_is_told_so() -> None:
    async def forgetful(call: Invocation, next: Next) -> Any:
        await next(call)

    async with create_app(Plain, model=mock()) as app:
        app.use("session:send", forgetful)
        session = await app.session("s")
        with pytest.raises(StateError, match="A middleware gave NoneType in place of the handle"):
            await session.send("hi")
        with pytest.raises(StateError, match="in place of the handle"):
            await session.send("hi").result
