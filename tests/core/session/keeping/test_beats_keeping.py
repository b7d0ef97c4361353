"""What is said is kept, whoever says it and whatever fails; what is shown anew is seen at once."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    System,
    Timeline,
    component,
    create_app,
    use_continuation,
    use_on_tick_start,
)
from agentick_core.errors import AgentickError, InvalidRequestError, NoModelError, ProviderError
from agentick_core.messages.blocks import TextBlock, ToolResultBlock
from agentick_core.messages.message import Message
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import (
    Adder,
    Plain,
    add,
    held,
    idle,
    mock,
    roles,
    seen,
    stopped,
    talking,
    texts,
)


@component
def BrokenBody() -> Nodes:
    raise RuntimeError("broken")
    yield


@component
def BrokenTickStart() -> Nodes:
    @use_on_tick_start
    def fail() -> None:
        raise RuntimeError("broken")

    yield Timeline()


@component
def BrokenTickEnd() -> Nodes:
    @use_continuation
    def fail() -> None:
        raise RuntimeError("broken")

    yield Timeline()


class BrokenInit:
    """A runner that cannot begin."""

    async def on_session_init(self, _: Any) -> None:
        raise RuntimeError("broken")


class BrokenTransform:
    """A runner that cannot change a request."""

    async def transform_compiled(self, _: Any, __: Any) -> None:
        raise RuntimeError("broken")


async def failing(**given: Any) -> tuple[Any, list[str]]:
    """Send to what fails; give the session, and what it keeps of the message."""
    options: dict[str, Any] = {"model": mock(), **given}
    async with create_app(options.pop("agent", Plain), **options) as app:
        session = await app.session("s")
        with pytest.raises((AgentickError, ValueError, RuntimeError)) as caught:
            await session.send("hi").result
        await idle(session)
        kept = texts(session.timeline) + texts(session.queued_messages)
        return caught.value, kept


@pytest.mark.parametrize(
    "given",
    [
        {"model": ScriptedModel(InvalidRequestError("broken"))},
        {"model": ScriptedModel(ValueError("broken"))},
        {"model": ScriptedModel(asyncio.CancelledError("broken"))},
        {"model": None},
        {"agent": BrokenBody},
        {"agent": BrokenTickStart},
        {"runner": BrokenInit()},
        {"runner": BrokenTransform()},
    ],
    ids=lambda given: "-".join(f"{name}-{type(value).__name__}" for name, value in given.items()),
)
async def test_beat_5_whatever_fails_the_message_is_kept_once(given: Any) -> None:
    _, kept = await failing(**given)
    assert kept == ["hi"]


async def test_beat_5_what_fails_after_the_answer_keeps_both() -> None:
    _, kept = await failing(agent=BrokenTickEnd)
    assert kept == ["hi", "Mock response"]


async def test_beat_5_a_failed_turn_can_be_tried_again_with_its_message_said_once() -> None:
    model = ScriptedModel(InvalidRequestError("no"), reply("half", error=InvalidRequestError("no")), "whole")
    async with talking(model) as session:
        for _ in range(2):
            with pytest.raises(ProviderError):
                await session.render({}).result if session.timeline else await session.send("hi").result
        assert (await session.render({}).result).response == "whole"
        assert texts(session.timeline) == ["hi", "half", "whole"]
        assert session.timeline[1].tags == ("model_output", "interrupted")
        assert [texts(request).count("hi") for request in model.requests] == [1, 1, 1]


async def test_beat_5_no_model_is_no_reason_to_lose_a_message() -> None:
    async with create_app(Plain) as app:
        session = await app.session("s")
        with pytest.raises(NoModelError):
            await session.send("hi").result
        session.set_model(model := mock())
        await session.render({}).result
        assert texts(model.requests[0]) == ["hi"]


@pytest.mark.parametrize("how", ["fails", "aborted", "closed", "closed at once", "interrupted at once"])
async def test_beat_5_what_was_cut_off_is_there_after_a_restart(how: str) -> None:
    store, model = MemoryStore(), mock()
    first = ScriptedModel.repeat(
        reply("half", error=InvalidRequestError("no")) if how == "fails" else held("half")
    )
    async with create_app(Plain, model=first, store=store) as app:
        session = await app.session("s")
        call_ = session.send("hi")
        if how == "interrupted at once":
            session.interrupt()
        match how:
            case "fails":
                with pytest.raises(ProviderError):
                    await call_.result
            case "aborted":
                await seen(await call_, "content_delta")
                (await call_).abort()
            case "closed":
                await seen(await call_, "content_delta")
                await session.close()
            case "closed at once":
                await session.close()
            case _:
                await stopped(await call_)
    async with create_app(Plain, model=model, store=store) as app:
        session = await app.session("s")
        await session.render({}).result
        said = ["hi"] if "at once" in how else ["hi", "half"]
        shown = [line.splitlines()[0] for line in texts(model.requests[0])]
        assert shown == said
        assert texts(session.timeline) == [*said, "Mock response"]


SAID = [
    Message("system", (TextBlock("mind the gap"),)),
    Message("assistant", (TextBlock("I said so"),)),
    Message("event", (TextBlock("a door opened"),)),
    Message("tool", (ToolResultBlock("c1", "look", (TextBlock("a cat"),)),)),
    Message("user", (TextBlock("and now?"),)),
]


@pytest.mark.parametrize("how", ["send", "queue", "joined", "aborted"])
async def test_beat_6_messages_of_every_role_are_committed_in_order(how: str) -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply("first", hold=hold), "second")
    async with talking(model) as session:
        match how:
            case "queue":
                for message in SAID:
                    await session.queue(message)
                handle = await session.render()
            case "joined":
                handle = await session.send("go")
                await seen(handle, "content_delta")
                await session.send(messages=SAID)
            case _:
                handle = await session.send(messages=SAID)
        await seen(handle, "content_delta")
        if how == "aborted":
            handle.abort()
            await stopped(handle)
            await idle(session)
        hold.set()
        await handle.settled()
        before = 2 if how == "joined" else 0
        assert roles(session.timeline)[before : before + 5] == [message.role for message in SAID]
        assert [entry.message.content for entry in session.timeline[before : before + 5]] == [
            message.content for message in SAID
        ]
        await session.send("again").result if how != "joined" else None
        shown = texts(model.requests[1])
        for message in SAID:
            if message.text:
                assert sum(message.text in text for text in shown) == 1


@pytest.mark.parametrize("how", ["send", "render mapping", "render element"])
async def test_beat_21_new_props_reach_the_next_tick_of_the_running_execution(how: str) -> None:
    @component
    def Named(name: str = "old", *, mood: str = "calm") -> Nodes:
        yield System(f"You are {name}, {mood}.")
        yield Timeline()

    hold = asyncio.Event()
    model = ScriptedModel(reply(calls=[call("add", a=1, b=2)], hold=hold), "done", "after")
    async with talking(model, Named, tools=[add]) as session:
        handle = await session.send("go", props={"mood": "wild"})
        await seen(handle, "tool_call_start")
        match how:
            case "send":
                joined = await session.send(props={"name": "new"})
            case "render mapping":
                joined = await session.render({"name": "new"})
            case _:
                joined = await session.render(Named("new", mood="wild"))
        assert joined is handle
        hold.set()
        await handle.result
        await session.send("once more").result
        said = [request.system[0] for request in model.requests]
        assert said == ["You are old, wild.", "You are new, wild.", "You are new, wild."]


async def test_beat_21_what_is_sent_for_the_next_execution_changes_nothing_in_this_one() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply(calls=[call("add", a=1, b=2)], hold=hold), "done", "next")
    async with talking(model, Adder) as session:
        handle = await session.send("go")
        await seen(handle, "tool_call_start")
        following = await session.send("later", max_ticks=3)
        assert following is not handle
        hold.set()
        await handle.result
        assert texts(model.requests[1])[-1] != "later"
        assert (await following.result).response == "next"
