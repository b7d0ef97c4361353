"""Chat Completions: how a request is written, and the liberties that servers take with the stream."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from agentick_core.messages.blocks import (
    Base64Source,
    CodeBlock,
    DocumentBlock,
    ImageBlock,
    JsonBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
)
from agentick_core.messages.message import AssistantMessage, EventMessage, ToolMessage, UserMessage
from agentick_core.messages.request import ModelOptions, ResponseFormat
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.openai import OpenAIModel
from tests.core.models.asking import answer_from, asking, served
from tests.fakes import Answer

NO_PROPERTIES: Mapping[str, Any] = {}
PNG = Base64Source("aGk=", "image/png")


def written(
    *content: Any, model: str = "m", base_url: str | None = "http://x/v1", **options: Any
) -> Mapping[str, Any]:
    shown = OpenAIModel(model, base_url=base_url).provider_input(asking(*content, **options))
    assert shown is not None
    return shown


def messages(*content: Any, **options: Any) -> list[dict[str, Any]]:
    return written(*content, **options)["messages"]


def test_a_conversation_is_written_in_roles():
    assert messages(
        "Hi", AssistantMessage("Hello"), EventMessage("it rains"), "Bye", system=("Be calm.", "", "Be kind.")
    ) == [
        {"role": "system", "content": "Be calm.\n\nBe kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "[Event] it rains"},
        {"role": "user", "content": "Bye"},
    ]


def test_a_request_without_a_message_asks_to_go_on():
    assert messages() == [{"role": "user", "content": "Continue."}]


def test_tool_calls_and_results_are_written_as_pairs():
    use, other = ToolUseBlock("c1", "add", {"a": 1}), ToolUseBlock("c2", "clock")
    result = ToolResultBlock("c1", "add", (JsonBlock(3),))

    shown = messages(
        "Hi", AssistantMessage(["So.", use, other]), "Wait", ToolMessage(result), AssistantMessage("3")
    )

    assert shown[1]["tool_calls"][0] == {
        "id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'},
    }  # fmt: skip
    assert [(message["role"], message.get("tool_call_id")) for message in shown[2:]] == [
        ("tool", "c1"), ("tool", "c2"), ("user", None), ("assistant", None),
    ]  # fmt: skip
    assert "interrupted" in shown[3]["content"]


def test_a_result_without_its_call_is_left_out():
    orphan = ToolMessage(ToolResultBlock("gone", "add", (TextBlock("3"),)))

    assert messages("Hi", orphan) == [{"role": "user", "content": "Hi"}]


def test_pictures_and_documents_go_in_and_what_cannot_becomes_text():
    shown = messages(
        UserMessage(
            [
                "See",
                ImageBlock(PNG),
                ImageBlock(UrlSource("https://x/y.png")),
                DocumentBlock(Base64Source("JVBE", "application/pdf"), title="a.pdf"),
                DocumentBlock(UrlSource("https://x/y.pdf"), title="Plan"),
                CodeBlock("x = 1", "python"),
                ReasoningBlock("secret"),
            ]
        )
    )[0]["content"]

    assert shown == [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
        {"type": "image_url", "image_url": {"url": "https://x/y.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}},
        {"type": "text", "text": "[document: Plan, https://x/y.pdf]\n\n```python\nx = 1\n```"},
    ]


def test_a_picture_that_a_tool_gave_follows_its_result():
    result = ToolResultBlock("c1", "draw", (ImageBlock(PNG),))

    shown = messages("Hi", AssistantMessage(ToolUseBlock("c1", "draw")), ToolMessage(result))

    assert shown[1]["content"] is None
    assert shown[2]["content"] == "(shown in the next message)"
    assert shown[3]["content"][1]["type"] == "image_url"


def test_tools_are_offered_with_their_schemas():
    tools = (
        ToolDefinition(
            name="add", description="Add.", input_schema={"type": "object", "properties": {"a": {}}}
        ),
        ToolDefinition(name="clock"),
    )

    assert written("Hi", tools=tools)["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "add",
                "description": "Add.",
                "parameters": {"type": "object", "properties": {"a": {}}},
            },
        },
        {
            "type": "function",
            "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}},
        },
    ]


def test_options_are_written_for_the_server_that_is_asked():
    options = ModelOptions(
        temperature=0.5,
        max_tokens=100,
        stop=("END",),
        provider_options={"openai": {"seed": 1}, "anthropic": {"x": 1}},
    )

    shown = written("Hi", options=options)
    assert {key: shown[key] for key in ("temperature", "max_tokens", "stop", "seed")} == {
        "temperature": 0.5, "max_tokens": 100, "stop": ["END"], "seed": 1,
    }  # fmt: skip
    assert "x" not in shown
    official = written("Hi", options=options, base_url=None, model="gpt-6.1-terra")
    assert official["max_completion_tokens"] == 100
    assert "temperature" not in official


def test_openais_reasoning_models_get_tools_only_without_an_effort():
    tools = (ToolDefinition(name="clock"),)

    assert written("Hi", tools=tools, base_url=None, model="gpt-6.1-terra")["reasoning_effort"] == "none"
    assert "reasoning_effort" not in written("Hi", base_url=None, model="gpt-6.1-terra")
    assert "reasoning_effort" not in written("Hi", tools=tools, model="gpt-6.1-terra")


def test_a_schema_is_strict_where_it_can_be():
    inner = {"type": "object", "properties": NO_PROPERTIES}
    loose = {"type": "object", "properties": {"a": inner, "b": NO_PROPERTIES}, "required": ["a"]}

    def format_of(schema: Mapping[str, Any]) -> dict[str, Any]:
        wanted = ResponseFormat(type="json_schema", schema=schema, name="thing")
        return written("Hi", options=ModelOptions(response_format=wanted))["response_format"]["json_schema"]

    assert format_of(loose)["strict"] is False
    strict = format_of({**loose, "required": ["a", "b"]})
    assert strict["strict"] is True
    assert strict["name"] == "thing"
    assert strict["schema"]["properties"]["a"]["additionalProperties"] is False


def test_any_json_is_asked_for_as_an_object():
    options = ModelOptions(response_format=ResponseFormat(type="json"))

    assert written("Hi", options=options)["response_format"] == {"type": "json_object"}


def sse(*chunks: Mapping[str, Any]) -> Answer:
    lines = [
        f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', **chunk})}\n\n" for chunk in chunks
    ]
    return Answer(body="".join(lines))


def chunk(delta: Mapping[str, Any], finish: str | None = None) -> Mapping[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def tool_call(name: str, arguments: Any, **fields: Any) -> Mapping[str, Any]:
    return {"tool_calls": [{**fields, "function": {"name": name, "arguments": arguments}}]}


@pytest.mark.parametrize(
    "chunks",
    [
        [tool_call("a", '{"x": 1}', id="1", index=0), tool_call("b", "{}", id="2", index=0)],
        [tool_call("a", '{"x": 1}', id="1"), tool_call("b", "{}", id="2")],
        [tool_call("a", '{"x":', id="1"), tool_call("", " 1}"), tool_call("b", "{}", id="2")],
        [tool_call("a", '{"x":', id="1", index=0), tool_call("a", " 1}", id="1", index=0), tool_call("b", "", id="2", index=1)],
        [tool_call("a", {"x": 1}, id="", index=0), tool_call("b", {}, id="", index=1)],
        [tool_call("a", '{"x": 1}', id="same", index=0), tool_call("b", "{}", id="same", index=1)],
    ],
)  # fmt: skip
async def test_however_a_server_cuts_its_tool_calls_they_are_understood(chunks: list[Mapping[str, Any]]):
    script = [sse(*map(chunk, chunks), chunk({}, "stop"))]
    async with served(OpenAIModel, script) as (model, _):
        answer = await answer_from(model, asking("Hi"))

    assert [(use.name, dict(use.input)) for use in answer.message.tool_uses] == [("a", {"x": 1}), ("b", {})]
    assert len({use.tool_use_id for use in answer.message.tool_uses}) == 2


async def test_a_server_may_leave_out_usage_model_and_done():
    async with served(OpenAIModel, [sse(chunk({"content": "Hi"}), chunk({}, "length"))]) as (model, _):
        answer = await answer_from(model, asking("Hi"))

    assert (answer.message.text, answer.stop_reason, answer.usage.total_tokens) == ("Hi", "max_tokens", 0)


async def test_reasoning_is_read_from_either_field_and_refusals_are_text():
    script = [sse(chunk({"reasoning": "hm"}), chunk({"refusal": "No."}), chunk({}, "content_filter"))]
    async with served(OpenAIModel, script) as (model, _):
        answer = await answer_from(model, asking("Hi"))

    assert answer.message.content == (ReasoningBlock("hm", provider="openai"), TextBlock("No."))
    assert answer.stop_reason == "refused"


async def test_the_environment_gives_the_address_and_the_key(monkeypatch: pytest.MonkeyPatch):
    async with served(OpenAIModel, ["Hello"]) as (_, server):
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
        model = OpenAIModel("m")
        await answer_from(model, asking("Hi"))
        await model.aclose()

    assert server.requests[0].headers["authorization"] == "Bearer from-the-environment"
