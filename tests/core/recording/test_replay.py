"""What was recorded is answered again, without a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agentick_core import (
    Component,
    Nodes,
    StreamEvent,
    System,
    Timeline,
    ToolContext,
    UserMessage,
    component,
    create_app,
    tool,
)
from agentick_core.blocks import Base64Source, ImageBlock
from agentick_core.errors import AuthenticationError, ProviderError, RateLimitError, StateError
from agentick_core.models.model import ChatModel
from agentick_core.models.retry import RetryPolicy
from agentick_core.recording import Recording
from agentick_core.testing import FunctionModel, ModelRequest, ScriptedModel, call
from tests.core.models.asking import ADAPTERS, SECRET, Adapter, served
from tests.core.recording.conversation import SCRIPT, app_with, comparable, converse
from tests.core.session.talk import Plain


@pytest.mark.parametrize("adapter", ADAPTERS, ids=["openai", "anthropic"])
async def test_a_conversation_through_a_provider_replays_into_the_same_events(
    adapter: Adapter, tmp_path: Path
) -> None:
    async with served(adapter, SCRIPT) as (model, server), app_with(model) as app:
        recorded = await converse(app)
        recording = app.sessions["garden"].get_recording()
        assert recording is not None
        assert len(server.requests) == len(SCRIPT)
        await asyncio.to_thread(recording.save, tmp_path / "bees.json")

    loaded = await asyncio.to_thread(Recording.load, tmp_path / "bees.json")
    replaying = loaded.as_model()
    async with app_with(replaying) as app:
        replayed = await converse(app)

    assert comparable(replayed) == comparable(recorded)
    replaying.assert_done()
    assert {"spawn_start", "tool_confirmation_result", "provider_request"} <= {e.type for e in replayed}
    assert SECRET not in await asyncio.to_thread((tmp_path / "bees.json").read_text)


@component
def Team() -> Nodes:
    @tool
    async def both(ctx: ToolContext) -> str:
        """Ask two at once."""
        calls = [ctx.spawn(Plain, f"you are {name}", label=name) for name in ("one", "two")]
        return " and ".join([(await each.result).response for each in calls])

    yield both
    yield Timeline()


def team(request: ModelRequest) -> Any:
    """Answer slowly, and the two children word by word in turn."""
    last = request.messages[-1]
    if last.role == "tool":
        return last.text or "done"
    if not request.tools:
        return slow(last.text)
    return call("both")


async def slow(text: str) -> AsyncIterator[str]:
    for word in f"{text}: a b c d".split(" "):
        await asyncio.sleep(0.02 if "one" in text else 0.027)
        yield f"{word} "


async def events_of(model: ChatModel, agent: Any, *texts: str) -> tuple[list[StreamEvent], Recording]:
    """Send each text, however it ends; give every event and the recording."""
    events: list[StreamEvent] = []
    async with create_app(agent, model=model, retry=RetryPolicy(retries=2, sleep=at_once)) as app:
        session = await app.session("s", recording="lightweight")
        session.on("event", events.append)
        for text in texts:
            with suppress(ProviderError):
                await session.send(text).result
        recording = session.get_recording()
        assert recording is not None
        return events, recording


async def at_once(_: float) -> None:
    """Wait for nothing."""


def without_delays(events: list[Any]) -> list[Any]:
    return [{**event, "delayMs": 0} if "delayMs" in event else event for event in events]


async def test_sub_agents_that_answered_at_once_answer_again_in_the_same_order() -> None:
    recorded, recording = await events_of(FunctionModel(team), Team, "go")
    assert len(recording.calls) == 4
    replayed, _ = await events_of(recording.as_model(), Team, "go")
    assert comparable(replayed) == comparable(recorded)


async def test_failures_and_retries_are_replayed_too() -> None:
    model = ScriptedModel(
        RateLimitError("slow down", retry_after=0.1), "after a while", AuthenticationError("no key"), "fine"
    )
    recorded, recording = await events_of(model, Plain, "one", "two", "three")
    replayed, _ = await events_of(recording.as_model(), Plain, "one", "two", "three")
    assert without_delays(comparable(replayed)) == without_delays(comparable(recorded))
    assert {"model_retry"} <= {event.type for event in replayed}


def forgetful(model: ChatModel) -> Component[...]:
    """Make an agent that lets the model sum up what no longer fits."""

    @component
    def Forgetful() -> Nodes:
        yield System("Be brief.")
        yield Timeline(max_tokens=300, strategy="summarize", summarize=model)

    return Forgetful


async def test_the_calls_for_summaries_are_on_the_tape_and_replayed_too() -> None:
    def answer(request: ModelRequest) -> str:
        return "word " * 60 if "Be brief." in request.system else "summary"

    model, texts = FunctionModel(answer), [f"question {number}" for number in range(5)]
    recorded, recording = await events_of(model, forgetful(model), *texts)
    assert len(recording.calls) == len(model.requests) > len(texts)
    replaying = recording.as_model()
    replayed, _ = await events_of(replaying, forgetful(replaying), *texts)
    assert comparable(replayed) == comparable(recorded)
    replaying.assert_done()


async def test_other_words_are_answered_by_the_next_call_of_that_shape_and_another_shape_by_none() -> None:
    _, recording = await events_of(ScriptedModel("first", "second"), Plain, "one", "two")
    model = recording.as_model()
    async with create_app(Plain, model=model) as app:
        session = await app.session()
        assert (await session.send("eins").result).response == "first"
        assert model.left == 1
        with pytest.raises(AssertionError):
            model.assert_done()
        with pytest.raises(StateError, match="no answer to this request") as caught:
            await session.send(UserMessage([ImageBlock(Base64Source("AA==", "image/png"))])).result
        assert caught.value.hint
