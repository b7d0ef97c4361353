"""What becomes of a message whose execution somebody stops."""

import asyncio
from typing import Any

import pytest

from agentick_core import AbortError, CancelToken, ToolContext, tool
from agentick_core.inbox import MemoryInbox
from agentick_core.testing import FunctionModel, ScriptedModel
from tests.core.inbox.test_sessions import empty, tries, until
from tests.core.session.saying import events_of
from tests.core.session.talk import Plain, held, mock, seen, stopped, talking, texts


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  # a fixture
    monkeypatch.setattr("agentick_core.session.inbox.FIRST_DELAY", 0.001)


async def interrupted(session: Any, inbox: MemoryInbox, text: str) -> None:
    """Write a message, and stop the execution that answers it."""
    await inbox.write("s", {"payload": text, "id": text})
    await until(lambda: session.execution is not None)
    handle = session.execution
    await seen(handle, "content_delta")
    session.interrupt(reason="Esc")
    await stopped(handle)
    await until(lambda: session.execution is None and not session.is_taking_inbox)


async def test_what_a_person_stops_has_not_failed_and_is_not_begun_again_by_itself() -> None:
    inbox = MemoryInbox()
    async with talking(ScriptedModel(held("par"), "whole"), inbox=inbox) as session:
        errors = events_of(session, "error")
        await interrupted(session, inbox, "work")
        await asyncio.sleep(0.01)
        assert texts(session.timeline) == ["work", "par"]
        assert (len(await inbox.pending("s")), await tries(inbox), errors) == (1, False, [])
        await session.drain_inbox()
        assert texts(session.timeline) == ["work", "par", "whole"]
        assert await empty(inbox)


async def test_what_a_person_stops_is_never_given_up() -> None:
    inbox = MemoryInbox()
    model = ScriptedModel(*(held("par") for _ in range(7)), "whole")
    async with talking(model, inbox=inbox) as session:
        await interrupted(session, inbox, "work")
        for _ in range(6):
            draining = asyncio.ensure_future(session.drain_inbox())
            await until(lambda: session.execution is not None)
            handle = session.execution
            await seen(handle, "content_delta")
            session.interrupt()
            await stopped(handle)
            await draining
        assert await inbox.dead_letters() == []
        await session.drain_inbox()
        assert await empty(inbox)


async def test_what_comes_after_a_message_that_was_stopped_is_answered_and_then_both_are_done() -> None:
    inbox = MemoryInbox()
    async with talking(ScriptedModel(held("par"), "answer"), inbox=inbox) as session:
        await interrupted(session, inbox, "work")
        await inbox.write("s", {"payload": "next"})
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["work", "par", "next", "answer"]


async def test_where_a_person_stops_a_message_and_says_something_else_the_answer_to_that_is_for_both() -> (
    None
):
    inbox = MemoryInbox()
    async with talking(ScriptedModel(held("par"), "well then"), inbox=inbox) as session:
        await interrupted(session, inbox, "work")
        await session.send("never mind").result
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["work", "par", "never mind", "well then"]


async def test_a_message_whose_time_was_up_has_failed_and_is_tried_again() -> None:
    inbox, asked = MemoryInbox(), list[str]()

    async def slow_at_first(call: Any, following: Any) -> Any:
        if call.name == "session:send":
            asked.append(call.name)
            if len(asked) == 1:
                raise AbortError("Operation timed out", code="ABORT_TIMEOUT")
        return await following(call)

    async with talking(inbox=inbox, middleware=[slow_at_first]) as session:
        await inbox.write("s", {"payload": "work"})
        await until(lambda: empty(inbox))
        assert len(asked) == 2
        assert texts(session.timeline) == ["work", "Mock response"]


async def test_a_message_whose_model_says_by_itself_that_it_was_stopped_has_failed_and_is_tried_again() -> (
    None
):
    inbox, asked = MemoryInbox(), list[int]()

    def gone_at_first(_: Any) -> str:
        asked.append(1)
        if len(asked) == 1:
            raise AbortError("The connection was aborted")
        return "answer"

    async with talking(FunctionModel(gone_at_first), inbox=inbox) as session:
        errors = events_of(session, "error")
        await inbox.write("s", {"payload": "work"})
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["work", "answer"]
        assert [error.source for error in errors] == ["inbox"]


@tool(audience="user")
async def upstream() -> str:
    """Say by itself that it was stopped."""
    raise AbortError("The connection was aborted")


@tool(audience="user")
async def parent(ctx: ToolContext) -> str:
    """Stop a child of its own."""
    handle = await ctx.spawn(Plain, "work", model=mock())
    handle.abort("The connection was aborted")
    return (await handle.result).response


@pytest.mark.parametrize("name", ["upstream", "parent"])
async def test_a_dispatch_whose_work_was_stopped_has_failed_and_is_given_up_in_the_end(name: str) -> None:
    inbox = MemoryInbox()
    async with talking(inbox=inbox, tools=[upstream, parent]) as session:
        errors = events_of(session, "error")
        await inbox.write("s", {"type": "dispatch", "payload": {"tool": name}})
        await until(lambda: inbox.dead_letters())
        (dead,) = await inbox.dead_letters()
        assert (dead.tries, dead.error) == (5, "The connection was aborted")
        assert [error.source for error in errors] == ["inbox"] * 5


async def test_a_message_for_an_app_that_was_stopped_waits_and_has_not_failed() -> None:
    inbox, signal = MemoryInbox(), CancelToken()
    signal.cancel("enough")
    async with talking(inbox=inbox, signal=signal) as session:
        errors = events_of(session, "error")
        await inbox.write("s", {"payload": "work"})
        await session.drain_inbox()
        assert (len(await inbox.pending("s")), await tries(inbox), errors) == (1, False, [])
