"""Messages: how a request is written, what is marked for the cache, and how reasoning goes back."""

import warnings
from collections.abc import Mapping
from typing import Any

import pytest

from agentick_core.messages.blocks import (
    Base64Source,
    DocumentBlock,
    ImageBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from agentick_core.messages.message import AssistantMessage, EventMessage, ToolMessage, UserMessage
from agentick_core.messages.request import ModelOptions, ResponseFormat
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.anthropic import AnthropicModel
from agentick_core.models.names import safe_name
from tests.core.models.asking import answer_from, asking, served
from tests.fakes import Answer

EPHEMERAL = {"type": "ephemeral"}


def written(*content: Any, model: str = "m", **options: Any) -> Mapping[str, Any]:
    shown = AnthropicModel(model).provider_input(asking(*content, **options))
    assert shown is not None
    return shown


def turns(*content: Any, **options: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """Give the turns without the marks for the cache."""
    return [
        (
            turn["role"],
            [
                {key: value for key, value in part.items() if key != "cache_control"}
                for part in turn["content"]
            ],
        )
        for turn in written(*content, **options)["messages"]
    ]


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def test_messages_become_turns_that_alternate():
    assert turns(
        "Hi", EventMessage("it rains"), AssistantMessage("Hello"), AssistantMessage("again"), "Bye"
    ) == [
        ("user", [text("Hi"), text("[Event] it rains")]),
        ("assistant", [text("Hello"), text("again")]),
        ("user", [text("Bye")]),
    ]


def test_a_conversation_begins_and_ends_with_the_user():
    assert [role for role, _ in turns(AssistantMessage("Hello"))] == ["user", "assistant", "user"]
    assert turns() == [("user", [text("Continue.")])]


def test_empty_texts_are_left_out():
    assert turns("Hi", AssistantMessage("  "), "Bye") == [("user", [text("Hi"), text("Bye")])]


def test_tool_calls_are_followed_by_their_results_with_pictures_and_failures():
    uses = [ToolUseBlock("a:1", "draw", {"x": 1}), ToolUseBlock("b", "clock"), ToolUseBlock("c", "none")]
    results = [
        ToolResultBlock("b", "clock", (), is_error=True),
        ToolResultBlock("a:1", "draw", (ImageBlock(Base64Source("aGk=", "image/png")),)),
    ]

    shown = turns("Hi", AssistantMessage(["So.", *uses]), "Wait", ToolMessage(results))

    assert shown[1][1][1] == {"type": "tool_use", "id": safe_name("a:1"), "name": "draw", "input": {"x": 1}}
    picture, failure, missing, wait = shown[2][1]
    assert picture["tool_use_id"] == safe_name("a:1")
    assert picture["content"][0]["source"] == {"type": "base64", "media_type": "image/png", "data": "aGk="}
    assert failure["is_error"] is True
    assert failure["content"] == [text("(no output)")]
    assert "interrupted" in missing["content"][0]["text"]
    assert wait == text("Wait")


def test_media_that_is_not_taken_becomes_text():
    shown = turns(
        UserMessage(
            [
                ImageBlock(Base64Source("aGk=", "image/tiff"), alt_text="a bee"),
                DocumentBlock(Base64Source("JVBE", "application/pdf")),
            ]
        )
    )[0][1]

    assert shown[0] == text("[image: a bee]")
    assert shown[1]["source"]["media_type"] == "application/pdf"


def test_what_stays_the_same_is_marked_for_the_cache():
    tools = (ToolDefinition(name="a"), ToolDefinition(name="b"))
    shown = written(
        "One",
        AssistantMessage("1"),
        "Two",
        AssistantMessage("2"),
        "Three",
        "[Context]\nnow",
        tools=tools,
        system=("S", "T"),
    )

    assert [tool.get("cache_control") for tool in shown["tools"]] == [None, EPHEMERAL]
    assert [part.get("cache_control") for part in shown["system"]] == [None, EPHEMERAL]
    marked = [
        part["text"] for turn in shown["messages"] for part in turn["content"] if "cache_control" in part
    ]
    assert marked == ["Two", "Three"]


def test_the_most_an_answer_may_take_comes_from_the_catalog():
    assert written("Hi", model="claude-sonnet-5-5")["max_tokens"] == 128_000
    assert written("Hi", model="unknown")["max_tokens"] == 8_192
    assert written("Hi", options=ModelOptions(max_tokens=5))["max_tokens"] == 5


def test_options_that_the_protocol_has_are_written():
    wanted = ResponseFormat(type="json_schema", schema={"type": "object", "properties": {}})
    options = ModelOptions(
        temperature=0.5,
        stop=("END",),
        response_format=wanted,
        provider_options={"anthropic": {"metadata": {"user_id": "u"}}},
    )

    shown = written("Hi", options=options)

    assert shown["stop_sequences"] == ["END"]
    assert shown["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert shown["metadata"] == {"user_id": "u"}
    assert "temperature" not in shown


def test_models_that_think_by_themselves_show_a_summary():
    assert written("Hi", model="claude-opus-5-5")["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert "thinking" not in written("Hi", model="claude-haiku-4-5")


@pytest.mark.parametrize(
    ("block", "sent"),
    [
        (ReasoningBlock("hm", "sig", provider="anthropic", metadata={"model": "m"}), ["thinking", "text"]),
        (ReasoningBlock("hm", "sig", provider="anthropic", metadata={"model": "other"}), ["text"]),
        (ReasoningBlock("hm", "sig", provider="openai"), ["text"]),
        (ReasoningBlock("hm", provider="anthropic"), ["text"]),
        (ReasoningBlock("", "sig", provider="anthropic"), ["thinking", "text"]),
        (ReasoningBlock("", None, "data", provider="anthropic"), ["redacted_thinking", "text"]),
    ],
)
def test_reasoning_goes_back_only_to_the_model_it_came_from(block: ReasoningBlock, sent: list[str]):
    assert [part["type"] for part in turns("Hi", AssistantMessage([block, "So."]), "Bye")[1][1]] == sent


async def test_reasoning_comes_with_what_is_needed_to_send_it_back():
    async with served(AnthropicModel, [Answer(reasoning=["hm"], text=["So."]), "Fine."]) as (model, server):
        answer = await answer_from(model, asking("Hi"))
        await answer_from(model, asking("Hi", answer.message, "Bye"))

    assert answer.message.content == (
        ReasoningBlock("hm", "fake-signature", provider="anthropic", metadata={"model": "fake-model"}),
        TextBlock("So."),
    )
    assert server.requests[1].body["messages"][1]["content"][0] == {
        "type": "thinking", "thinking": "hm", "signature": "fake-signature",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("pause_turn", "paused"),
        ("refusal", "refused"),
        ("max_tokens", "max_tokens"),
        ("new_one", "other"),
    ],
)
async def test_stop_reasons_are_translated(said: str, meant: str):
    async with served(AnthropicModel, [Answer(text=["Hi"], stop=said)]) as (model, _):
        assert (await answer_from(model, asking("Hi"))).stop_reason == meant


async def test_a_retired_model_prints_no_warning(capfd: pytest.CaptureFixture[str]):
    async with served(AnthropicModel, ["Hi"]) as (_, server):
        model = AnthropicModel("claude-sonnet-4-5", base_url=server.base_url)
        with warnings.catch_warnings(record=True) as caught:
            await answer_from(model, asking("Hi"))
        await model.aclose()

    assert caught == []
    assert capfd.readouterr().err == ""


async def test_the_environment_gives_the_address_and_the_key(monkeypatch: pytest.MonkeyPatch):
    async with served(AnthropicModel, ["Hello"]) as (_, server):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "from-the-environment")
        model = AnthropicModel("m")
        await answer_from(model, asking("Hi"))
        await model.aclose()

    headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer from-the-environment"
    assert headers["x-api-key"] == "from-the-environment"
