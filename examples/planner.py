"""A planner: a tool writes a plan that every further call of the model sees, and the answer has a type.

python examples/planner.py                   a scripted model, without a key
python examples/planner.py anthropic:NAME    a real one
"""

import asyncio
import sys
from dataclasses import dataclass

from agentick_core import (
    Limits,
    Nodes,
    Section,
    System,
    Timeline,
    component,
    create_app,
    tool,
    use_session_state,
)
from agentick_core.testing import ScriptedModel, call

SCRIPT = (
    call("plan", step="boil the water"),
    call("plan", step="warm the pot"),
    call("output", title="Tea", minutes=7),
)


@dataclass(frozen=True)
class Plan:
    """What the planner ends with."""

    title: str
    minutes: int


@component
def Planner() -> Nodes:
    """Plan, one step at a time."""
    steps, set_steps = use_session_state("steps", list[str]())

    @tool
    async def plan(step: str) -> str:
        """Add a step to the plan."""
        set_steps.update(lambda steps: [*steps, step])
        return "added"

    yield System("You plan. Add each step with the tool, then give the plan a title and a duration.")
    yield Section("\n".join(steps) or "No step yet.", id="plan", title="The plan so far")
    yield plan
    yield Timeline()


async def main(model: str | None = None) -> None:
    """Plan tea, and print the plan."""
    chosen = model or ScriptedModel(*SCRIPT)
    async with create_app(Planner, model=chosen, output=Plan, limits=Limits(ticks=8)) as app:
        session = await app.session()
        result = await session.send("Plan a pot of tea.").result
        print(f"{result.output.title}, {result.output.minutes} minutes")
        steps: list[str] = session.inspect().state["steps"]
        for number, step in enumerate(steps, 1):
            print(f"{number}. {step}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
