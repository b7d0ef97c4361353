"""A conversation that is recorded once and replayed as a test, without a network.

python examples/recorded.py record openai:NAME    talk to a model, and write recorded.json
python examples/recorded.py record                the same with the offline model
python examples/recorded.py                       replay it, and compare
"""

import asyncio
import sys
from pathlib import Path

from agentick_core import Nodes, System, Timeline, component, create_app, tool
from agentick_core.recording import Recording, ReplayModel

FILE = Path("recorded.json")


@tool
async def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


@component
def Bookkeeper() -> Nodes:
    """Add with a tool, never in the head."""
    yield System("Add with the tool, never in your head.")
    yield add
    yield Timeline()


async def talk(model: ReplayModel | str) -> Recording:
    """Have the conversation; give what was recorded of it."""
    async with create_app(Bookkeeper, model=model) as app:
        session = await app.session("books", recording="full")
        await session.send("What is 1066 plus 960?").result
        recording = session.get_recording()
        assert recording is not None
        return recording


def said(recording: Recording) -> list[str]:
    """Give what was said in the conversation."""
    messages = [entry.message for entry in recording.snapshots[-1].com.timeline]
    return [f"{message.role}: {message.text}" for message in messages if message.text]


async def record(model: str = "offline") -> None:
    """Record the conversation into the file."""
    recording = await talk(model)
    recording.save(FILE)
    print(f"Recorded {recording.summary.tick_count} calls of the model in {FILE}.")


async def replay() -> None:
    """Have it again with the recorded answers, and compare."""
    before = Recording.load(FILE)
    model = before.as_model()
    after = await talk(model)
    model.assert_done()
    assert said(after) == said(before)
    print("The same conversation again, without a network:", *said(after), sep="\n")


if __name__ == "__main__":
    asyncio.run(record(*sys.argv[2:]) if sys.argv[1:2] == ["record"] else replay())
