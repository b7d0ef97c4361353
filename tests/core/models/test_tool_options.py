"""What a tool says for one provider alone, as it comes over the wire to that provider."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest

from agentick_core import Nodes, System, Timeline, component, create_app
from agentick_core.messages.message import AssistantMessage
from agentick_core.messages.request import ModelOptions
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.anthropic import AnthropicModel
from agentick_core.models.openai import OpenAIModel
from agentick_core.tools.tool import tool
from tests.core.models.asking import Adapter, asking, served

MARK = {"type": "ephemeral"}
LONG = {"type": "ephemeral", "ttl": "1h"}


@tool(
    provider_options={
        "openai": {"strict": True},
        "anthropic": {"cache_control": LONG, "eager_input_streaming": True},
        "other": {"x": 1},
    }
)
async def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@tool
async def zero() -> int:
    """Give zero."""
    return 0


@component
def Adder() -> Nodes:
    yield System("Add.")
    yield add
    yield zero
    yield Timeline()


async def sent(adapter: Adapter) -> Mapping[str, Any]:
    """Give the body of the one request that a session makes."""
    async with served(adapter, ["Hi"]) as (model, server):
        async with create_app(Adder, model=model) as app:
            session = await app.session()
            await session.send("Hi").result
        (request,) = server.requests
        return request.body


async def test_openai_gets_its_options_in_the_function_and_nobody_elses():
    with_options, without = (await sent(OpenAIModel))["tools"]

    assert with_options["function"]["strict"] is True
    assert set(with_options["function"]) == {"name", "description", "parameters", "strict"}
    assert set(with_options) == {"type", "function"}
    assert set(without["function"]) == {"name", "description", "parameters"}


async def test_anthropic_gets_its_options_in_the_tool_and_nobody_elses():
    with_options, without = (await sent(AnthropicModel))["tools"]

    assert with_options["cache_control"] == LONG
    assert with_options["eager_input_streaming"] is True
    assert set(with_options) == {
        "name", "description", "input_schema", "cache_control", "eager_input_streaming",
    }  # fmt: skip
    assert set(without) >= {"name", "description", "input_schema"}
    assert not set(without) & {"eager_input_streaming", "strict"}


async def test_what_is_sent_has_never_more_marks_than_anthropic_takes():
    assert len(marks(await sent(AnthropicModel))) <= 4


def written(*tools: ToolDefinition, **options: Any) -> Mapping[str, Any]:
    return AnthropicModel("m").provider_input(
        asking(
            "One", AssistantMessage("1"), "Two", tools=tools, system=("S",), options=ModelOptions(**options)
        )
    )


def marked(name: str, mark: object = LONG, **more: Any) -> ToolDefinition:
    return ToolDefinition(name=name, provider_options={"anthropic": {"cache_control": mark, **more}})


def marks(body: Mapping[str, Any]) -> list[str]:
    """Name what is marked: the tools and the texts."""
    parts = [
        *body.get("tools", ()),
        *body["system"],
        *(part for turn in body["messages"] for part in turn["content"]),
    ]
    return [part.get("name") or part["text"] for part in parts if part.get("cache_control")]


@pytest.mark.parametrize(
    ("tools", "wanted"),
    [
        ((ToolDefinition(name="a"), ToolDefinition(name="b")), ["b", "S", "One", "Two"]),
        ((ToolDefinition(name="a"), marked("b")), ["b", "S", "One", "Two"]),
        ((marked("a"), ToolDefinition(name="b")), ["a", "S", "One", "Two"]),
        ((marked("a"), marked("b")), ["a", "b", "S", "Two"]),
        ((marked("a"), marked("b"), marked("c")), ["a", "b", "c", "Two"]),
        ((marked("a"), marked("b"), marked("c"), marked("d")), ["a", "b", "c", "d"]),
        ((marked("a"), marked("b"), marked("c"), marked("d"), marked("e")), ["b", "c", "d", "e"]),
        ((ToolDefinition(name="a"), marked("b", None)), ["S", "One", "Two"]),
        ((ToolDefinition(name="a"), ToolDefinition(name="b", provider_options={"anthropic": {"defer_loading": True}})),
         ["a", "S", "One", "Two"]),
    ],
)  # fmt: skip
def test_a_tools_own_mark_goes_before_ours_and_there_are_never_more_than_four(
    tools: tuple[ToolDefinition, ...], wanted: list[str]
):
    body = written(*tools)
    assert marks(body) == wanted
    own = [tool for tool in tools if "cache_control" in tool.provider_options.get("anthropic", {})]
    kept = {tool["name"]: tool["cache_control"] for tool in body["tools"] if "cache_control" in tool}
    assert all(kept[tool.name] == tool.provider_options["anthropic"]["cache_control"] for tool in own[-4:])


def test_marking_leaves_the_definition_alone_and_a_mark_on_the_whole_request_counts():
    tools = tuple(marked(name) for name in "abcd")
    body = written(*tools, provider_options={"anthropic": {"cache_control": MARK}})
    assert (marks(body), body["cache_control"]) == (["b", "c", "d"], MARK)
    assert tools[0].provider_options == {"anthropic": {"cache_control": LONG}}
    assert marks(written(provider_options={"anthropic": {"cache_control": MARK}})) == ["S", "One", "Two"]


@pytest.mark.parametrize(("own", "asked"), product((True, False), (OpenAIModel, AnthropicModel)))
def test_a_tool_of_the_provider_is_named_in_its_own_words(
    own: bool, asked: type[OpenAIModel | AnthropicModel]
):
    words = {"openai": {"type": "web_search"}, "anthropic": {"type": "web_search_20250305", "max_uses": 2}}
    search = ToolDefinition(name="web_search", type="provider", provider_options=words if own else {})

    (shown,) = asked("m").provider_input(asking("Hi", tools=(search,)))["tools"]

    shown.pop("cache_control", None)
    match (own, asked is AnthropicModel):
        case (True, True):
            assert shown == {"name": "web_search", "type": "web_search_20250305", "max_uses": 2}
        case (True, False):
            assert shown == {"type": "web_search"}
        case _:
            assert shown.get("input_schema") or shown["function"]["parameters"]
