"""Limits: an execution stops before it spends more than it may, and says which limit it was."""

import asyncio
from typing import Any

import pytest

from agentick_core import Model, Nodes, Timeline, ToolContext, component, run, tool
from agentick_core.errors import AbortError, LimitError, ValidationError
from agentick_core.messages.usage import Usage
from agentick_core.models.model import ModelInfo
from agentick_core.models.prices import Price
from agentick_core.session.execution.limits import Limits
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import SOON, Adder, Plain, kinds, mock, seen, talking, texts

DOLLAR = Price(input=1_000_000, output=1_000_000)
"""A dollar for each token."""


def model_of(*steps: Any, price: Price | None = None, longest: int | None = None) -> ScriptedModel:
    info = ModelInfo(id="priced", provider="scripted", price=price, max_output_tokens=longest)
    return ScriptedModel(*steps, info=info)


def adding(*, tokens: int) -> Any:
    usage = Usage(input_tokens=tokens - 1, output_tokens=1, total_tokens=tokens)
    return reply(calls=[call("add", a=1, b=2)], usage=usage)


@component
def Brief() -> Nodes:
    yield Model(max_tokens=50)
    yield Timeline()


async def test_beat_55_no_call_begins_that_could_pass_the_limit_of_tokens() -> None:
    model = model_of(adding(tokens=900))
    async with talking(model, Adder) as session:
        handle = await session.send("1+2?", limits=Limits(tokens=910))
        result = await handle.result
        assert (result.stop_reason, len(model.requests), result.usage.total_tokens) == ("token_limit", 1, 900)
        assert handle.events.to_list()[-1].stop_reason == "token_limit"
        assert kinds(handle).count("model_request") == 1
        assert texts(session.timeline)[0] == "1+2?"


async def test_beat_55_the_longest_answer_counts_before_it_is_given() -> None:
    model = model_of("ok", longest=1000)
    async with talking(model, Plain) as session:
        with pytest.raises(LimitError, match="token_limit") as caught:
            await session.send("hi", limits=Limits(tokens=1000)).result
        assert "max_tokens" in caught.value.hint
        assert (model.requests, texts(session.timeline)) == ([], ["hi"])
        assert (await session.send("hi", limits=Limits(tokens=1100)).result).response == "ok"


async def test_a_shorter_answer_that_the_tree_asks_for_counts_instead() -> None:
    async with talking(model_of("ok", longest=1000), Brief) as session:
        assert (await session.send("hi", limits=Limits(tokens=100)).result).response == "ok"


async def test_beat_55_the_cost_is_kept_by_the_price_of_the_model() -> None:
    model = model_of(adding(tokens=90), price=DOLLAR)
    async with talking(model, Adder) as session:
        result = await session.send("1+2?", limits=Limits(cost_usd=91)).result
        assert (result.stop_reason, len(model.requests)) == ("cost_limit", 1)


async def test_a_limit_on_the_cost_of_a_model_without_a_price_is_an_error_at_send() -> None:
    async with talking(model_of("ok"), Plain) as session:
        with pytest.raises(LimitError, match="price of priced is not known"):
            await session.send("hi", limits=Limits(cost_usd=1))
        assert (session.queued_messages, session.timeline) == ((), ())
        assert (await session.send("hi", limits=Limits(tokens=1000)).result).response == "ok"


async def test_a_model_that_only_the_tree_names_is_priced_as_soon_as_it_is_known() -> None:
    unpriced = model_of()

    @component
    def Named() -> Nodes:
        yield Model(unpriced)
        yield Timeline()

    with pytest.raises(LimitError, match="price"):
        await run(Named, "hi", limits=Limits(cost_usd=1)).result
    assert unpriced.requests == []


async def test_ticks_of_the_limits_are_told_like_max_ticks() -> None:
    model = FunctionModel(lambda _: call("add", a=1, b=2))
    async with talking(model, Adder, limits=Limits(ticks=12)) as session:
        result = await session.send("go").result
        assert (result.stop_reason, result.tick) == ("max_ticks", 12)
        result = await session.send("go", limits=Limits(ticks=3)).result
        assert (result.stop_reason, result.tick) == ("max_ticks", 3)
        assert (await session.send("go", limits=Limits(ticks=3), max_ticks=2).result).tick == 2


async def test_a_limit_on_the_time_ends_the_work_and_keeps_what_was_said() -> None:
    model = ScriptedModel(reply("Half an ans", hold=asyncio.Event()))
    async with talking(model, Plain) as session, asyncio.timeout(SOON):
        handle = await session.send("hi", limits=Limits(seconds=0.05))
        result = await handle.result
        assert (result.stop_reason, result.response, handle.status) == (
            "time_limit",
            "Half an ans",
            "completed",
        )
        assert session.timeline[-1].tags == ("model_output", "interrupted")
        assert session.timeline[-1].metadata == {"reason": "time_limit"}
        end = handle.events.to_list()[-1]
        assert (end.type, end.stop_reason, end.aborted, end.error) == (
            "execution_end",
            "time_limit",
            False,
            None,
        )
        assert (session.status, session.is_aborted) == ("idle", False)


async def test_a_limit_on_the_time_is_an_error_where_nothing_was_answered() -> None:
    model = ScriptedModel([asyncio.Event()], "later")
    async with talking(model, Plain) as session, asyncio.timeout(SOON):
        handle = await session.send("hi", limits=Limits(seconds=0.02))
        with pytest.raises(LimitError, match="time_limit"):
            await handle.result
        assert handle.events.to_list()[-1].stop_reason == "time_limit"
        assert (await session.send("again").result).response == "later"
        assert texts(model.requests[-1]) == ["hi", "again"]


