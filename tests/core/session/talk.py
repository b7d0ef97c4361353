"""The agents, and the few words, that the tests of sessions share."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    App,
    Nodes,
    Session,
    StreamEvent,
    System,
    Timeline,
    component,
    create_app,
    tool,
)
from agentick_core.messages.message import Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.timeline import TimelineEntry
from agentick_core.models.model import ChatModel
from agentick_core.session.execution.handle import SessionExecutionHandle
from agentick_core.testing import Reply, ScriptedModel, reply

SOON = 5.0


@tool
async def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


@component
def Plain(name: str = "") -> Nodes:
    yield System(f"Be brief, {name}." if name else "Be brief.")
    yield Timeline()


@component
def Adder() -> Nodes:
    yield System("Add.")
    yield add
    yield Timeline()


def mock() -> ScriptedModel:
    return ScriptedModel.repeat("Mock response")


@asynccontextmanager
async def talking(model: ChatModel | None = None, agent: Any = Plain, **options: Any) -> AsyncGenerator[Any]:
    """Open an app with one session, "s", typed so that any event or block may be looked into; close it soon."""
    app: App[Any] = create_app(agent, model=model or mock(), **options)
    try:
        yield await app.session("s")
    finally:
        async with asyncio.timeout(SOON):
            await app.aclose()


async def seen(
    handle: SessionExecutionHandle[Any], kind: str, where: Callable[[Any], bool] = lambda _: True
) -> Any:
    """Wait until the execution has told an event of that type."""
    async with asyncio.timeout(SOON):
        async for event in handle:
            if event.type == kind and where(event):
                return event
    raise AssertionError(f"no {kind} came")


async def told(session: Session[Any], kind: str) -> Any:
    """Wait for the next event of that type in the session."""
    future: asyncio.Future[StreamEvent] = asyncio.get_running_loop().create_future()

    def listen(event: StreamEvent) -> None:
        if event.type == kind and not future.done():
            future.set_result(event)

    stop = session.on("event", listen)
    try:
        async with asyncio.timeout(SOON):
            return await future
    finally:
        stop()


async def idle(session: Session[Any]) -> None:
    """Wait until nothing runs."""
    async with asyncio.timeout(SOON):
        while session.execution is not None:
            await session.ended()


def kinds(handle: SessionExecutionHandle[Any]) -> list[str]:
    """Give the types of the events so far."""
    return [event.type for event in handle.events.to_list()]


def roles(entries: tuple[TimelineEntry, ...]) -> list[str]:
    """Give who said each entry."""
    return [entry.message.role for entry in entries]


def texts(said: ModelRequest | tuple[TimelineEntry, ...] | tuple[Message, ...]) -> list[str]:
    """Give the texts that were said."""
    messages = said.messages if isinstance(said, ModelRequest) else said
    return [each.message.text if isinstance(each, TimelineEntry) else each.text for each in messages]


def held(text: str = "partial") -> Reply:
    """Make an answer that begins and never ends."""
    return reply(text, hold=asyncio.Event())


async def stopped(handle: SessionExecutionHandle[Any]) -> AbortError:
    """Wait until the execution was stopped; give its error."""
    async with asyncio.timeout(SOON):
        with pytest.raises(AbortError) as caught:
            await handle.result
    return caught.value


def uses_and_results(session: Session[Any]) -> tuple[list[str], list[str]]:
    """Give the ids of all calls in the timeline, and of all results."""
    messages = [entry.message for entry in session.timeline]
    return (
        [use.tool_use_id for message in messages for use in message.tool_uses],
        [result.tool_use_id for message in messages for result in message.tool_results],
    )


def result_texts(session: Session[Any]) -> list[str]:
    """Give the texts of all results in the timeline."""
    return [
        "".join(getattr(block, "text", "") for block in result.content)
        for entry in session.timeline
        for result in entry.message.tool_results
    ]
