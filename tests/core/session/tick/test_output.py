"""Typed output: an app that declares one gives a value of that type, however the model has to be asked for it."""

from dataclasses import dataclass
from typing import Any, TypedDict

import pytest
from pydantic import BaseModel, Field

from agentick_core import Complete, Nodes, Timeline, component, create_app
from agentick_core.errors import LimitError, OutputError
from agentick_core.models.model import ModelInfo
from agentick_core.session.execution.limits import Limits
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import Adder, Plain, roles, talking, texts


class Weather(BaseModel):
    """What the weather is like."""

    city: str
    degrees: int = Field(ge=-90, le=60)


@dataclass
class Point:
    x: int
    y: int


class Row(TypedDict):
    name: str


WITH_SCHEMA = ModelInfo(id="strict", provider="scripted", supports_json_schema=True)


async def test_a_model_without_schemas_gives_the_output_by_a_tool_and_one_tick_is_enough() -> None:
    model = ScriptedModel(call("output", city="Bonn", degrees=7))
    async with create_app(Plain, model=model, output=Weather) as app:
        session = await app.session()
        result = await session.send("Weather?").result
        assert result.output == Weather(city="Bonn", degrees=7)
        assert (result.tick, result.stop_reason, roles(session.timeline)) == (
            1,
            None,
            ["user", "assistant", "tool"],
        )
    (offered,) = model.requests[0].tools
    assert (offered.name, offered.input_schema["required"]) == ("output", ["city", "degrees"])


async def test_a_model_with_schemas_is_asked_by_its_schema_and_offered_no_tool() -> None:
    model = ScriptedModel('{"city": "Bonn", "degrees": 7}', info=WITH_SCHEMA)
    async with create_app(Plain, model=model, output=Weather) as app:
        result = await app.run("Weather?").result
        assert result.output == Weather(city="Bonn", degrees=7)
    (request,) = model.requests
    wanted = request.options.response_format
    assert wanted is not None
    assert (request.tools, wanted.type, wanted.schema is not None) == ((), "json_schema", True)
    assert wanted.schema is not None
    assert set(wanted.schema["properties"]) == {"city", "degrees"}


@pytest.mark.parametrize(
    ("kind", "given", "value"), [(Point, {"x": 1, "y": 2}, Point(1, 2)), (Row, {"name": "a"}, {"name": "a"})]
)
async def test_dataclasses_and_typed_dicts_are_outputs_too(kind: Any, given: Any, value: Any) -> None:
    async with create_app(Plain, model=ScriptedModel(call("output", **given)), output=kind) as app:
        assert (await app.run("go").result).output == value


async def test_tools_run_before_the_output_is_given() -> None:
    model = ScriptedModel(call("add", a=1, b=2), call("output", x=3, y=0))
    async with create_app(Adder, model=model, output=Point) as app:
        result = await app.run("go").result
        assert (result.output, result.tick) == (Point(3, 0), 2)


async def test_output_that_does_not_fit_is_repaired_by_the_result_of_the_call() -> None:
    model = ScriptedModel(call("output", city="Bonn", degrees=700), call("output", city="Bonn", degrees=7))
    async with create_app(Plain, model=model, output=Weather) as app:
        session = await app.session()
        result = await session.send("Weather?").result
        assert (result.output.degrees, result.tick) == (7, 2)
        assert session.timeline[2].message.tool_results[0].is_error
        assert "degrees" in str(session.timeline[2].message.tool_results[0].content)


async def test_output_that_does_not_fit_the_schema_is_asked_for_again() -> None:
    model = ScriptedModel("It rains.", '{"city": "Bonn", "degrees": 7}', info=WITH_SCHEMA)
    async with create_app(Plain, model=model, output=Weather) as app:
        session = await app.session()
        result = await session.send("Weather?").result
        assert (result.output.city, roles(session.timeline)) == (
            "Bonn",
            ["user", "assistant", "event", "assistant"],
        )
        assert "not JSON" in texts(session.timeline)[2]
        assert texts(model.requests[1])[-1] == texts(session.timeline)[2]


async def test_text_that_is_the_output_counts_where_the_tool_was_not_called() -> None:
    async with create_app(Plain, model=ScriptedModel('{"x": 1, "y": 2}'), output=Point) as app:
        assert (await app.run("go").result).output == Point(1, 2)


async def test_after_two_repairs_the_output_is_given_up_and_what_was_said_is_kept() -> None:
    model = ScriptedModel("no", call("output", x="a", y=1), "still no")
    async with create_app(Plain, model=model, output=Point) as app:
        session = await app.session()
        with pytest.raises(OutputError, match="Point"):
            await session.send("go").result
        assert len(model.requests) == 3
        assert texts(session.timeline)[1] == "no"
        assert session.status == "idle"


async def test_an_execution_that_ends_before_its_output_is_an_error() -> None:
    @component
    def Done() -> Nodes:
        yield Complete("done!")
        yield Timeline()

    async with create_app(Done, model=ScriptedModel(), output=Point) as app:
        with pytest.raises(OutputError):
            await app.run("go").result
    async with create_app(Adder, model=FunctionModel(lambda _: call("add", a=1, b=2)), output=Point) as app:
        with pytest.raises(LimitError, match="max_ticks"):
            await app.run("go", limits=Limits(ticks=2)).result


async def test_a_refusal_is_no_output_and_not_asked_again() -> None:
    model = ScriptedModel(reply("I will not.", stop_reason="refused"))
    async with create_app(Plain, model=model, output=Point) as app:
        with pytest.raises(OutputError):
            await app.run("go").result


async def test_children_of_an_app_with_an_output_answer_in_words() -> None:
    model = ScriptedModel("words")
    async with talking(model, Plain, output=Point) as session:
        result = await session.spawn(Plain, "hi").result
        assert (result.response, result.output, model.requests[0].tools) == ("words", None, ())


async def test_an_app_without_an_output_has_none() -> None:
    async with create_app(Plain, model=ScriptedModel("hi")) as app:
        result = await app.run("hi").result
        assert result.output is None


async def test_each_execution_gives_its_own_output() -> None:
    model = ScriptedModel(call("output", x=1, y=1), call("output", x=2, y=2))
    async with create_app(Plain, model=model, output=Point) as app:
        session = await app.session()
        assert [(await session.send(text).result).output for text in ("a", "b")] == [Point(1, 1), Point(2, 2)]


async def test_a_limit_that_ends_the_repairs_says_what_did_not_fit() -> None:
    model = ScriptedModel(call("output", city="Bonn", degrees=700))
    async with create_app(Plain, model=model, output=Weather, limits=Limits(ticks=1)) as app:
        session = await app.session()
        with pytest.raises(LimitError, match=r"before an answer fitted: max_ticks; .*degrees: .*60"):
            await session.send("How is it?").result
