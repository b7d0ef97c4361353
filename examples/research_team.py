"""A research team: a host sends one sub-agent for each question, all at once, and sums up what they found.

python examples/research_team.py                   a small function for a model, without a key
python examples/research_team.py anthropic:NAME    a real one
"""

import asyncio
import sys

from agentick_core import Nodes, System, Timeline, ToolContext, component, create_app, tool
from agentick_core.blocks import ToolUseBlock
from agentick_core.events import SpawnEnd, SpawnStart
from agentick_core.testing import FunctionModel, ModelRequest, call


@component
def Researcher(topic: str) -> Nodes:
    """Know one thing well."""
    yield System(f"You are an expert on {topic}. Answer in one sentence.")
    yield Timeline()


@tool
async def research(questions: list[str], ctx: ToolContext) -> list[str]:
    """Ask one expert for each question, all at the same time."""
    asked = [ctx.spawn(Researcher(question), question, label=question) for question in questions]
    return [(await each.result).response for each in asked]


@component
def Editor() -> Nodes:
    """Have things looked up, and write."""
    yield System("You are an editor. Have every question researched, then sum up.")
    yield research
    yield Timeline()


def stand_in(request: ModelRequest) -> str | ToolUseBlock:
    """Answer as a model might: the editor asks for research, the experts answer, the editor sums up."""
    last = request.messages[-1]
    if not request.tools:
        return f"{last.text} is well understood."
    if last.role == "tool":
        return "Both were looked up."
    return call("research", questions=["The dance of bees", "The song of whales"])


async def main(model: str | None = None) -> None:
    """Ask the editor, and print who was sent."""
    async with create_app(Editor, model=model or FunctionModel(stand_in)) as app:
        session = await app.session()
        handle = await session.send("What do we know of bees and whales?")
        async for event in handle:
            match event:
                case SpawnStart(label=label):
                    print("sent:", label)
                case SpawnEnd(output=output):
                    print("back:", output)
                case _:
                    pass
        result = await handle.result
        print(result.response)
        print(f"{result.usage.ticks} calls of the editor, {result.usage_tree.ticks} in all")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
