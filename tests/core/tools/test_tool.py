"""Tools as values: made from functions and parts, called, changed, described."""

import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from agentick_core.errors import ToolInputError, ValidationError
from agentick_core.messages.blocks import JsonBlock, TextBlock
from agentick_core.tools.context import ToolContext
from agentick_core.tools.tool import Tool, create_tool, tool


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: The first.
        b: The second,
            which may be left out.
    """
    return a + b


def test_a_bare_decorator_takes_name_description_and_schema_from_the_function() -> None:
    definition = add.definition()
    assert (definition.name, definition.description) == ("add", "Add two numbers.")
    assert definition.input_schema == {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "The first."},
            "b": {"type": "integer", "default": 1, "description": "The second, which may be left out."},
        },
        "required": ["a"],
        "additionalProperties": False,
    }


def test_a_tool_is_still_the_function_that_it_was_made_of() -> None:
    total: int = add(2, b=3)
    assert total == 5


def test_options_given_to_the_decorator_are_what_the_definition_shows() -> None:
    @tool(name="quit", audience="user", aliases=["exit"], effects={"read"}, requires_confirmation=True)
    async def leave() -> None:
        """Leave."""

    definition = leave.definition()
    assert (definition.name, definition.audience, definition.aliases) == ("quit", "user", ("exit",))
    assert definition.effects == {"read"}
    assert (definition.intent, add.definition().intent) == ("compute", "compute")
    assert leave.replace(intent="action").definition().intent == "action"
    assert definition.requires_confirmation


def test_replace_gives_another_tool_and_leaves_the_first_alone() -> None:
    other = add.replace(name="plus", description="Sum.", parallel=False)
    assert (other.name, other.description, other.options.parallel) == ("plus", "Sum.", False)
    assert (add.name, add.description, add.options.parallel) == ("add", "Add two numbers.", True)
    assert other(1, 2) == 3


def test_a_key_is_given_to_a_copy_since_a_tool_may_stand_in_many_places() -> None:
    keyed = add.key(7)
    assert (keyed.node_key, add.node_key) == ("7", None)


async def test_run_validates_and_gives_blocks() -> None:
    assert await add.run({"a": 1, "b": "2"}) == (JsonBlock(3),)
    with pytest.raises(ToolInputError, match=r"^Validation failed: a: "):
        await add.run({"a": "one"})


async def test_a_tool_that_is_run_directly_has_no_context() -> None:
    @tool
    async def who(ctx: ToolContext) -> str:
        return repr(ctx)

    assert await who.run({}) == (TextBlock("None"),)
    assert who.definition().input_schema["properties"] == {}


async def test_a_tool_made_of_parts_gives_its_function_as_many_arguments_as_it_takes() -> None:
    def none() -> str:
        return "none"

    def one(input: Any) -> str:
        return f"one {input}"

    def three(input: Any, ctx: Any, deps: Any) -> str:
        return f"three {input} {ctx} {dict(deps)}"

    run = [await create_tool(name="x", handler=fn).run({"n": 1}) for fn in (none, one, three)]
    assert run == [
        (TextBlock("none"),),
        (TextBlock("one {'n': 1}"),),
        (TextBlock("three {'n': 1} None {}"),),
    ]


async def test_the_input_of_a_dataclass_reaches_the_function_as_one() -> None:
    @dataclass
    class Place:
        path: str
        line: int = 1

    def show(place: Place) -> str:
        return f"{type(place).__name__} {place.path}:{place.line}"

    opened = create_tool(name="open", input=Place, handler=show)
    assert await opened.run({"path": "a.py"}) == (TextBlock("Place a.py:1"),)
    with pytest.raises(ToolInputError, match="path"):
        await opened.run({"line": 2})


async def test_an_async_generator_gives_all_its_blocks() -> None:
    @tool
    async def count(to: int) -> AsyncIterator[str]:
        """Count."""
        for number in range(to):
            yield str(number)

    assert await count.run({"to": 2}) == (TextBlock("0"), TextBlock("1"))


@pytest.mark.parametrize("name", ["", "two words", "ü", "a" * 65, "a.b", "a\n"])
def test_a_name_that_providers_refuse_is_refused_when_the_tool_is_made(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot be named"):
        create_tool(name=name, handler=lambda: None)


def test_an_alias_is_one_word() -> None:
    with pytest.raises(ValidationError, match="alias"):
        create_tool(name="x", handler=lambda: None, aliases=["a b"])


def test_a_server_tool_needs_a_function_and_others_do_not() -> None:
    with pytest.raises(TypeError, match="no handler"):
        create_tool(name="x")
    assert isinstance(create_tool(name="x", type="client"), Tool)


def test_only_a_function_can_be_decorated() -> None:
    with pytest.raises(TypeError, match="needs a function"):
        tool(len)


async def later(input: Mapping[str, Any]) -> str:
    """Say something that would have to be awaited."""
    return str(input)


@pytest.mark.parametrize("option", ["display_summary", "approval_key"])
def test_what_nobody_would_await_is_refused_when_the_tool_is_made(option: str) -> None:
    options: Any = {option: later}
    with pytest.raises(ValidationError, match=f"as its {option}: it is async"):
        create_tool(name="add", handler=add.fn, **options)
    with pytest.raises(ValidationError, match=f"as its {option}: it is async"):
        add.replace(**options)


def test_a_summary_that_raises_is_no_summary() -> None:
    told = add.replace(display_summary=lambda input: f"add {input['a']}")
    assert told.summary({"a": 1}) == "add 1"
    assert told.summary({}) is None
    assert add.summary({"a": 1}) is None


def test_making_and_calling_tools_does_not_import_pydantic() -> None:
    program = (
        "import sys\n"
        "import agentick_core.tools.execute, agentick_core.tools.host\n"
        "from agentick_core.tools.tool import tool\n"
        "@tool\n"
        "def f(x: int) -> int:\n"
        "    return x\n"
        "assert f(1) == 1\n"
        "assert 'pydantic' not in sys.modules\n"
        "assert f.definition().input_schema['properties']\n"
        "assert 'pydantic' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        {"audience": "users"},
        {"audience": ["user"]},
        {"type": "remote"},
        {"intent": "read"},
        {"intent": None},
        {"effects": "write"},
        {"effects": ["writes"]},
        {"effects": 3},
    ],
    ids=str,
)
def test_an_option_that_is_a_choice_refuses_what_is_none_and_names_the_choices(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"as its {next(iter(wrong))}") as refused:
        tool(**wrong)(weather)
    assert ", " in refused.value.hint


@pytest.mark.parametrize(
    "wrong",
    ["openai", None, {"openai": True}, {"openai": {"strict": object}}, {"openai": {1: 2}}, {1: {}}],
    ids=str,
)
def test_what_a_provider_is_told_of_a_tool_is_json_by_its_name(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="as its provider_options"):
        add.replace(provider_options=wrong)


def test_what_a_provider_is_told_of_a_tool_does_not_change_with_what_it_was_made_of() -> None:
    given = {"openai": {"strict": True}}
    told = add.replace(provider_options=given)
    given["openai"]["strict"] = False
    assert told.definition().provider_options == {"openai": {"strict": True}}


def test_an_option_that_a_tool_does_not_have_is_an_error_that_names_those_it_has() -> None:
    wrong: dict[str, Any] = {"confirm": True}
    with pytest.raises(TypeError, match=r"no option 'confirm'; known are .*requires_confirmation"):
        tool(**wrong)(weather)


def weather(town: str) -> str:
    """Tell the weather."""
    return f"rain in {town}"
