"""How large the context is: what components are told, what is refused before it is sent, what is built how often."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from agentick_core import Limits, Nodes, Section, System, Timeline, component, create_app, tool
from agentick_core.errors import ContextLengthError
from agentick_core.hooks import use_context_info
from agentick_core.messages.request import ModelRequest
from agentick_core.messages.usage import Usage
from agentick_core.models.model import ModelInfo
from agentick_core.models.openai import model as openai_model
from agentick_core.models.openai import openai
from agentick_core.models.prepared import PreparedBodies
from agentick_core.testing import ScriptedModel, assert_prefix_kept, call, reply
from tests.core.session.talk import Adder, Plain, kinds, mock, talking

if TYPE_CHECKING:
    from agentick_core.messages.context_info import ContextInfo

INFO = ModelInfo(id="small", provider="scripted", spec="scripted:small", context_window=500)


def asked_in_vain() -> ScriptedModel:
    """Make a small model that has nothing to say, because nothing reaches it."""
    return ScriptedModel(info=INFO)


async def test_l8_context_info_is_none_at_first_and_then_tells_of_the_last_tick() -> None:
    seen: list[ContextInfo | None] = []

    @component
    def Watching() -> Nodes:
        seen.append(use_context_info())
        yield System("Watch.")
        yield Timeline()

    model = ScriptedModel(
        reply("one", usage=Usage(40, 5, 45)), reply("two", usage=Usage(60, 5, 65)), info=INFO
    )
    async with create_app(Watching, model=model) as app:
        session = await app.session("s")
        await session.send("first").result
        assert set(seen) == {None}
        seen.clear()
        await session.send("second").result
        info = seen[-1]
        assert info is not None
        assert (info.model_id, info.context_window) == ("small", 500)
        assert (info.input_tokens, info.output_tokens, info.utilization) == (40, 5, 8.0)
        assert info.estimated_context_tokens == model.requests[0].estimated_tokens > 0
        assert info.cumulative_usage.input_tokens == 40


async def test_l8_context_info_of_a_tick_is_there_in_the_next_tick_of_the_execution() -> None:
    seen: list[int | None] = []

    @component
    def Watching() -> Nodes:
        info = use_context_info()
        seen.append(info.input_tokens if info else None)
        yield Adder()

    model = ScriptedModel(reply(calls=[call("add", a=1, b=2)], usage=Usage(33, 1, 34)), "three")
    async with talking(model, Watching) as session:
        await session.send("go").result
        assert (seen[0], seen[-1]) == (None, 33)


async def test_what_a_provider_does_not_report_is_estimated_and_marked_so() -> None:
    model = ScriptedModel(reply("one", usage=None), "two", info=INFO)
    async with talking(model) as session:
        handle = await session.send("some words to count")
        await handle.result
        [update] = [event for event in handle.events.to_list() if event.type == "context_update"]
        assert update.estimated
        assert update.input_tokens == model.requests[0].estimated_tokens
        later = await session.send("more")
        await later.result
        [update] = [event for event in later.events.to_list() if event.type == "context_update"]
        assert not update.estimated
        assert update.input_tokens == 10


async def test_beat_52_a_request_that_does_not_fit_is_refused_before_it_is_sent() -> None:
    model = asked_in_vain()
    async with talking(model) as session:
        with pytest.raises(ContextLengthError, match=r"about 2,\d{3} tokens, and small takes 500") as caught:
            await session.send("word " * 1600).result
        assert model.requests == []
        assert "max_tokens" in caught.value.hint
        assert [entry.message.role for entry in session.timeline] == ["user"]
        session.set_model(other := ScriptedModel("fine", info=replace(INFO, context_window=None)))
        assert (await session.send("go on").result).response == "fine"
        assert len(other.requests) == 1
        session.set_model(model)
        with pytest.raises(ContextLengthError):
            await session.send("again").result


async def test_beat_52_tools_count_too() -> None:
    @tool(description="A long story. " * 200)
    async def tell() -> str:
        return ""

    async with talking(asked_in_vain(), tools=[tell]) as session:
        with pytest.raises(ContextLengthError):
            await session.send("hi").result


async def test_beat_52_a_timeline_with_a_budget_keeps_the_request_within_the_window() -> None:
    @component
    def Bounded() -> Nodes:
        yield Timeline(max_tokens=400)

    model = ScriptedModel(*["word " * 100] * 6, info=INFO)
    async with talking(model, Bounded) as session:
        for _ in range(6):
            await session.send("and then?").result
        assert len(session.timeline) == 12


async def test_beat_52_a_timeline_as_large_as_the_window_goes_on_after_a_message_that_is_too_long() -> None:
    @component
    def Whole() -> Nodes:
        yield Timeline(max_tokens="window")

    model = ScriptedModel(*[reply("word " * 100, usage=None)] * 7, info=INFO)
    async with talking(model, Whole) as session:
        with pytest.raises(ContextLengthError):
            await session.send("word " * 1600).result
        for _ in range(7):
            await session.send("and then? " * 10).result
        assert len(session.timeline) == 15
        assert {len(request.messages) for request in model.requests} == {1, 3, 5}
        session.set_model(wide := ScriptedModel("fine", info=replace(INFO, context_window=None)))
        await session.send("all of it").result
        assert len(wide.requests[0].messages) == 16


@pytest.mark.parametrize("strategy", ["sliding-window", "truncate"])
async def test_a_full_window_is_emptied_in_steps_so_that_most_requests_begin_as_the_one_before(
    strategy: Any,
) -> None:
    @component
    def Whole() -> Nodes:
        yield System("Be brief.")
        yield Timeline(max_tokens="window", strategy=strategy)

    info = replace(INFO, context_window=2000)
    model = ScriptedModel(*[reply("word " * 20, usage=None)] * 120, info=info)
    async with talking(model, Whole) as session:
        for number in range(120):
            await session.send(f"message {number}").result
    moved = [
        number
        for number, (before, after) in enumerate(pairwise(model.requests))
        if before.messages[0].text != after.messages[0].text
    ]
    assert 2 <= len(moved) <= 12
    assert all(request.estimated_tokens <= 2000 for request in model.requests)
    for first, last in pairwise([-1, *moved]):
        assert_prefix_kept(model.requests[first + 1 : last + 1])


async def test_what_a_summary_takes_counts_for_the_execution_and_its_limits() -> None:
    writer = ScriptedModel.repeat("What was said.")

    @component
    def Summing() -> Nodes:
        yield Timeline(max_tokens=150, strategy="summarize", summarize=writer)

    model = ScriptedModel(*["word " * 60] * 3)
    async with talking(model, Summing) as session:
        usages = [(await session.send("and then?").result).usage for _ in range(3)]
        assert writer.requests
        asked = 3 + len(writer.requests)
        assert sum(usage.total_tokens for usage in usages) == 15 * asked
        assert sum(usage.ticks for usage in usages) == 3
        assert session.inspect().total_usage.total_tokens == 15 * asked
        assert session.inspect().tick_count == 3


async def test_a_summary_is_no_tick_and_leaves_the_limit_of_ticks_to_the_answer() -> None:
    writer = ScriptedModel.repeat("What was said.")

    @component
    def Summing() -> Nodes:
        yield Timeline(max_tokens=150, strategy="summarize", summarize=writer)

    async with talking(ScriptedModel(*["word " * 60] * 3), Summing, limits=Limits(ticks=1)) as session:
        results = [await session.send("and then?").result for _ in range(3)]
    assert writer.requests
    assert [(result.tick, result.stop_reason) for result in results] == [(1, None)] * 3


async def test_beat_52_estimates_are_corrected_by_what_the_provider_has_reported() -> None:
    model = ScriptedModel(reply("one", usage=Usage(480, 5, 485)), info=INFO)
    async with talking(model) as session:
        await session.send("word " * 200).result
        with pytest.raises(ContextLengthError):
            await session.send("word " * 40).result
        assert len(model.requests) == 1


async def test_l7_the_estimator_of_the_model_counts() -> None:
    model = ScriptedModel("one", info=replace(INFO, token_estimator=len))
    async with talking(model) as session:
        await session.send("12345").result
        assert model.requests[0].estimated_tokens == len("Be brief.") + 4 + 5 + 4


async def test_beat_53_the_body_of_a_request_is_built_once_and_sent_as_it_was_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[ModelRequest] = []
    original = openai_model.chat_request

    def counted(request: ModelRequest, name: str, **options: Any) -> dict[str, Any]:
        built.append(request)
        return original(request, name, **options)

    monkeypatch.setattr(openai_model, "chat_request", counted)
    sent: list[Mapping[str, Any]] = []
    model = openai("m", base_url="http://127.0.0.1:9/v1", api_key="k")

    class Refusing:
        async def post(self, path: str, *, body: Mapping[str, Any], **_: Any) -> Any:
            sent.append(body)
            raise ContextLengthError("enough seen")

    async def opened() -> Any:
        return Refusing()

    monkeypatch.setattr(model, "_opened", opened)
    async with talking(model) as session:
        handle = await session.send("hi")
        with pytest.raises(ContextLengthError):
            await handle.result
        [shown] = [event for event in handle.events.to_list() if event.type == "provider_request"]
        assert len(built) == 1
        assert sent == [shown.provider_input]
        assert "model_request" in kinds(handle)


def test_a_body_that_was_shown_is_sent_for_its_own_request_only_and_once() -> None:
    built: list[ModelRequest] = []

    def build(request: ModelRequest) -> dict[str, Any]:
        built.append(request)
        return {"system": request.system, "number": len(built)}

    bodies = PreparedBodies(build)
    one, same = ModelRequest(system=("a",)), ModelRequest(system=("a",))
    assert bodies.show(one)["number"] == 1
    assert bodies.take(same)["number"] == 2
    assert bodies.take(one)["number"] == 1
    assert bodies.take(one)["number"] == 3
    for _ in range(100):
        bodies.show(ModelRequest())
    assert bodies.take(one)["number"] == 104


@component
def Sectioned() -> Nodes:
    yield Plain()
    yield Section("x" * 40, id="s")


async def test_the_request_carries_its_estimate() -> None:
    model = mock()
    async with talking(model, Sectioned) as session:
        await session.send("1234").result
        assert model.requests[0].estimated_tokens == (3 + 4 + 4) + (10 + 4 + 4) + (1 + 4 + 4)
