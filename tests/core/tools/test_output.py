"""What a tool says that it gives: its schema, and results held against it."""

import enum
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, computed_field
from typing_extensions import TypedDict

from agentick_core.errors import ToolResultError, ValidationError
from agentick_core.messages.blocks import Block, JsonBlock, TextBlock
from agentick_core.messages.tool import ToolResult
from agentick_core.procedures.middleware import Invocation, Next
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.execute import run_tool_call
from agentick_core.tools.options import OutputSpec
from agentick_core.tools.tool import create_tool, tool
from agentick_core.wire.events import to_wire
from tests.core.session.talk import talking
from tests.core.tools.fake_host import FakeHost, failure, text
from tests.core.tools.fake_host import call as called


class Item(BaseModel):
    name: str
    count: int = Field(default=1, ge=1)


class Order(BaseModel):
    items: list[Item]
    total: float


@dataclass
class Point:
    x: int
    y: int = 0


class Size(TypedDict):
    width: int


class Color(enum.Enum):
    RED = "red"


@dataclass
class Everything:
    day: date
    price: Decimal
    color: Color
    pair: tuple[int, str]
    sizes: dict[str, Size]
    inner: "Everything | None" = None


class Named(BaseModel):
    model_config = ConfigDict(extra="forbid")
    long_name: str = Field(alias="longName")

    @computed_field
    @property
    def length(self) -> int:
        return len(self.long_name)


