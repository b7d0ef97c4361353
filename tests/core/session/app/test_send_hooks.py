"""The host's say in each send: what it makes of the input, and the result it is told."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agentick_core import Session, create_app
from agentick_core.errors import SessionClosedError, StateError, ValidationError
from agentick_core.messages.message import UserMessage
from agentick_core.messages.result import SendResult
from agentick_core.session.execution.calls import ExecutionCall
from agentick_core.session.execution.input import SendInput
from agentick_core.testing import ScriptedModel, reply
from tests.core.session.saying import Heard, always, events_of
from tests.core.session.talk import SOON, Plain, idle, mock, seen, talking, texts


def shout(session: Session[Any], input: SendInput) -> SendInput:
    """Give the input in capitals."""
    return replace(input, messages=tuple(UserMessage(each.text.upper()) for each in input.messages))


FORMS: Sequence[Callable[[Session[Any]], ExecutionCall[Any]]] = (
    lambda session: session.send("hi"),
    lambda session: session.send(UserMessage("hi")),
    lambda session: session.send({"role": "user", "content": "hi"}),
    lambda session: session.send(messages=["hi"]),
    lambda session: session.send({"messages": ["hi"]}),
    lambda session: session.send.with_context(user="ann")("hi"),
    lambda session: session.send.with_timeout(SOON)("hi"),
)


@pytest.mark.parametrize("form", FORMS)
async def test_beat_22_the_host_is_asked_and_told_of_a_send_in_any_form(form: Any) -> None:
    told = Heard()
    model = mock()
    async with talking(model, on_before_send=shout, on_after_send=told) as session:
        result = await form(session).result
        assert texts(model.requests[0]) == ["HI"]
        assert told.calls == [(session, result)]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_hook_before_a_send_that_cancels_itself_fails_the_send_and_never_the_caller(
    asynchronous: bool,
) -> None:
    def cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    async def cancelled_later(*_: object) -> None:
        raise asyncio.CancelledError

    hook = cancelled_later if asynchronous else cancelled
    async with talking(on_before_send=hook) as session:
        for _ in range(2):
            with pytest.raises(StateError, match="on_before_send cancelled itself"):
                await session.send("hi")
        assert session.timeline == ()


async def test_beat_22_a_run_without_a_session_is_a_send_too_and_what_is_no_send_is_not() -> None:
    told: list[str] = []
    model = mock()
    async with create_app(
        Plain, model=model, on_before_send=shout, on_after_send=lambda _, result: told.append(result.response)
    ) as app:
        await app.run("hi").result
        assert (texts(model.requests[0]), told) == (["HI"], ["Mock response"])
        session = await app.session("s")
        await session.queue("hello")
        await session.render({}).result
        await session.spawn(Plain, "hello").result
        assert (texts(model.requests[1]), len(told)) == (["hello"], 1)


async def test_each_send_that_shares_an_execution_is_told_its_result() -> None:
    told = Heard()
    async with talking(on_after_send=told) as session:
        calls = [session.send(text) for text in ("one", "two", "three")]
        for each in calls:
            await each.result
        assert [result.response for _, result in told.calls] == ["Mock response"] * 3
        await session.send().result
        assert len(told.calls) == 3


async def test_a_send_without_a_result_is_told_to_nobody() -> None:
    told = Heard()
    hold = asyncio.Event()
    model = ScriptedModel(reply("half", hold=hold), "whole")
    async with talking(model, on_after_send=told) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        waiting = await session.send("next", max_ticks=1)
        waiting.abort()
        handle.abort()
        await idle(session)
        assert told.calls == []
        hold.set()
        await session.send("again").result
        assert len(told.calls) == 1


async def test_the_host_is_told_before_the_caller_is_and_the_caller_waits_for_it() -> None:
    order: list[str] = []

    async def after(session: Session[Any], result: SendResult[Any]) -> None:
        await asyncio.sleep(0)
        order.append("host")

    async with talking(on_after_send=after) as session:
        await session.send("hi").result
        order.append("caller")
        assert order == ["host", "caller"]


async def test_what_a_host_raises_refuses_a_send_and_never_takes_a_result_back() -> None:
    refuses = True

    def before(session: Session[Any], input: SendInput) -> None:
        if refuses:
            raise PermissionError("not you")

    def after(session: Session[Any], result: SendResult[Any]) -> None:
        raise RuntimeError("no mail today")

    async with talking(on_before_send=before, on_after_send=after) as session:
        told = events_of(session, "error")
        with pytest.raises(PermissionError, match="not you"):
            await session.send("hi").result
        assert (session.status, session.timeline, session.queued_messages) == ("idle", (), ())
        refuses = False
        assert (await session.send("hi").result).response == "Mock response"
        assert [event.source for event in told] == ["on_after_send"]


async def test_sends_keep_their_order_while_the_host_thinks() -> None:
    first = asyncio.Event()

    async def before(session: Session[Any], input: SendInput) -> str:
        if input.messages[0].text == "one":
            await first.wait()
        return input.messages[0].text + "!"

    model = mock()
    async with talking(model, on_before_send=before) as session:
        calls = [session.send(text) for text in ("one", "two")]
        await asyncio.sleep(0)
        first.set()
        for each in calls:
            await each.result
        assert [text for text in texts(session.timeline) if text.endswith("!")] == ["one!", "two!"]


async def test_a_send_that_the_host_still_thinks_about_ends_with_its_session() -> None:
    async def before(session: Session[Any], input: SendInput) -> None:
        thinking.set()
        await go_on.wait()

    thinking, go_on = asyncio.Event(), asyncio.Event()
    async with talking(on_before_send=before) as session:
        sending = session.send("hi")
        await thinking.wait()
        await session.close()
        go_on.set()
        with pytest.raises(SessionClosedError):
            await sending.result


async def test_only_an_input_takes_the_place_of_an_input() -> None:
    wrong: Any = False
    async with talking(on_before_send=always(wrong)) as session:
        with pytest.raises(ValidationError, match="gave a bool, not an input"):
            await session.send("hi").result
