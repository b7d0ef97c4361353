"""Every call of a tool has a result, whatever stops or breaks on the way: the next request is a valid one."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    create_tool,
)
from agentick_core.errors import InvalidRequestError, ProviderError
from agentick_core.session.execution.limits import Limits
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import (
    add,
    idle,
    stopped,
    talking,
    tool,
    uses_and_results,
)


def answer_tool() -> Any:
    return create_tool(name="answer", type="output", input={"type": "object"})


async def asked_again(model: ScriptedModel, session: Any) -> None:
    """The next request has a result right after each message with calls, and no result without its call."""
    await session.send("again").result
    messages = model.requests[-1].messages
    open_calls: list[str] = []
    for message in messages:
        results = [result.tool_use_id for result in message.tool_results]
        assert sorted(results) == sorted(open_calls), messages
        open_calls = [use.tool_use_id for use in message.tool_uses]
    assert open_calls == []


async def test_beat_16_calls_of_output_tools_have_a_result_like_all_others() -> None:
    model = ScriptedModel(
        reply(calls=[call("answer", n=1), call("add", a=1, b=2), call("nobody"), call("answer", n=2)]),
        "done",
        "ok",
    )
    async with talking(model, tools=[answer_tool(), add]) as session:
        result = await session.send("go").result
        assert result.outputs == {"answer": {"n": 2}}
        uses, results = uses_and_results(session)
        assert uses == results
        assert len(uses) == 4
        await asked_again(model, session)


async def test_beat_16_the_calls_of_the_last_tick_allowed_have_results() -> None:
    model = ScriptedModel(call("add", a=1, b=2), "ok")
    async with talking(model, tools=[add]) as session:
        assert (await session.send("go", max_ticks=1).result).stop_reason == "max_ticks"
        await asked_again(model, session)


@pytest.mark.parametrize(
    "kind",
    [
        "tool_call",
        "message",
        "model_response",
        "tool_result_start",
        "tool_result",
        "tool_confirmation_required",
        "entry_committed",
    ],
)
@pytest.mark.parametrize("way", ["abort", "interrupt", "close"])
async def test_beat_16_an_abort_at_any_event_leaves_no_call_without_a_result(kind: str, way: str) -> None:
    danger = add.replace(name="danger", requires_confirmation=True)
    alone = add.replace(name="alone", parallel=False)
    three = [call("alone", a=1, b=1), call("answer", n=1), call("danger", a=1, b=2), call("alone", a=1, b=1)]
    model = ScriptedModel(reply("well", calls=three), *(["ok"] if way != "close" else []))
    tools = [answer_tool(), add, danger, alone]
    async with talking(model, tools=tools) as session:
        closing: list[Any] = []

        def stop_there(event: Any) -> None:
            if event.type == "tool_confirmation_required" != kind:
                session.submit_tool_result(event.call_id, approved=True)
            if event.type == kind and session.execution is not None and session.status == "running":
                match way:
                    case "abort":
                        session.execution.abort()
                    case "interrupt":
                        session.interrupt()
                    case _:
                        closing.append(asyncio.ensure_future(session.close()))

        stop_listening = session.on("event", stop_there)
        handle = await session.send("go")
        await stopped(handle)
        await idle(session)
        await asyncio.gather(*closing)
        stop_listening()
        uses, results = uses_and_results(session)
        assert uses == results
        if way != "close":
            await asked_again(model, session)


@pytest.mark.parametrize("error", [InvalidRequestError("broken"), asyncio.CancelledError("odd")])
async def test_beat_16_a_stream_that_breaks_after_a_whole_call_leaves_no_call_without_a_result(
    error: Any,
) -> None:
    model = ScriptedModel(reply("well", calls=[call("add", a=1, b=2)], error=error), "ok")
    async with talking(model, tools=[add]) as session:
        with pytest.raises((ProviderError, AbortError)):
            await session.send("go").result
        await idle(session)
        uses, results = uses_and_results(session)
        assert uses == results
        await asked_again(model, session)


@pytest.mark.parametrize("raised", [SystemExit(3), GeneratorExit(), asyncio.CancelledError()])
async def test_beat_16_whatever_a_tool_raises_every_call_has_a_result(raised: BaseException) -> None:
    @tool
    async def odd() -> str:
        """Raise."""
        raise raised

    model = ScriptedModel(reply(calls=[call("odd"), call("add", a=1, b=2)]), "done", "ok")
    async with talking(model, tools=[odd, add]) as session:
        assert (await session.send("go").result).response == "done"
        await asked_again(model, session)


async def test_beat_16_a_runner_or_middleware_that_cancels_leaves_a_result_too() -> None:
    class Cancelling:
        """A runner that cancels the first call."""

        async def execute_tool_call(self, call: Any, tool: Any, next: Any) -> Any:
            raise asyncio.CancelledError

    async def cancel(_: Any, __: Any) -> Any:
        raise asyncio.CancelledError

    for options in ({"runner": Cancelling()}, {"tools": [add.replace(middleware=[cancel])]}):
        model = ScriptedModel(call("add", a=1, b=2), "done", "ok")
        async with talking(model, **{"tools": [add], **options}) as session:
            assert (await session.send("go").result).response == "done"
            await asked_again(model, session)


async def test_beat_16_a_time_limit_in_the_middle_of_the_tools_leaves_results() -> None:
    @tool
    async def waits() -> str:
        """Wait."""
        await asyncio.Event().wait()
        return "never"

    model = ScriptedModel(reply(calls=[call("waits"), call("add", a=1, b=2)]), "ok")
    async with talking(model, tools=[waits.replace(parallel=False), add.replace(parallel=False)]) as session:
        result = await session.send("go", limits=Limits(seconds=0.05)).result
        assert result.stop_reason == "time_limit"
        await asked_again(model, session)
