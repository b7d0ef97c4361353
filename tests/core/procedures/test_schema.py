"""The schema of a procedure: what its first argument has to be, and what the function gets of it."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from agentick_core import create_app, offline, tool
from agentick_core.errors import ToolInputError, ValidationError
from agentick_core.procedures import Invocation, Next, ProcedureEvent, create_procedure


class Order(BaseModel):
    """What a shop takes."""

    item: str
    count: int = 1


@dataclass(frozen=True)
class Note:
    """What a notebook takes."""

    text: str


COUNTED: dict[str, Any] = {"properties": {"count": {"type": "integer", "minimum": 1}}, "required": ["count"]}


async def total(order: Order, price: int, *, off: int = 0) -> int:
    return order.count * price - off


def text_of(note: Note) -> str:
    return note.text


def count_of(given: dict[str, int]) -> int:
    return given["count"]


def repeated(order: Order) -> Generator[str, None, int]:
    for _ in range(order.count):
        yield order.item
    return order.count


# Made here, as a program makes them: reading the types loads pydantic.
TOTAL = create_procedure(total, schema=Order)
TEXT = create_procedure(text_of, schema=Note)
COUNT = create_procedure(count_of, schema=COUNTED)
REPEATED = create_procedure(repeated, schema=Order)
LONGEST = create_procedure(lambda words: max(words, key=len), schema=list[str])


async def test_a_function_gets_the_first_argument_parsed_and_the_others_as_they_are() -> None:
    assert await TOTAL({"item": "bee", "count": "3"}, 5, off=1) == 14
    assert await TOTAL(Order(item="bee"), 5) == 5
    assert await TEXT({"text": "hi"}) == "hi"
    assert await LONGEST(["a", "bee"]) == "bee"


async def test_a_json_schema_leaves_the_mapping_as_it_is() -> None:
    given = {"count": 2, "more": 1}
    got: list[Any] = []
    assert await create_procedure(got.append, schema=COUNTED)(given) is None
    assert got[0] is given
    assert await COUNT(given) == 2


@pytest.mark.parametrize(
    ("procedure", "wrong", "message"),
    [
        (TEXT, {"text": 5}, "Validation failed: text: Input should be a valid string"),
        (TEXT, {}, "Validation failed: text: Field required"),
        (TEXT, 5, "Validation failed: Input should be a dictionary or an instance of Note"),
        (COUNT, {"count": 0}, "Validation failed: count: must be at least 1"),
        (COUNT, {}, "Validation failed: count: is required"),
        (COUNT, "two", "Validation failed: must be object"),
        (LONGEST, ["a", 5], "Validation failed: 1: Input should be a valid string"),
        (REPEATED, {"item": 5}, "Validation failed: item: Input should be a valid string"),
    ],
)
async def test_what_does_not_fit_fails_the_call_and_says_where(
    procedure: Any, wrong: Any, message: str
) -> None:
    call = procedure(wrong)
    with pytest.raises(ValidationError) as caught:
        await call
    assert (caught.value.message, call.status) == (message, "error")
    assert caught.value.details["issues"]


async def test_the_error_is_worded_as_that_of_a_command() -> None:
    @tool
    async def note(text: str) -> str:
        """Note it."""
        return text

    async with create_app({"tools": [note]}, model=offline()) as app:
        session = await app.session()
        with pytest.raises(ToolInputError) as of_command:
            await session.dispatch("note", {"text": 5})
    with pytest.raises(ValidationError) as of_procedure:
        await TEXT({"text": 5})
    assert of_procedure.value.message == of_command.value.message
    assert type(of_procedure.value) is ValidationError


async def test_the_first_argument_is_checked_by_its_name_too() -> None:
    by_name: Any = COUNT
    assert await by_name(given={"count": 4}) == 4
    with pytest.raises(ValidationError, match="count: is required"):
        await by_name(given={})


async def test_what_is_left_out_is_for_the_function_to_say() -> None:
    async def either(given: dict[str, int] | None = None) -> str:
        return "default" if given is None else "given"

    assert await create_procedure(either, schema=COUNTED)() == "default"
    nothing: Any = COUNT
    with pytest.raises(TypeError, match="given"):
        await nothing()


async def test_middleware_sees_what_was_given_and_what_it_puts_in_place_is_checked() -> None:
    seen: list[Any] = []

    async def mend(call: Invocation, next: Next) -> Any:
        seen.append(call.args[0])
        return await next(call.replace({"text": "mended"}))

    async def spoil(call: Invocation, next: Next) -> Any:
        return await next(call.replace({"text": 5}))

    assert await TEXT.use(mend)({"text": 5}) == "mended"
    assert seen == [{"text": 5}]
    with pytest.raises(ValidationError, match="Validation failed: text"):
        await TEXT.use(spoil)({"text": "fine"})


async def test_a_trace_hears_of_what_did_not_fit() -> None:
    told: list[ProcedureEvent] = []
    with pytest.raises(ValidationError):
        await TEXT.with_context(trace=told.append)({})
    assert [event.type for event in told] == ["procedure:start", "procedure:error"]


async def test_a_generator_gets_its_argument_parsed() -> None:
    call = REPEATED({"item": "bee", "count": 2})
    assert [chunk async for chunk in call] == ["bee", "bee"]
    assert await call == 2


class Unread:
    """A type that nothing can be parsed into."""


@dataclass
class Holding:
    """A dataclass with such a field."""

    it: Unread


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        "Note",
        text_of,
        Unread,
        Holding,
        {"type": "objekt"},
        {"properties": {"a": {"items": 5}}},
        {"anyOf": {}},
    ],
    ids=["number", "text", "function", "unread", "holding", "unknown type", "wrong items", "wrong anyOf"],
)
def test_a_wrong_schema_is_refused_when_the_procedure_is_made(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="is no schema") as caught:
        create_procedure(text_of, schema=wrong)
    assert caught.value.hint
