"""One conversation with everything in it, and its events without what differs from run to run."""

import asyncio
import re
from contextlib import suppress
from typing import Any

from agentick_core import (
    AbortError,
    App,
    Nodes,
    StreamEvent,
    System,
    Timeline,
    ToolContext,
    component,
    create_app,
    tool,
)
from agentick_core.models.model import ChatModel
from agentick_core.wire.events import to_wire
from tests.fakes import Answer, Call

DEADLINE = 20.0
SCRIPT = (
    Answer(
        text=["Let me ", "see."],
        calls=[
            Call("research", {"topic": "bees"}),
            Call("measure", {"what": "a hive"}),
        ],
    ),
    Answer(text=["Looking."], calls=[Call("measure", {"what": "wings"})]),
    Answer(text=["Bees ", "have ", "wings."]),
    Answer(text=["They have four wings."], usage=(20, 7), cached=4),
    Answer(calls=[Call("pay", {"amount": 5})]),
    Answer(text=["Paid."]),
    Answer(calls=[Call("pay", {"amount": 9})]),
    Answer(text=["Not ", "paid."]),
    Answer(text=["Once ", "upon "], ending="hang"),
    Answer(text=["Here ", "again."]),
)


@tool
async def measure(what: str) -> str:
    """Measure something."""
    return f"{what}: {len(what)}"


@tool(requires_confirmation=True)
async def pay(amount: int) -> str:
    """Pay."""
    return f"{amount} paid"


@tool
async def research(topic: str, ctx: ToolContext) -> str:
    """Ask a sub-agent."""
    return (await ctx.spawn(Researcher(topic), f"What of {topic}?").result).response


@component
def Researcher(topic: str) -> Nodes:
    yield System(f"You know {topic}.")
    yield measure
    yield Timeline()


@component
def Keeper(name: str = "Ada") -> Nodes:
    yield System(f"You keep bees for {name}.")
    yield research
    yield measure
    yield pay
    yield Timeline()


def app_with(model: ChatModel) -> App[Any]:
    """Make the app that is recorded."""
    return create_app(Keeper, model=model)


async def converse(app: App[Any]) -> list[StreamEvent]:
    """Ask, approve, refuse, abort and ask again; give every event. The session records itself."""
    events: list[StreamEvent] = []
    session: Any = await app.session("garden", recording="full")

    def answer(event: Any) -> None:
        events.append(event)
        if event.type == "tool_confirmation_required":
            session.submit_tool_result(event.call_id, approved=event.input["amount"] < 6, reason="too much")

    session.on("event", answer)
    async with asyncio.timeout(DEADLINE):
        for text in ("What of bees?", "Pay five", "Pay nine"):
            await session.send(text).result
        handle = await session.send("Tell me a story")
        async for event in handle:
            if event.type == "content_delta" and event.delta == "upon ":
                handle.abort("enough")
        with suppress(AbortError):
            await handle.result
        await session.send("Are you there?").result
    return events


UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIMES = frozenset(("timestamp", "createdAt", "startedAt", "completedAt", "seconds"))


def comparable(events: list[StreamEvent]) -> list[Any]:
    """Give the events as JSON without times, and with ids that are named in the order in which they come."""
    names: dict[str, str] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: 0 if key in TIMES else plain(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]  # JSON
        if isinstance(value, list):
            return [plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
        if isinstance(value, str):
            return UUID.sub(lambda found: names.setdefault(found[0], f"id-{len(names)}"), value)
        return value

    return [plain(to_wire(event)) for event in events]
