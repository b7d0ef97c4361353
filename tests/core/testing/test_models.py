"""Models that tests write: scripted ones, strict both ways, and functions."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from agentick_core import Timeline
from agentick_core.errors import OverloadedError
from agentick_core.messages.blocks import ReasoningBlock, TextBlock, ToolUseBlock
from agentick_core.messages.message import AssistantMessage, Message
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.deltas import MessageClosed, MessageOpened, ModelDelta, TextDelta
from agentick_core.models.model import ChatModel
from agentick_core.testing.compile import compile_agent
from agentick_core.testing.function_model import FunctionModel
from agentick_core.testing.scripted import ScriptedModel, UnexpectedCallError, UnusedStepsError, call, reply
from tests.core.models.asking import answer_from, asking, deltas_from

HI = asking("Hi")


async def test_each_call_gets_the_next_step_and_is_recorded():
    with ScriptedModel(call("search", query="bees"), "Bees are insects.") as model:
        first = await answer_from(model, HI)
        second = await answer_from(model, asking("And?"))

    assert [(use.name, dict(use.input), use.tool_use_id) for use in first.message.tool_uses] == [
        ("search", {"query": "bees"}, "call_1")
    ]
    assert (first.stop_reason, second.stop_reason) == ("tool_use", "stop")
    assert second.message.text == "Bees are insects."
    assert second.usage == Usage(10, 5, 15, ticks=1)
    assert [request.messages[0].text for request in model.requests] == ["Hi", "And?"]


async def test_an_unexpected_call_fails():
    model = ScriptedModel("One")
    await answer_from(model, HI)

    with pytest.raises(UnexpectedCallError, match="call 2"):
        await answer_from(model, HI)


async def test_unused_steps_fail_in_every_way_of_ending():
    model = ScriptedModel("One", "Two")
    await answer_from(model, HI)

    with pytest.raises(UnusedStepsError, match="1 of 2"):
        model.assert_done()
    with pytest.raises(UnusedStepsError):
        await model.aclose()
    with pytest.raises(UnusedStepsError), model:
        pass


async def test_another_failure_is_not_hidden_by_unused_steps():
    with pytest.raises(KeyError), ScriptedModel("One"):
        raise KeyError


async def test_a_reply_has_reasoning_content_and_several_calls():
    step = reply(
        ["Wait.", TextBlock(" So.")],
        reasoning="hm",
        calls=[call("a"), call("b", x=1)],
        usage=Usage(1, 2, 3),
        chunk=2,
    )
    with ScriptedModel(step) as model:
        answer = await answer_from(model, HI)

    assert answer.message.content == (
        ReasoningBlock("hm"),
        TextBlock("Wait."),
        TextBlock(" So."),
        ToolUseBlock("call_1", "a", {}, "call_1"),
        ToolUseBlock("call_2", "b", {"x": 1}, "call_2"),
    )
    assert answer.usage == Usage(1, 2, 3, ticks=1)


async def test_a_stop_reason_can_be_given():
    assert (
        await answer_from(ScriptedModel(reply("So", stop_reason="max_tokens")), HI)
    ).stop_reason == "max_tokens"


@pytest.mark.parametrize("step", [OverloadedError("Busy."), reply("Half", error=OverloadedError("Busy."))])
async def test_a_step_may_be_an_error(step: OverloadedError):
    with ScriptedModel(step) as model, pytest.raises(OverloadedError):
        await answer_from(model, HI)


async def test_a_stream_can_be_held_open_until_it_is_released():
    gate, heard = asyncio.Event(), list[str]()
    model = ScriptedModel(
        [TextDelta("a"), gate, TextDelta("b"), MessageClosed("stop")], reply("c", hold=gate)
    )

    async def read() -> None:
        async for delta in model.stream(HI):
            if isinstance(delta, TextDelta):
                heard.append(delta.text)
                if delta.text == "a":
                    paused.set()

    paused = asyncio.Event()
    task = asyncio.create_task(read())
    await asyncio.wait_for(paused.wait(), 5)
    assert heard == ["a"]
    gate.set()
    await task
    assert heard == ["a", "b"]
    assert (await answer_from(model, HI)).message.text == "c"


async def test_a_repeated_step_is_said_at_every_call_or_at_none():
    model = ScriptedModel.repeat("Mock response")

    assert [(await answer_from(model, HI)).message.text for _ in range(3)] == ["Mock response"] * 3
    await model.aclose()
    await ScriptedModel.repeat("unused").aclose()


def test_test_models_are_chat_models():
    assert isinstance(ScriptedModel(), ChatModel)
    assert isinstance(FunctionModel(echo), ChatModel)


def echo(request: ModelRequest) -> str:
    return "You said " + request.messages[-1].text


async def answered(request: ModelRequest) -> Message:
    return AssistantMessage(["Hm.", call("clock")])


def generated(request: ModelRequest) -> Iterator[str | ModelDelta]:
    yield MessageOpened("me")
    yield "a"
    yield TextDelta("b")


async def streamed(request: ModelRequest) -> AsyncIterator[str | ModelDelta]:
    yield "a"
    yield MessageClosed("max_tokens", Usage(1, 1, 2))
    yield "never"


async def test_a_function_may_answer_with_text_or_blocks():
    assert (await answer_from(FunctionModel(echo), HI)).message.text == "You said Hi"
    answer = await answer_from(FunctionModel(answered), HI)
    assert answer.message.content == (TextBlock("Hm."), ToolUseBlock("call_clock", "clock", {}, "call_clock"))
    assert answer.stop_reason == "tool_use"


async def test_a_function_may_stream():
    model = FunctionModel(generated)

    assert await deltas_from(model, HI) == [
        MessageOpened("me"), TextDelta("a"), TextDelta("b"), MessageClosed("stop", Usage(10, 5, 15)),
    ]  # fmt: skip
    assert model.requests == [HI]
    assert await deltas_from(FunctionModel(streamed), HI) == [
        MessageOpened("function"), TextDelta("a"), MessageClosed("max_tokens", Usage(1, 1, 2)),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [42, None], ids=str)
def test_a_step_that_is_none_is_refused_where_it_is_written(wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"A step is a text, .*, not {wrong}"):
        ScriptedModel("Hello.", wrong)


@pytest.mark.parametrize("wrong", [42, None], ids=str)
async def test_a_function_that_gives_no_answer_is_told_what_one_is(wrong: Any) -> None:
    model = FunctionModel(lambda request: wrong)
    with pytest.raises(TypeError, match=f"gives a text, .*, not {wrong}"):
        await answer_from(model, HI)


async def test_one_text_is_one_message_to_an_agent_that_is_compiled() -> None:
    compiled = await compile_agent(Timeline(), "Hello")
    assert [message.text for message in compiled.messages] == ["Hello"]
