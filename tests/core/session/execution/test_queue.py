"""Queueing: messages that wait, for the next tick or the next execution."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    UserMessage,
    component,
    use_on_message,
    use_queued_messages,
)
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, call, reply
from agentick_core.tree.hook_events import MessageReceived
from tests.core.session.talk import SOON, Adder, held, idle, mock, roles, seen, talking, texts


async def test_a13_a_queued_message_waits_and_starts_nothing() -> None:
    model = mock()
    async with talking(model) as session:
        message = await session.queue("x")
        assert session.queued_messages == (message,)
        assert (session.status, model.requests) == ("idle", [])


async def test_a14_queueing_tells_the_hooks_once() -> None:
    heard: list[Any] = []

    @component
    def Listening() -> Nodes:
        use_on_message(heard.append)
        yield Timeline()

    async with talking(agent=Listening) as session:
        early = await session.queue("before the tree is there")
        await session.mount()
        message = await session.queue("x")
        assert early.id
        (event,) = heard
        assert (event.id, event.type, event.content) == (message.id, "message", message)
        assert isinstance(event.timestamp, int)


@pytest.mark.parametrize("runs", [False, True])
async def test_the_message_of_an_interrupt_is_told_to_the_hooks_like_any_other(runs: bool) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    @component
    def Listening() -> Nodes:
        @use_on_message
        def hear(event: MessageReceived) -> None:
            heard.put_nowait(event.content.text)

        yield Timeline()

    async with talking(ScriptedModel(held(), "changed") if runs else mock(), Listening) as session:
        await session.mount()
        if runs:
            await seen(await session.send("one"), "content_delta")
            assert await heard.get() == "one"
        session.interrupt("no, this")
        async with asyncio.timeout(SOON):
            assert await heard.get() == "no, this"
        await idle(session)


async def test_the_first_send_does_not_reach_hooks_that_were_not_mounted() -> None:
    heard: list[Any] = []

    @component
    def Listening() -> Nodes:
        use_on_message(heard.append)
        yield Timeline()

    async with talking(agent=Listening) as session:
        await session.send("one").result
        await session.send("two").result
        assert [event.content.text for event in heard] == ["Mock response", "two", "Mock response"]


async def test_a_hook_that_raises_at_a_message_is_shown_and_harms_nothing() -> None:
    @component
    def Broken() -> Nodes:
        @use_on_message
        def fail() -> None:
            raise RuntimeError("no")

        yield Timeline()

    async with talking(agent=Broken) as session:
        await session.mount()
        heard: list[Any] = []
        session.on("event", heard.append)
        await session.queue("x")
        assert [event.type for event in heard] == ["message_queued", "error"]


async def test_a16_queued_messages_are_seen_in_the_next_execution_and_gone_in_the_one_after() -> None:
    seen_in: list[list[str]] = []

    @component
    def Watching() -> Nodes:
        seen_in.append(texts(use_queued_messages()))
        yield Timeline()

    async with talking(agent=Watching) as session:
        await session.render({}).result
        await session.queue("later", when="next_execution")
        await session.render({}).result
        await session.render({}).result
        assert seen_in == [[], ["later"], []]


async def test_a17_a_message_queued_while_a_tool_runs_is_in_the_next_model_call() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply(calls=[call("add", a=1, b=2)], hold=hold), "done")
    async with talking(model, Adder) as session:
        handle = await session.send("go")
        await seen(handle, "tool_call_start")
        await session.queue("also this")
        hold.set()
        await handle.result
        assert texts(model.requests[1])[-1] == "also this"
        assert roles(session.timeline) == ["user", "assistant", "tool", "user", "assistant"]


async def test_a_message_sent_while_the_model_answers_gets_a_tick_of_its_own() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply("first", hold=hold), "second")
    async with talking(model) as session:
        handle = await session.send("one")
        await seen(handle, "content_delta")
        assert await session.send("two") is handle
        hold.set()
        assert (await handle.result).response == "second"
        assert texts(session.timeline) == ["one", "first", "two", "second"]


async def test_a_message_for_the_next_execution_waits_for_it_and_then_runs_by_itself() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply("first", hold=hold), "second")
    async with talking(model) as session:
        handle = await session.send("one")
        await seen(handle, "content_delta")
        await session.queue("two", when="next_execution")
        hold.set()
        assert (await handle.result).response == "first"
        await idle(session)
        assert texts(session.timeline) == ["one", "first", "two", "second"]


@pytest.mark.parametrize("how", ["queue", "send with options of its own"])
async def test_what_is_for_the_next_execution_waits_for_it_also_before_the_first_tick(how: str) -> None:
    model = ScriptedModel("one", "two")
    async with talking(model) as session:
        call = session.send("a")
        if how == "queue":
            session.queue("b", when="next_execution")
        else:
            session.send("b", max_ticks=3)
        await call.result
        await idle(session)
        assert [texts(request) for request in model.requests] == [["a"], ["a", "one", "b"]]


async def test_an_abort_before_the_first_tick_leaves_what_is_for_the_next_execution_waiting() -> None:
    async with talking() as session:
        session.send("a")
        session.queue("b", when="next_execution")
        assert session.execution is not None
        session.execution.abort()
        await idle(session)
        assert texts(session.timeline) == ["a"]
        assert [message.text for message in session.queued_messages] == ["b"]


async def test_a19_a_send_during_an_auto_resumed_execution_gets_the_reply_to_it() -> None:
    first, resumed = asyncio.Event(), asyncio.Event()
    model = ScriptedModel(reply("1", hold=first), reply("2", hold=resumed), "3")
    async with talking(model) as session:
        handle = await session.send("a")
        await seen(handle, "content_delta")
        await session.queue("b", when="next_execution")
        first.set()
        await handle.result
        second = session.execution
        assert second is not None
        assert second is not handle
        await seen(second, "content_delta")
        third = await session.send("c")
        assert (third.status, third is second) == ("running", True)
        resumed.set()
        assert (await third.result).response == "3"


async def test_messages_that_were_given_the_same_id_are_all_kept(store: SessionStore) -> None:
    async with talking(store=store) as session:
        first, second = [await session.queue(UserMessage(text, id="same")) for text in ("one", "two")]
        assert (first.id, second.id != "same") == ("same", True)
        await session.queue("three")
        assert session.unqueue("same") == first
    async with talking(model := mock(), store=store) as session:
        await session.send(second).result
        assert texts(model.requests[0]) == ["two", "three", "two"]