class ByAlias(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    long_name: str = Field(alias="longName")


def giving(value: object, output: OutputSpec) -> Any:
    return create_tool(name="give", handler=lambda: value, output=output)


def test_the_definition_has_the_schema_of_what_the_tool_gives_and_none_where_it_does_not_say() -> None:
    assert giving(None, Point).definition().output_schema == {
        "type": "object",
        "properties": {"x": {"type": "integer"}, "y": {"type": "integer", "default": 0}},
        "required": ["x"],
    }
    assert giving(None, list[int]).definition().output_schema == {
        "type": "array",
        "items": {"type": "integer"},
    }
    given_as_it_is = {"type": "object", "required": ["n"]}
    assert giving(None, given_as_it_is).definition().output_schema == given_as_it_is
    assert giving(None, None).definition().output_schema is None


def test_a_schema_is_made_once_for_a_type() -> None:
    assert giving(None, Order).definition().output_schema is giving(1, Order).definition().output_schema


EVERYTHING = Everything(
    date(2020, 1, 2), Decimal("1.5"), Color.RED, (1, "a"), {"m": {"width": 1}},
    inner=Everything(date(2020, 1, 3), Decimal(2), Color.RED, (2, "b"), {}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("output", "value"),
    [
        (Order, Order(items=[Item(name="pear")], total=1)),
        (Order, {"items": [{"name": "pear"}], "total": 2}),
        (Point, Point(1)),
        (Size, {"width": 3}),
        (int | None, 5),
        (dict[str, float], {"a": 1}),
        (tuple[int, str], (1, "a")),
        (Everything, EVERYTHING),
        (Named, Named(longName="bee")),
        (ByAlias, ByAlias(longName="bee")),
        ({"type": "object", "properties": {"n": {"type": "integer"}}}, {"n": 1}),
    ],
)
async def test_what_fits_its_output_is_a_json_block(output: OutputSpec, value: object) -> None:
    (block,) = await giving(value, output).run({})
    assert isinstance(block, JsonBlock)


@pytest.mark.parametrize(
    ("output", "value", "told"),
    [
        (Order, {"items": [{"name": 3}], "total": 1}, "items.0.name: must be string"),
        (Order, {"items": []}, "total: is required"),
        (Order, {"items": [{"name": "a", "count": 0}], "total": "x"},
         "items.0.count: must be at least 1; total: must be number"),
        (Point, Point("one"), "x: must be integer"),  # pyright: ignore[reportArgumentType]  # nothing checks a dataclass
        (Point, [1, 2], "must be object"),
        (list[int], [1, None], "1: must be integer"),
        (tuple[int, str], [1, 2], "1: must be string"),
        (int, 1.5, "must be integer"),
        (int, True, "must be integer"),
        ({"type": "object", "required": ["n"]}, {}, "n: is required"),
    ],
    ids=str,
)  # fmt: skip
async def test_what_does_not_fit_is_a_failure_that_says_where_and_what(
    output: OutputSpec, value: object, told: str
) -> None:
    made = giving(value, output)
    with pytest.raises(ToolResultError, match=rf"does not fit its output: {told}") as refused:
        await made.run({})
    assert refused.value.details["issues"]
    result = await run_tool_call(called("give"), FakeHost(made))
    assert failure(result) == "INVALID_RETURN_TYPE"
    assert told in text(result)


@pytest.mark.parametrize(
    ("value", "blocks"),
    [
        ("nothing to order", (TextBlock("nothing to order"),)),
        (JsonBlock({"n": 1}), (JsonBlock({"n": 1}),)),
        ([TextBlock("a"), JsonBlock(1)], (TextBlock("a"), JsonBlock(1))),
        (None, ()),
    ],
)
async def test_text_and_blocks_are_left_alone(value: object, blocks: tuple[Block, ...]) -> None:
    assert await giving(value, Order).run({}) == blocks


async def test_a_stream_is_held_against_the_output_as_the_list_that_it_is() -> None:
    @tool(output=list[int])
    async def count(*, good: bool) -> Any:
        yield 1
        yield 2 if good else {}

    assert await count.run({"good": True}) == (JsonBlock([1, 2]),)
    with pytest.raises(ToolResultError, match="1: must be integer"):
        await count.run({"good": False})


async def test_what_middleware_or_a_client_gives_in_the_tools_place_has_to_fit_too() -> None:
    async def instead(call: Invocation, next: Next) -> object:
        return {"x": "far"}

    host = FakeHost(giving(Point(1), Point).replace(middleware=[instead]))
    assert failure(await run_tool_call(called("give"), host)) == "INVALID_RETURN_TYPE"

    place = create_tool(name="place", type="client", output=Point, default_result={"x": None})
    assert "x: must be integer" in text(await run_tool_call(called("place"), FakeHost(place)))


async def test_a_result_in_whole_from_middleware_is_left_alone() -> None:
    async def instead(call: Invocation, next: Next) -> object:
        return ToolResult("call_give", "give", (JsonBlock("far"),))

    host = FakeHost(giving(Point(1), Point).replace(middleware=[instead]))
    assert (await run_tool_call(called("give"), host)).content == (JsonBlock("far"),)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
@settings(max_examples=100, deadline=None)
async def test_whatever_is_returned_either_fits_or_is_told(value: Any) -> None:
    made = giving({"value": value}, dict[str, list[int]])
    fits = isinstance(value, list) and all(type(item) is int for item in cast("list[object]", value))
    try:
        await made.run({})
    except ToolResultError:
        assert not fits
    else:
        assert fits


async def test_through_a_session_the_model_reads_what_is_wrong_and_a_person_gets_the_error() -> None:
    broken = giving({"items": 3, "total": 1}, Order).replace(name="order", audience="all")
    model = ScriptedModel(call("order"), "sorry")
    async with talking(model, tools=[broken]) as session:
        await session.send("order").result
        (result,) = model.requests[1].messages[-1].tool_results
        assert result.is_error
        assert "items: must be array" in repr(result.content)
        with pytest.raises(ToolResultError, match="items: must be array"):
            await session.dispatch("order")


async def test_the_schema_of_the_output_is_told_wherever_a_definition_is() -> None:
    told: list[Any] = []
    async with talking(
        ScriptedModel("hi"), tools=[giving(1, int), giving(1, None).replace(name="any")]
    ) as session:
        session.on("event", told.append)
        await session.send("hi").result
        silent, typed = await session.get_tool_definitions()
        assert (silent.output_schema, typed.output_schema) == (None, {"type": "integer"})
    (request,) = [to_wire(event) for event in told if event.type == "model_request"]
    silent, typed = request["input"]["tools"]
    assert typed["outputSchema"] == {"type": "integer"}
    assert "outputSchema" not in silent


@pytest.mark.parametrize("wrong", ["text", 3, [int], len, {"type": int}, {1: 2}], ids=str)
def test_what_is_no_output_is_refused_when_the_tool_is_made(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="as its output"):
        giving(None, wrong)


def test_a_type_without_a_schema_is_an_error_that_names_the_tool() -> None:
    class Opaque:
        pass

    with pytest.raises(TypeError, match="Tool 'give': its output"):
        giving(None, Opaque).definition()
