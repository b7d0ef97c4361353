"""What a session keeps and tells beside the conversation: durations, summaries, warnings about tools."""

from agentick_core import Nodes, Timeline, component, create_tool, tool
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Adder, mock, talking


async def lookup(term: str) -> str:
    """Look a term up."""
    return term


summarised = create_tool(
    name="lookup", handler=lookup, display_summary=lambda input: f"looks up {input['term']}"
)


@component
def Twice() -> Nodes:
    """Yield two tools of one name."""
    yield tool(lookup)
    yield summarised
    yield Timeline()


async def test_a_result_in_the_timeline_says_how_long_the_call_took() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), "three"), Adder) as session:
        await session.send("1+2?").result
        (block,) = session.timeline[2].message.tool_results
        assert block.metadata["seconds"] >= 0


async def test_a_call_in_the_timeline_carries_the_tool_s_own_summary() -> None:
    async with talking(ScriptedModel(call("lookup", term="bees"), "ok"), tools=[summarised]) as session:
        await session.send("bees?").result
        (block,) = session.timeline[1].message.tool_uses
        assert block.metadata["summary"] == "looks up bees"


async def test_two_tools_of_one_name_are_warned_of_once() -> None:
    warnings: list[str] = []

    def note(event: object) -> None:
        if getattr(event, "code", "") == "TOOL_WARNING":
            warnings.append(getattr(event, "message", ""))

    async with talking(mock(), Twice, on_event=note) as session:
        await session.send("one").result
        await session.send("two").result
    assert warnings == ['The tree has several tools named "lookup": the last one is used']


async def test_a_paused_answer_is_asked_to_go_on() -> None:
    model = ScriptedModel(reply("so far", stop_reason="paused"), "and done")
    async with talking(model) as session:
        result = await session.send("go").result
    assert (result.response, result.usage.ticks) == ("and done", 2)
