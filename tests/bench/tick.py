"""What a tick of the engine costs besides the model: 200 components, 20 tools, 1,000 entries."""

import asyncio
import time
from collections.abc import Iterator

from agentick_core import Section, System, Timeline, component, create_app, tool, use_continuation, use_state
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import FunctionModel
from agentick_core.tools.tool import Tool
from agentick_core.tree.node import Nodes
from tests.bench.figure import Figure
from tests.bench.history import SESSION, make_history

COMPONENTS = 200
TOOLS = 20
ENTRIES = 1000
TICKS = 50
WARM = 10
BUDGET = 15.0


def make_tool(number: int) -> Tool[..., str]:
    """Make one of the tools."""

    @tool(name=f"tool_{number:02}")
    def look_up(query: str, limit: int = 10) -> str:
        """Look something up."""
        return f"{number} {query} {limit}"

    return look_up


@component
def Part(number: int) -> Nodes:
    """One of the components: a state and a section."""
    count, _ = use_state(number)
    yield Section(f"Part {count} of the context.", id=f"part-{number}")


@component
def Agent() -> Nodes:
    """The whole tree; it goes on from tick to tick."""
    use_continuation(lambda: True)
    yield System("You are measured.")
    yield tuple(Part(number).key(str(number)) for number in range(COMPONENTS - 1))
    yield tuple(make_tool(number) for number in range(TOOLS))
    yield Timeline()


def measure() -> Iterator[Figure]:
    """Measure ticks in a row, after some that warm up."""
    cost = asyncio.run(_tick_seconds())
    yield Figure(
        what="a tick beside the model: 200 components, 20 tools, 1,000 entries",
        value=cost * 1000,
        unit="ms",
        budget=BUDGET,
    )


async def _tick_seconds() -> float:
    store = MemoryStore()
    await store.save(SessionSnapshot(session_id=SESSION, timeline=make_history(ENTRIES)))
    async with create_app(Agent, model=FunctionModel(lambda _: "Yes."), store=store) as app:
        session = await app.session(SESSION)
        await session.send("Warm up", max_ticks=WARM).result
        began = time.process_time()
        await session.send("Go", max_ticks=TICKS).result
        return (time.process_time() - began) / TICKS
