"""What stays where it is from request to request, so that a provider's cache can take it."""

from typing import Any

import pytest

from agentick_core import Nodes, Section, System, Timeline, component, create_app, tool, use_knob, use_state
from agentick_core.components import Ephemeral, Knobs
from agentick_core.messages.message import AssistantMessage, UserMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.tool import ToolDefinition
from agentick_core.testing import ScriptedModel, assert_prefix_kept, call, prefix_length


def test_a_prefix_is_counted_in_parts_tools_first() -> None:
    first = ModelRequest(
        tools=(ToolDefinition(name="a"),), system=("You are",), messages=(UserMessage("one"),)
    )
    longer = ModelRequest(
        tools=first.tools,
        system=first.system,
        messages=(*first.messages, AssistantMessage("two")),
    )
    assert prefix_length(first, longer) == 3
    assert prefix_length(first, ModelRequest(tools=first.tools, system=("You were",))) == 1
    assert prefix_length(first, ModelRequest(system=first.system)) == 0
    assert_prefix_kept([first, longer])


@pytest.mark.parametrize(
    ("after", "what"),
    [
        (ModelRequest(system=("other",), messages=(UserMessage("one"),)), "system text 1"),
        (ModelRequest(system=("You are",), messages=(UserMessage("uno"),)), "message 1"),
        (ModelRequest(system=("You are",)), "nothing"),
        (ModelRequest(system=("You are",), tools=(ToolDefinition(name="a"),)), "system text 1"),
    ],
)
def test_what_moved_is_named(after: ModelRequest, what: str) -> None:
    before = ModelRequest(system=("You are",), messages=(UserMessage("one"),))
    with pytest.raises(AssertionError, match=f"Request 2 .*{what}"):
        assert_prefix_kept([before, after])


@pytest.mark.parametrize("count", [0, 1])
def test_what_cannot_be_compared_passes_for_nothing(count: int) -> None:
    with pytest.raises(AssertionError, match=f"Two requests or more.*not {count}"):
        assert_prefix_kept([ModelRequest()] * count)


def test_what_is_shown_for_one_call_may_change_at_the_end_but_not_before_it() -> None:
    shown = [UserMessage(f"[Context]\n{number}") for number in range(2)]
    said = [UserMessage("one"), AssistantMessage("two")]
    assert_prefix_kept([ModelRequest(messages=(said[0], shown[0])), ModelRequest(messages=(*said, shown[1]))])
    with pytest.raises(AssertionError, match="message 1"):
        assert_prefix_kept(
            [ModelRequest(messages=(shown[0], said[0])), ModelRequest(messages=(shown[1], said[0]))]
        )


@tool
async def zoom(level: int = 1) -> str:
    """Zoom."""
    return "zoomed"


@tool
async def aim(at: str = "") -> str:
    """Aim."""
    return "aimed"


@component
def Counter() -> Nodes:
    count, set_count = use_state(0)

    @tool
    async def count_up() -> str:
        """Count."""
        set_count.update(lambda number: number + 1)
        return "counted"

    yield count_up
    yield Section(f"The count is {count}.", id="count", position="end")


@component
def Agent() -> Nodes:
    depth, _ = use_knob("depth", 1, min=1, max=9, description="How deep")
    yield (zoom, aim) if depth == 1 else (aim, zoom)
    yield System("You are steady.")
    yield Section("The rules.", id="rules")
    yield Counter()
    yield Timeline()
    yield Ephemeral(f"The depth is {depth}.")
    yield Knobs()


async def test_knobs_that_change_and_sections_at_the_end_move_no_prefix() -> None:
    model = ScriptedModel(
        call("set_knob", name="depth", value=4), call("count_up"), call("aim"), "one", call("zoom"), "two"
    )
    async with create_app(Agent, model=model) as app:
        session = await app.session("s")
        await session.send("go").result
        await session.send("and again").result
    assert_prefix_kept(model.requests)
    assert "The count is 1." in model.requests[-1].messages[-1].text
    assert [each.name for each in model.requests[0].tools] == ["aim", "count_up", "set_knob", "zoom"]


async def test_a_section_that_changes_before_the_conversation_is_found_out() -> None:
    @component
    def Restless() -> Nodes:
        depth, _ = use_knob("depth", 1, description="How deep")
        yield System(f"The depth is {depth}.")
        yield Timeline()
        yield Knobs()

    model = ScriptedModel(call("set_knob", name="depth", value=4), "done")
    async with create_app(Restless, model=model) as app:
        session: Any = await app.session("s")
        await session.send("go").result
    with pytest.raises(AssertionError, match=r"system text 1 was 'The depth is 1\.'"):
        assert_prefix_kept(model.requests)
