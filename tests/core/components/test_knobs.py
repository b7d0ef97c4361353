"""Knobs: how the model sees them, sets them, and what becomes of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_type

import pytest

from agentick_core.components import KnobControls, Knobs, KnobsProvider, Section, System, Timeline
from agentick_core.errors import ComponentError, ValidationError
from agentick_core.hooks import Knob, knob, use_knob, use_knobs_context, use_on_mount
from agentick_core.hooks.knob import KnobValue
from agentick_core.messages.blocks import TextBlock, text_of
from agentick_core.testing import ScriptedModel, call
from agentick_core.testing.compile import RenderedAgent, compile_agent, render_agent
from agentick_core.tools.tool import Tool
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes
from tests.core.session.talk import talking

if TYPE_CHECKING:
    from agentick_core.hooks.session_state import SetSessionState


@component
def Agent() -> Nodes:
    use_knob("fast", False, description="Be quick")
    use_knob("depth", 3, min=1, max=10, step=1)
    use_knob("budget", 2.5, min=0)
    use_knob("count", 7)
    use_knob("mode", "plain", options=["plain", "fancy"], group="style")
    use_knob("tone", "dry", group="style", max_length=5, pattern="^[a-z]*$")
    use_knob("name", "", required=True, validate=lambda value: None if value != "bob" else "not bob")
    use_knob("loud", False, momentary=True)
    yield Knobs()


async def set_knob(agent: RenderedAgent, **input: Any) -> str:
    assert agent.compiled is not None
    tool = agent.compiled.tool("set_knob")
    assert isinstance(tool, Tool)
    (block,) = await tool.run(input)
    assert isinstance(block, TextBlock)
    return block.text


async def test_k1_without_knobs_there_is_neither_section_nor_tool() -> None:
    @component
    def Bare() -> Nodes:
        yield System("x")
        yield Knobs()

    compiled = await compile_agent(Bare)
    assert (compiled.tools, dict(compiled.sections), compiled.tree.passes) == ((), {}, 1)


async def test_k2_each_kind_of_knob_has_its_line() -> None:
    compiled = await compile_agent(Agent, ["hi"])
    assert compiled.tools == ("set_knob",)
    assert compiled.sections["knobs"].splitlines()[1:] == [
        "fast [toggle]: false — Be quick",
        "depth [range]: 3 (1 to 10, step 1)",
        "budget [range]: 2.5 (at least 0)",
        "count [number]: 7",
        "name [text]:  (required)",
        "loud [momentary toggle]: false (resets after use)",
        "",
        "### style",
        "mode [select]: plain (options: plain | fancy)",
        "tone [text]: dry (at most 5 characters, pattern: ^[a-z]*$)",
    ]
    assert compiled.system == ()
    assert compiled.messages[-1].text.startswith("[Context]\nSettings that you can change")


@pytest.mark.parametrize(
    ("input", "reply", "changed"),
    [
        ({"name": "depth", "value": 5}, "Set depth to 5.", {"depth": 5}),
        ({"name": "depth", "value": 5.0}, "Set depth to 5.", {"depth": 5}),
        ({"name": "fast", "value": True}, "Set fast to true.", {"fast": True}),
        ({"name": "mode", "value": "fancy"}, "Set mode to fancy.", {"mode": "fancy"}),
        (
            {"group": "style", "value": "plain"},
            "Set mode, tone to plain.",
            {"mode": "plain", "tone": "plain"},
        ),
        ({"name": "nope", "value": 1}, 'There is no knob "nope". Knobs: fast, depth, budget, count', {}),
        ({"group": "nope", "value": 1}, 'There is no group "nope". Groups: style.', {}),
        ({"value": 1}, "Give either name or group.", {}),
        ({"name": "depth", "group": "style", "value": 1}, "Give either name or group.", {}),
        ({"name": "depth", "value": "5"}, 'Invalid value for "depth": expected a number, got string', {}),
        ({"name": "depth", "value": 2.5}, "expected a whole number", {}),
        ({"name": "fast", "value": 1}, "expected a boolean, got number", {}),
        ({"name": "depth", "value": 0}, "must be at least 1", {}),
        ({"name": "depth", "value": 11}, "must be at most 10", {}),
        ({"name": "mode", "value": "odd"}, "must be one of plain, fancy", {}),
        ({"name": "tone", "value": "serious"}, "must be at most 5 characters", {}),
        ({"name": "tone", "value": "A"}, "must match the pattern ^[a-z]*$", {}),
        ({"name": "name", "value": ""}, "must not be empty", {}),
        ({"name": "name", "value": "bob"}, 'Invalid value for "name": not bob. Nothing was changed.', {}),
        (
            {"group": "style", "value": "fancy"},
            "Set mode, tone to fancy.",
            {"mode": "fancy", "tone": "fancy"},
        ),
    ],
)
async def test_k3_the_model_sets_a_knob_and_reads_what_came_of_it(
    input: dict[str, Any], reply: str, changed: dict[str, Any]
) -> None:
    async with render_agent(Agent) as agent:
        await agent.tick()
        assert reply in await set_knob(agent, **input)
        assert agent.host.context.knobs == changed


async def test_a_knob_with_a_whole_default_takes_the_fractions_that_its_step_leads_to() -> None:
    @component
    def Warm() -> Nodes:
        temperature, _ = use_knob("temperature", 1, min=0, max=2, step=0.5)
        yield Section(str(temperature), id="temperature")
        yield Knobs()

    async with render_agent(Warm) as agent:
        await agent.tick()
        assert await set_knob(agent, name="temperature", value=1.5) == "Set temperature to 1.5."
        assert (await agent.tick()).sections["temperature"] == "1.5"


async def test_beat_36_a_group_is_set_as_a_whole_or_not_at_all() -> None:
    @component
    def Grouped() -> Nodes:
        use_knob("a", 1, group="g")
        use_knob("b", 1, group="g", max=3)
        use_knob("c", 1, group="mixed")
        use_knob("d", "x", group="mixed")
        yield Knobs()

    async with render_agent(Grouped) as agent:
        await agent.tick()
        assert "Nothing was changed" in await set_knob(agent, group="g", value=5)
        assert "different types" in await set_knob(agent, group="mixed", value=5)
        assert agent.host.context.knobs == {}
        assert await set_knob(agent, group="g", value=2) == "Set a, b to 2."
        assert agent.host.context.knobs == {"a": 2, "b": 2}


async def test_k4_a_group_set_through_the_loop_changes_all_members_or_none() -> None:
    @component
    def Grouped() -> Nodes:
        a, _ = use_knob("a", 1, group="g")
        b, _ = use_knob("b", 1, group="g", max=3)
        yield System(f"a={a} b={b}")
        yield Timeline()
        yield Knobs()

    with ScriptedModel(
        call("set_knob", group="g", value=5), call("set_knob", group="g", value=3), "done"
    ) as model:
        async with talking(model, Grouped) as session:
            await session.send("go").result
            assert [request.system for request in model.requests] == [
                ("a=1 b=1",),
                ("a=1 b=1",),
                ("a=3 b=3",),
            ]
            assert "must be at most 3" in text_of(model.requests[1].messages[-2].tool_results[0].content)


async def test_k5_a_momentary_knob_is_its_default_in_the_snapshot_and_in_the_next_send() -> None:
    @component
    def Root() -> Nodes:
        loud, _ = use_knob("loud", False, momentary=True)
        deep, _ = use_knob("deep", False)
        yield System(f"loud={loud} deep={deep}")
        yield Timeline()
        yield Knobs()

    with ScriptedModel(
        call("set_knob", name="loud", value=True), call("set_knob", name="deep", value=True), "one", "two"
    ) as model:
        async with talking(model, Root) as session:
            await session.send("go").result
            state = session.snapshot().com_state
            assert (state["knob:loud"], state["knob:deep"]) == (False, True)
            await session.send("again").result
            assert [request.system[0] for request in model.requests] == [
                "loud=False deep=False",
                "loud=True deep=False",
                "loud=True deep=True",
                "loud=False deep=True",
            ]


async def test_k6_a_value_set_is_seen_in_the_next_tick_and_stays() -> None:
    async with render_agent(Agent) as agent:
        await agent.tick()
        await set_knob(agent, name="depth", value=9)
        assert "depth [range]: 9" in (await agent.tick()).sections["knobs"]
        await agent.end()
        assert "depth [range]: 9" in (await agent.tick()).sections["knobs"]


async def test_k5_a_momentary_knob_is_set_for_the_rest_of_the_execution() -> None:
    async with render_agent(Agent) as agent:
        await agent.tick()
        await set_knob(agent, name="loud", value=True)
        assert "loud [momentary toggle]: true" in (await agent.tick()).sections["knobs"]
        assert "loud [momentary toggle]: true" in (await agent.tick()).sections["knobs"]
        await agent.end()
        assert agent.state.get("knob:loud") is False
        assert "loud [momentary toggle]: false" in (await agent.tick()).sections["knobs"]


async def test_knobs_that_come_after_the_list_are_listed_too_and_those_that_leave_are_not() -> None:
    shown = True

    @component
    def Late() -> Nodes:
        use_knob("late", 1)
        return None

    @component
    def Root() -> Nodes:
        yield Knobs()
        if shown:
            yield Late()

    async with render_agent(Root) as agent:
        assert "late [number]: 1" in (await agent.tick()).sections["knobs"]
        assert (await agent.tick()).tree.passes == 1
        shown = False
        assert (await agent.tick()).tools == ()


async def test_k7_an_inline_knob_is_not_listed_but_explained_and_can_be_set() -> None:
    @component
    def Root() -> Nodes:
        opened, _ = use_knob("more", False, inline=True)
        yield Section("long" if opened else "short", id="s")
        yield Knobs()

    async with render_agent(Root) as agent:
        compiled = await agent.tick()
        assert "more" not in compiled.sections["knobs"]
        assert "<collapsed>" in compiled.sections["knobs"]
        await set_knob(agent, name="more", value=True)
        assert (await agent.tick()).sections["s"] == "long"


async def test_a_knob_gives_its_value_or_what_it_stands_for() -> None:
    sizes = {"s": 10, "l": 100}
    descriptor = knob(True, description="A descriptor")

    @component
    def Root() -> Nodes:
        depth, set_depth = use_knob("depth", 3)
        size, _ = use_knob("size", "s", options=list(sizes), resolve=lambda key: sizes[key])
        described, _ = use_knob("described", descriptor)
        assert_type(depth, int)
        assert_type(size, int)
        assert_type(described, bool)
        if depth == 3:
            set_depth(4)
        yield System(f"{depth} {size} {described}")

    assert (await compile_agent(Root)).system == ("4 10 True",)


async def test_a_stored_value_that_no_longer_fits_counts_as_the_default() -> None:
    @component
    def Root() -> Nodes:
        mode, _ = use_knob("mode", "a", options=["a", "b"])
        yield System(mode)

    assert (await compile_agent(Root, state={"knob:mode": "b"})).system == ("b",)
    assert (await compile_agent(Root, state={"knob:mode": "gone"})).system == ("a",)


async def test_knobs_can_be_shown_in_another_way() -> None:
    def show(knobs: Sequence[KnobValue[Any]]) -> Nodes:
        return System(", ".join(f"{each.name}={each.value}" for each in knobs))

    @component
    def Root() -> Nodes:
        use_knob("a", 1)
        yield Knobs(render=show)

    compiled = await compile_agent(Root)
    assert (compiled.system, compiled.tools) == (("a=1",), ("set_knob",))


async def test_a_provider_leaves_it_to_its_controls_how_knobs_are_shown() -> None:
    @component
    def Root() -> Nodes:
        use_knob("a", 1)
        use_knob("b", 2, group="g")
        use_knob("c", 3, group="h")
        use_knob("hidden", False, inline=True)
        yield KnobsProvider(
            Section(
                KnobControls(
                    render_knob=lambda each: f"{each.name} is {each.value}",
                    render_group=lambda group, knobs: f"{group}: {', '.join(each.name for each in knobs)}",
                ),
                id="mine",
            ),
            Section(KnobControls(render_knob=lambda each: f"<{each.name}>"), id="each"),
            KnobControls(),
        )

    compiled = await compile_agent(Root)
    assert compiled.tools == ("set_knob",)
    assert compiled.sections["mine"] == "a is 1\n\ng: b\n\nh: c"
    assert compiled.sections["each"] == "<a>\n\n<b>\n\n<c>"
    assert "### g\nb [number]: 2" in compiled.sections["knobs"]


async def test_a_provider_without_knobs_has_no_tool_and_controls_without_a_provider_are_an_error() -> None:
    @component
    def Empty() -> Nodes:
        yield KnobsProvider(KnobControls(), System("x"))

    @component
    def Alone() -> Nodes:
        yield KnobControls()

    compiled = await compile_agent(Empty)
    assert (compiled.tools, dict(compiled.sections), compiled.system) == ((), {}, ("x",))
    with pytest.raises(ComponentError, match="outside of a KnobsProvider"):
        await compile_agent(Alone)


async def test_a_component_inside_a_provider_reads_and_sets_the_knobs() -> None:
    @component
    def Own() -> Nodes:
        access = use_knobs_context()
        use_on_mount(lambda: access.set("depth", 7))
        yield System(", ".join(f"{each.name}={each.value}" for each in access.listed()))

    @component
    def Root() -> Nodes:
        use_knob("depth", 3)
        yield KnobsProvider(Own())

    async with render_agent(Root) as agent:
        await agent.tick()
        assert (await agent.tick()).system == ("depth=7",)


async def test_the_program_sets_a_knob_from_its_value_or_default_and_only_to_what_fits() -> None:
    setters: list[SetSessionState[int]] = []

    @component
    def Root() -> Nodes:
        depth, set_depth = use_knob("depth", 3, min=1, max=5)
        setters.append(set_depth)
        yield System(str(depth))

    async with render_agent(Root) as agent:
        await agent.tick()
        setters[0].update(lambda depth: depth + 1)
        assert (await agent.tick()).system == ("4",)
        with pytest.raises(ValidationError, match='The knob "depth" cannot be set: must be at most 5'):
            setters[0](9)
        assert (await agent.tick()).system == ("4",)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_knob_is_no_number_that_json_does_not_know(value: float) -> None:
    assert Knob(0.5, min=0).problem(value) == "must be a finite number"
