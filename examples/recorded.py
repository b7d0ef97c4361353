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


async def talk(model: ReplayModel | str) -> tuple[str, Recording | None]:
    """Have the conversation; give the last answer and the recording."""
    async with create_app(Bookkeeper, model=model) as app:
        session = await app.session("books", recording="full")
        result = await session.send("What is 1066 plus 960?").result
        return result.response, session.get_recording()


def record(model: str = "offline") -> None:
    """Record the conversation into the file."""
    response, recording = asyncio.run(talk(model))
    if recording is not None:
        recording.save(FILE)
    print(f"Recorded: {response.splitlines()[0]}")


def replay() -> None:
    """Have it again with the recorded answers, and compare."""
    model = Recording.load(FILE).as_model()
    response, _ = asyncio.run(talk(model))
    model.assert_done()
    print(f"Replayed: {response.splitlines()[0]}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"]:
        record(*sys.argv[2:])
    else:
        replay()
