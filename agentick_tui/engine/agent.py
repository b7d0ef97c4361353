"""The built-in agent: a short instruction, knobs, the conversation; and with the offline model a few tools."""

from datetime import UTC, datetime

from agentick_core.components.knobs import Knobs
from agentick_core.components.structure import System
from agentick_core.components.timeline import Timeline
from agentick_core.models.catalog import parse_spec
from agentick_core.tools.context import ToolContext
from agentick_core.tools.tool import tool
from agentick_core.tree.element import Element, component
from agentick_core.tree.node import Nodes

INSTRUCTION = (
    "You are agentick, an assistant in a terminal. Answer in the language of the user, in Markdown, briefly: "
    "what was asked comes first. Say so where you do not know something."
)
OFFLINE = "offline"


@tool(effects={"read"})
def clock() -> str:
    """Tell the time in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"


@tool(effects={"read"})
def add(a: float, b: float) -> str:
    """Add two numbers."""
    return f"{a + b:.15g}"


@tool(effects={"write"}, requires_confirmation=True, confirmation_message="Keep this note?")
async def note(text: str, ctx: ToolContext) -> str:
    """Keep a note for as long as the session lasts."""
    notes = [*ctx.state.get("notes", ()), text]
    ctx.state.set("notes", notes)
    return f"“{text}” ({len(notes)} kept)"


@component
def Child() -> Nodes:
    """Answer one question, without tools."""
    yield System(INSTRUCTION)
    yield Timeline(max_tokens="window")


@tool(effects={"read"})
async def ask_child(question: str, ctx: ToolContext) -> str:
    """Let a child answer a question, and give its answer."""
    answer = await ctx.spawn(Child, question).result
    return answer.response


@component
def Agentick(tools: bool = False) -> Nodes:
    """Talk, with harmless tools where there is something to be tried out."""
    yield System(INSTRUCTION)
    if tools:
        yield (clock, add, note, ask_child)
    yield Timeline(max_tokens="window")
    yield Knobs()


def built_in_agent(spec: str) -> Element:
    """Give the built-in agent for the model of that spec."""
    return Agentick(parse_spec(spec).provider == OFFLINE)
