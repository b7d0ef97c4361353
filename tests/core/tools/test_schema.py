"""What a tool takes: schemas and checks from signatures, types and JSON schemas."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agentick_core.errors import ToolInputError
from agentick_core.messages.blocks import TextBlock
from agentick_core.tools.tool import create_tool, tool

if TYPE_CHECKING:
    from agentick_core.tools.context import ToolContext


def same(input: Any) -> Any:
    return input


def properties(made: Any) -> dict[str, Any]:
    return made.definition().input_schema["properties"]


def test_a_nested_tool_may_use_types_that_only_its_component_knows() -> None:
    class Local(BaseModel):
        size: int

    @tool
    def use(item: "Local", many: "list[Local]") -> int:
        return item.size + len(many)

    checked = use.validate({"item": {"size": 2}, "many": []})
    assert checked.arguments == {"item": Local(size=2), "many": []}
    assert checked.input == {"item": {"size": 2}, "many": []}


def test_a_type_that_cannot_be_resolved_is_an_error_at_decoration_that_names_tool_and_parameter() -> None:
    def lost(x: "Nowhere") -> None:  # noqa: F821  # pyright: ignore[reportUndefinedVariable, reportUnknownParameterType]  # that is the point
        """Be lost."""

    with pytest.raises(TypeError, match=r"Tool 'lost'.*parameter 'x'.*Nowhere"):
        tool(lost)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # as above


def test_a_type_without_a_schema_is_an_error_that_names_tool_and_parameter() -> None:
    class Opaque:
        pass

    @tool
    def odd(fine: int, x: Opaque) -> None:
        """Be odd."""

    with pytest.raises(TypeError, match="Tool 'odd': the parameter 'x'"):
        odd.definition()


def test_an_argument_that_cannot_be_given_by_name_is_an_error_at_decoration() -> None:
    def rest(*numbers: int) -> int:
        return sum(numbers)

    with pytest.raises(TypeError, match="'numbers' cannot be given by name"):
        tool(rest)


def test_a_context_that_is_optional_and_imported_for_the_type_checker_alone_is_no_argument() -> None:
    @tool
    def one(ctx: "ToolContext | None", n: int) -> None:
        """One."""

    assert set(properties(one)) == {"n"}


def test_dependencies_are_no_arguments() -> None:
    @tool
    def ask(question: str, db: Path) -> str:
        return f"{question} {db}"

    assert set(ask.definition({"db"}).input_schema["properties"]) == {"question"}
    with pytest.raises(ToolInputError, match="db"):
        ask.validate({"question": "?", "db": "/etc"}, {"db"})


async def test_dependencies_come_to_parameters_of_their_names() -> None:
    @tool
    def ask(question: str, db: object) -> str:
        return f"{question} {db}"

    assert await ask.run({"question": "?"}, deps={"db": "DB", "other": 1}) == (TextBlock("? DB"),)


def test_arguments_may_have_the_names_of_things_a_model_class_has() -> None:
    @tool
    def odd(json: str, schema: int, model_config: bool, _private: int, title: str = "t") -> None:
        """Be odd."""

    given = {"json": "{}", "schema": 1, "model_config": True, "_private": 2, "title": "x"}
    assert odd.validate(given).arguments == given
    assert set(properties(odd)) == set(given)


def test_what_is_unknown_is_refused_unless_the_function_takes_anything() -> None:
    @tool
    def strict(a: int) -> int:
        return a

    @tool
    def open_(a: int, **more: int) -> int:
        return a + len(more)

    with pytest.raises(ToolInputError, match="Validation failed: b: Extra inputs are not permitted"):
        strict.validate({"a": 1, "b": 2})
    assert open_.validate({"a": 1, "b": 2}).arguments == {"a": 1, "b": 2}


def test_every_mismatch_is_told_at_once_with_its_path() -> None:
    class Item(BaseModel):
        size: int

    @tool
    def put(items: list[Item], name: str) -> None:
        """Put."""

    with pytest.raises(ToolInputError) as refused:
        put.validate({"items": [{"size": 1}, {"size": "x"}]})
    assert [issue["path"] for issue in refused.value.details["issues"]] == ["items.1.size", "name"]
    assert str(refused.value).startswith("Validation failed: items.1.size: ")


def test_descriptions_come_from_the_docstring_or_from_the_annotation() -> None:
    @tool
    def find(
        a: Annotated[int, "From the annotation"],
        b: Annotated[int, Field(ge=1, description="From the field")],
        c: Annotated[int, Field(ge=1)],
        mode: Literal["fast", "slow"] = "fast",
    ) -> None:
        """Find.

        Args:
            a: Ignored.
            b (int): Ignored.
            c: From the docstring: really.
            mode: How.

        Returns:
            Nothing.
        """

    shown = {name: one.get("description") for name, one in properties(find).items()}
    assert shown == {
        "a": "From the annotation",
        "b": "From the field",
        "c": "From the docstring: really.",
        "mode": "How.",
    }
    assert properties(find)["c"]["minimum"] == 1
    assert find.definition().description == "Find."


def test_defaults_that_are_no_json_only_say_that_the_argument_may_be_left_out() -> None:
    marker = Path("/x")

    @tool
    def f(where: Path = marker, tags: tuple[str, ...] = ("a",)) -> tuple[object, object]:
        return where, tags

    assert f.definition().input_schema.get("required") is None
    assert f.validate({}).arguments == {}


def test_a_nested_tool_shares_its_schema_with_the_one_of_the_render_before() -> None:
    def render(_: int) -> Any:
        @tool
        def nested(a: int, b: Annotated[str, Field(max_length=3)] = "x") -> None:
            """Nest."""

        return nested

    first, second = render(1), render(2)
    assert first.definition().input_schema is second.definition().input_schema


def test_a_nested_tool_whose_types_or_defaults_differ_has_its_own_schema() -> None:
    def render(kind: Any, default: Any) -> Any:
        def nested(a: Any = default) -> Any:
            return a

        nested.__annotations__["a"] = kind
        return tool(nested)

    shown = [properties(render(*each))["a"] for each in ((int, 1), (str, "x"), (int, 2))]
    assert shown == [
        {"type": "integer", "default": 1},
        {"type": "string", "default": "x"},
        {"type": "integer", "default": 2},
    ]


def test_a_pydantic_model_is_the_input_and_titles_are_left_out() -> None:
    class Query(BaseModel):
        """What to look for."""

        text: str = Field(alias="q")
        title: str = ""

    made = create_tool(name="query", input=Query, handler=same)
    assert made.definition().input_schema == {
        "type": "object",
        "description": "What to look for.",
        "properties": {"q": {"type": "string"}, "title": {"type": "string", "default": ""}},
        "required": ["q"],
    }
    checked = made.validate({"q": "bees"})
    assert checked.arguments == Query(q="bees")
    assert checked.input == {"q": "bees"}


def test_an_input_that_is_no_object_is_refused() -> None:
    with pytest.raises(TypeError, match="must be an object"):
        create_tool(name="x", input=list[int], handler=same).definition()


def test_what_the_rules_see_is_what_would_run_after_conversion() -> None:
    @tool
    def delete(force: bool = False, n: int = 0) -> None:
        """Delete."""

    assert delete.validate({"force": "yes", "n": "7"}).input == {"force": True, "n": 7}


def test_a_json_schema_is_offered_and_checked_as_it_is() -> None:
    given = {"properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    made = create_tool(name="x", input=given, handler=same)
    assert made.definition().input_schema == {"type": "object", **given}
    with pytest.raises(ToolInputError, match="Validation failed: n: must be at least 1"):
        made.validate({"n": 0})


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_any_input_is_either_taken_or_refused_with_a_reason(given: dict[str, Any]) -> None:
    @tool
    def f(a: int, b: str = "") -> None:
        """Take."""

    try:
        checked = f.validate(given)
    except ToolInputError as error:
        assert str(error).startswith("Validation failed: ")
    else:
        assert isinstance(checked.arguments["a"], int)


class Author(TypedDict, total=False):
    name: str
    born: int


class Book(TypedDict):
    title: str
    authors: list[Author]
    pages: NotRequired[int]


def test_a_parameter_may_be_a_typed_dict_wherever_it_stands_in_its_type() -> None:
    @tool
    def shelve(one: Book, more: list[Book], last: Annotated[Book | None, "The last"] = None) -> str:
        return ""

    bees = {"title": "Bees", "authors": [{"name": "Maya"}]}
    checked = shelve.validate({"one": bees, "more": [bees], "last": {**bees, "pages": 3}})
    assert checked.arguments == {"one": bees, "more": [bees], "last": {**bees, "pages": 3}}
    with pytest.raises(ToolInputError, match=r"Validation failed: more\.0\.authors\.0\.born: "):
        shelve.validate({"one": bees, "more": [{"title": "Bees", "authors": [{"born": "long ago"}]}]})
    with pytest.raises(ToolInputError, match=r"Validation failed: one\.title: "):
        shelve.validate({"one": {"authors": []}, "more": []})
    assert shelve.definition().input_schema["required"] == ["one", "more"]


class Shelf:
    def __init__(self, place: str) -> None:
        self.place = place

    async def find(self, title: str, count: int = 1) -> str:
        """Find a book.

        Args:
            title: What it is called.
        """
        return f"{count} of {title} {self.place}"


async def test_a_method_of_an_object_is_a_tool_without_its_self() -> None:
    upstairs, downstairs = tool(Shelf("upstairs").find), tool(name="search")(Shelf("downstairs").find)
    assert (upstairs.name, upstairs.description) == ("find", "Find a book.")
    assert properties(upstairs)["title"] == {"type": "string", "description": "What it is called."}
    assert list(properties(downstairs)) == ["title", "count"]
    assert await upstairs.run({"title": "Bees"}) == (TextBlock("1 of Bees upstairs"),)
    assert await downstairs.run({"title": "Bees", "count": 2}) == (TextBlock("2 of Bees downstairs"),)
    with pytest.raises(ToolInputError, match="Validation failed: title: "):
        await upstairs.run({})