async def test_a_limit_on_the_time_ends_the_tools_too_and_each_call_has_a_result() -> None:
    stopped: list[bool] = []

    @tool
    async def forever(ctx: ToolContext) -> str:
        """Take for ever."""
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(ctx.token.cancelled)
        return ""

    async with talking(ScriptedModel(call("forever")), tools=[forever]) as session, asyncio.timeout(SOON):
        result = await session.send("go", limits=Limits(seconds=0.05)).result
        assert (result.stop_reason, stopped, result.usage.ticks) == ("time_limit", [True], 1)
        assert session.timeline[-1].message.tool_results[0].is_error


async def test_after_a_limit_what_is_queued_waits() -> None:
    model = ScriptedModel(reply("x", hold=asyncio.Event()))
    async with talking(model, Plain) as session, asyncio.timeout(SOON):
        handle = await session.send("hi", limits=Limits(seconds=0.05))
        await seen(handle, "content_delta")
        await session.queue("more")
        await handle.result
        assert (session.status, texts(session.queued_messages)) == ("idle", ["more"])


async def test_beat_55_children_get_the_rest_and_what_they_take_counts() -> None:
    stops: list[str | None] = []

    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        child = await ctx.spawn(Adder, "1+2?").result
        stops.append(child.stop_reason)
        return child.response

    model = model_of(reply(calls=[call("ask")], usage=Usage(total_tokens=500)), adding(tokens=490))
    async with talking(model, tools=[ask]) as session:
        result = await session.send("go", limits=Limits(tokens=1000)).result
        assert (stops, result.stop_reason) == (["token_limit"], "token_limit")
        assert (result.usage.total_tokens, result.usage_tree.total_tokens) == (500, 990)


async def test_a_child_may_be_given_less_than_the_rest() -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child that may not say anything."""
        try:
            return (await ctx.spawn(Plain, "hi", limits=Limits(tokens=5)).result).response
        except LimitError as error:
            return error.message

    async with talking(model_of(call("ask"), "ok"), tools=[ask]) as session:
        result = await session.send("go", limits=Limits(tokens=10_000)).result
        assert (result.response, result.stop_reason) == ("ok", None)
        (told,) = session.timeline[2].message.tool_results
        assert "token_limit" in "".join(getattr(block, "text", "") for block in told.content)


async def test_parallel_children_share_what_is_left_while_they_ask() -> None:
    hold = asyncio.Event()
    model = model_of(reply("first", hold=hold), longest=600)
    outcomes: list[str] = []

    @tool
    async def both(ctx: ToolContext) -> str:
        """Ask two children at once."""
        first = await ctx.spawn(Plain, "one", model=model)
        await seen(first, "content_delta")
        try:
            await ctx.spawn(Plain, "two", model=model).result
        except LimitError:
            outcomes.append("refused")
        hold.set()
        outcomes.append((await first.result).response)
        return "ok"

    async with talking(ScriptedModel(call("both"), "done"), tools=[both]) as session, asyncio.timeout(SOON):
        await session.send("go", limits=Limits(tokens=1000)).result
        assert (outcomes, len(model.requests)) == (["refused", "first"], 1)


async def test_a_time_limit_of_the_parent_stops_its_children() -> None:
    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child that never answers."""
        return (await ctx.spawn(Plain, "hi", model=slow).result).response

    slow = ScriptedModel(reply("x", hold=asyncio.Event()))
    async with talking(ScriptedModel(call("ask")), tools=[ask]) as session, asyncio.timeout(SOON):
        handle = await session.send("go", limits=Limits(seconds=0.1))
        assert (await handle.result).stop_reason == "time_limit"
        ends = [event for event in handle.events.to_list() if event.type == "spawn_end"]
        assert ([event.is_error for event in ends], session.children) == ([True], ())


async def test_a_run_without_a_session_keeps_its_limits() -> None:
    model = FunctionModel(lambda _: call("add", a=1, b=2))
    result = await run(Adder, "go", model=model, limits=Limits(ticks=2)).result
    assert (result.stop_reason, result.tick) == ("max_ticks", 2)


async def test_a_limit_of_a_send_holds_for_it_alone_and_what_joins_it_brings_none() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("one", hold=hold), "two"), Plain) as session:
        first = await session.send("one")
        second = await session.send("two", limits=Limits(tokens=100_000))
        assert second is not first
        hold.set()
        assert [(await each.result).response for each in (first, second)] == ["one", "two"]


async def test_an_interrupted_execution_says_so() -> None:
    async with talking(ScriptedModel(reply("x", hold=asyncio.Event()))) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        session.interrupt()
        with pytest.raises(AbortError):
            await handle.result
        await session.ended()
        assert handle.events.to_list()[-1].stop_reason == "interrupted"


@pytest.mark.parametrize("wrong", [{"tokens": 0}, {"seconds": -1}, {"cost_usd": float("nan")}])
def test_a_limit_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limits(**wrong)


async def test_the_model_that_is_fallen_back_on_is_paid_at_its_own_price() -> None:
    from agentick_core.errors import QuotaError

    cheap = ScriptedModel(
        QuotaError("used up"), info=ModelInfo(id="cheap", provider="x", price=Price(input=0, output=0))
    )
    dear = ScriptedModel(adding(tokens=190), info=ModelInfo(id="dear", provider="x", price=DOLLAR))
    async with talking(cheap, Adder, fallback=[dear]) as session:
        result = await session.send("1+2?", limits=Limits(cost_usd=200)).result
        assert (result.stop_reason, len(dear.requests)) == ("cost_limit", 1)


async def test_mock_answers_are_free_of_limits() -> None:
    async with talking(mock(), Plain) as session:
        assert (await session.send("hi").result).stop_reason is None
