"""The offline model: what a newcomer sees, and that it shows every feature on request."""

import ast
import re

import pytest

from agentick_core.errors import ProviderError
from agentick_core.messages.blocks import JsonBlock, TextBlock, ToolResultBlock, ToolUseBlock
from agentick_core.messages.message import AssistantMessage, Message, ToolMessage, UserMessage
from agentick_core.messages.tool import ToolDefinition
from agentick_core.models.deltas import ReasoningTextDelta, TextDelta
from agentick_core.models.offline import OfflineModel, offline
from agentick_core.models.offline.answers import ABOUT, AGENT, CODE
from tests.core.models.asking import answer_from, asking, deltas_from

TOOLS = tuple(ToolDefinition(name=name) for name in ("add", "ask_child", "clock", "note"))


async def said(*content: Message | str, tools: tuple[ToolDefinition, ...] = TOOLS) -> Message:
    return (await answer_from(offline(pace=0), asking(*content, tools=tools))).message


@pytest.mark.parametrize(
    "question", ["hello", "What is agentick?", "help", "Tell me of bees", "Say hello", "", "<b>|*"]
)
async def test_it_says_what_it_is_and_what_can_be_tried(question: str):
    text = (await said(question)).text

    assert "offline model" in text
    assert "| `parallel` |" in text
    assert "ANTHROPIC_API_KEY" in text


async def test_an_unknown_topic_is_named_in_the_answer():
    assert "*Tell me of bees*" in (await said("Tell me of\n `bees`")).text


async def test_the_same_question_gets_the_same_answer_in_the_same_pieces():
    model = OfflineModel(pace=0)

    first = await deltas_from(model, asking("table"))
    assert first == await deltas_from(model, asking("table"))
    assert sum(isinstance(delta, TextDelta) for delta in first) > 20


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("code", "```python"),
        ("a table, please", "|:---|:---:|---:|"),
        ("list", "1. The message"),
        ("a long answer", "# A long walk"),
        ("slow", "takes its time"),
    ],
)
async def test_a_word_shows_its_kind_of_answer(word: str, shown: str):
    assert shown in (await said(word)).text


async def test_a_long_answer_is_several_screens_long():
    assert len((await said("long")).text) > 3000


async def test_it_thinks_before_it_answers_when_asked():
    deltas = await deltas_from(offline(pace=0), asking("think about a table"))
    message = await said("think about a table")

    assert isinstance(deltas[1], ReasoningTextDelta)
    assert [block.type for block in message.content] == ["reasoning", "text"]
    assert "|:---|" in message.text


NOTHING: dict[str, object] = {}


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        ("use a tool", [("clock", NOTHING)]),
        ("what time is it", [("clock", NOTHING)]),
        ("add 2 and 40", [("add", {"a": 2, "b": 40})]),
        ("add 1.5", [("add", {"a": 1.5, "b": 17})]),
        ("tools in parallel", [("clock", NOTHING), ("add", {"a": 17, "b": 25})]),
        ("note: buy honey", [("note", {"text": "buy honey"})]),
        ("something with approval", [("note", {"text": "Try agentick with a real model."})]),
        ("ask a sub-agent", [("ask_child", {"question": "What is agentick, in one sentence?"})]),
    ],
)
async def test_it_calls_the_tools_that_are_asked_for(asked: str, calls: list[tuple[str, dict[str, object]]]):
    answer = await answer_from(offline(pace=0), asking(asked, tools=TOOLS))

    assert [(use.name, dict(use.input)) for use in answer.message.tool_uses] == calls
    assert answer.stop_reason == "tool_use"
    assert answer.message.text


async def test_a_tool_that_is_not_offered_is_not_called():
    message = await said("use a tool", tools=(ToolDefinition(name="search"),))

    assert message.tool_uses == ()
    assert "`search`" in message.text


async def test_a_child_may_be_offered_under_its_short_name():
    message = await said("child", tools=(ToolDefinition(name="child"),))

    assert message.tool_uses[0].name == "child"
    assert "context window" in (await said("What is agentick, in one sentence?")).text


async def test_it_answers_with_what_the_tools_gave():
    calls = AssistantMessage(
        [ToolUseBlock("1", "clock"), ToolUseBlock("2", "add"), ToolUseBlock("3", "note")]
    )
    results = ToolMessage(
        [
            ToolResultBlock("1", "clock", (TextBlock("12:00"),)),
            ToolResultBlock("2", "add", (JsonBlock(42),)),
            ToolResultBlock(
                "3", "note", (TextBlock('{"error": "Not today.", "error_type": "X"}'),), is_error=True
            ),
        ]
    )

    message = await said("parallel", calls, results, UserMessage("[Context]\nparallel"))

    assert "**12:00**" in message.text
    assert "**42**" in message.text
    assert "did not run: Not today." in message.text
    assert message.tool_uses == ()


async def test_a_new_message_after_the_results_is_a_new_question():
    done = [
        AssistantMessage(ToolUseBlock("1", "clock")),
        ToolMessage(ToolResultBlock("1", "clock", (TextBlock("12"),))),
    ]

    assert (await said("tool", *done, "tool")).tool_uses[0].tool_use_id != "1"


async def test_call_ids_are_new_at_each_call():
    first = (await said("tool")).tool_uses[0].tool_use_id
    second = (await said("tool", AssistantMessage("x"), "tool")).tool_uses[0].tool_use_id

    assert first != second


async def test_an_error_comes_in_the_middle_of_an_answer():
    heard: list[str] = []
    with pytest.raises(ProviderError, match="you asked for") as caught:
        async for delta in offline(pace=0).stream(asking("show me an error")):
            heard += [delta.text] if isinstance(delta, TextDelta) else []

    assert "".join(heard).startswith("Here is half an answer")
    assert caught.value.hint
    assert not caught.value.retryable


async def test_it_counts_tokens_by_a_guess():
    usage = (await answer_from(offline(pace=0), asking("x" * 400, system=("y" * 400,)))).usage

    assert usage.input_tokens == 201
    assert usage.output_tokens > 50


def test_the_code_that_it_shows_is_python():
    shown = [
        code for text in (AGENT, CODE, ABOUT) for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    ]
    assert len(shown) >= 2
    assert all(ast.parse(code).body for code in shown)
