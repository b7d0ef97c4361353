"""Agents as data: what an agent config shows the model, and wherever it may be given."""

from typing import Any

import pytest

from agentick_core import Section, create_app, run
from agentick_core.errors import PropsError, ValidationError
from agentick_core.hooks import knob
from agentick_core.session.app.agent_config import AgentConfig
from agentick_core.testing import FunctionModel, ScriptedModel, call, compile_agent
from tests.core.session.talk import Plain, add, mock, talking

GARDENER: AgentConfig = {
    "system": ["You garden.", "Be brief."],
    "tools": [add],
    "knobs": {"depth": 3, "style": knob("short", options=("short", "long"))},
    "sections": {"weather": "It rains.", "soil": Section("Dry.", id="soil", position="end")},
    "max_ticks": 2,
}


async def test_an_agent_config_is_spawned_like_a_component() -> None:
    model = ScriptedModel("green")
    async with talking(mock()) as session:
        events: list[Any] = []
        session.on("event", events.append)
        result = await session.spawn({**GARDENER, "model": model}, "What grows?").result
        assert result.response == "green"
        assert [event.component_name for event in events if event.type == "spawn_start"] == [
            "ConfiguredAgent"
        ]
    (request,) = model.requests
    assert request.system[:2] == ("You garden.", "Be brief.")
    assert request.sections["weather"] == "It rains."
    assert [tool.name for tool in request.tools] == ["add", "set_knob"]
    assert "depth" in request.sections["knobs"]
    assert request.messages[0].text == "What grows?"


async def test_the_ticks_of_a_config_hold_and_those_of_the_spawn_win() -> None:
    model = FunctionModel(lambda _: call("add", a=1, b=2))
    async with talking(model) as session:
        assert (await session.spawn(GARDENER, "go").result).tick == 2
        assert (await session.spawn(GARDENER, "go", max_ticks=3).result).tick == 3


async def test_a_model_may_be_named_by_its_spec() -> None:
    async with talking(mock()) as session:
        result = await session.spawn({"system": "Be brief.", "model": "offline"}, "hi").result
        assert result.response != "Mock response"
        result = await session.spawn(Plain, "hi", model="offline").result
        assert result.response != "Mock response"


async def test_an_app_and_a_run_and_a_session_take_an_agent_config_too() -> None:
    model = ScriptedModel("one", "two", "three")
    async with create_app({"system": "Be brief.", "model": model}) as app:
        assert (await app.run("hi").result).response == "one"
        session = await app.session("s", root={"system": "Be long."})
        assert (await session.send("hi").result).response == "two"
        assert (await run({"system": "Be odd."}, "hi", model=model).result).response == "three"
    assert [request.system for request in model.requests] == [("Be brief.",), ("Be long.",), ("Be odd.",)]


async def test_an_unknown_key_is_an_error_that_names_it_and_those_there_are() -> None:
    wrong: Any = {"system": "x", "instructions": "y"}
    with pytest.raises(ValidationError, match="'instructions'") as caught:
        create_app(wrong)
    assert "sections" in caught.value.hint
    async with talking(mock()) as session:
        with pytest.raises(ValidationError, match="'instructions'"):
            await session.spawn(wrong, "hi")
        assert session.children == ()


async def test_an_agent_config_takes_no_props_of_its_own() -> None:
    async with talking(mock()) as session:
        with pytest.raises(PropsError):
            await session.spawn({"system": "x"}, "hi", props={"colour": "red"})


async def test_without_knobs_nothing_is_said_of_them() -> None:
    from agentick_core.session.app.agent_config import ConfiguredAgent

    compiled = await compile_agent(ConfiguredAgent({"system": "x"}), ["hi"])
    assert (compiled.tools, compiled.system) == ((), ("x",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": 3},
        {"system": ["x", 3]},
        {"tools": ["add"]},
        {"knobs": ["depth"]},
        {"sections": ["It rains."]},
        {"max_ticks": 0},
        {"model": 3},
    ],
    ids=str,
)
async def test_a_value_that_means_nothing_is_refused_where_the_config_is_given(wrong: Any) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        create_app(wrong)
    async with talking(mock()) as session:
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            await session.spawn(wrong, "hi")
