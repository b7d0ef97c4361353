"""What a session itself publishes on its channels."""

import asyncio
from typing import Any

import pytest

from agentick_core import AbortError
from agentick_core.errors import ProviderError
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.clocks import HandClock
from tests.core.session.talk import Adder, held, seen, talking, texts


def hear(session: Any, channel: str) -> list[Any]:
    """Listen to a channel."""
    heard: list[Any] = []
    session.channel(channel).subscribe(heard.append)
    return heard


async def test_each_execution_tells_once_what_it_added_to_the_timeline() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), "three", "more"), Adder) as session:
        heard = hear(session, "timeline")
        await session.send("1+2").result
        await session.send("again").result
        assert [event.type for event in heard] == ["timeline_delta", "timeline_delta"]
        first, second = (event.payload for event in heard)
        assert [message.role for message in first["messages"]] == ["user", "assistant", "tool", "assistant"]
        assert (first["totalCount"], first["tick"]) == (4, 2)
        assert texts(second["messages"]) == ["again", "more"]
        assert (second["totalCount"], second["tick"]) == (6, 1)


async def test_the_delta_holds_what_a_tick_completed_before_the_execution_was_stopped() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), held("thr")), Adder) as session:
        heard = hear(session, "timeline")
        handle = await session.send("1+2")
        await seen(handle, "content_delta", lambda event: event.tick == 2)
        handle.abort("enough")
        with pytest.raises(AbortError):
            await handle.result
        await session.ended()
        [event] = heard
        assert [message.role for message in event.payload["messages"]] == [
            "user",
            "assistant",
            "tool",
            "assistant",
        ]


async def test_every_committed_entry_is_in_one_delta_also_that_of_an_execution_which_failed() -> None:
    async with talking(ScriptedModel("ok", ProviderError("down"), "again")) as session:
        heard = hear(session, "timeline")
        await session.send("one").result
        await session.append("aside")
        with pytest.raises(ProviderError):
            await session.send("two").result
        await session.send("three").result
        told = [(texts(event.payload["messages"]), event.payload["totalCount"]) for event in heard]
        assert told == [(["one", "ok"], 2), (["aside", "two", "three", "again"], 6)]


async def test_what_a_subscriber_publishes_reaches_every_other_after_what_it_heard() -> None:
    async with talking() as session:
        channel, heard = session.channel("sales"), list[tuple[str, str]]()

        def first(event: Any) -> None:
            heard.append(("first", event.type))
            if event.type == "sold":
                channel.publish({"type": "counted"})

        def second(event: Any) -> None:
            heard.append(("second", event.type))

        channel.subscribe(first)
        channel.subscribe(second)
        channel.publish({"type": "sold"})
        assert heard == [("first", "sold"), ("second", "sold"), ("first", "counted"), ("second", "counted")]


@pytest.mark.parametrize("model", [ScriptedModel(ProviderError("down")), ScriptedModel(held())])
async def test_an_execution_that_completed_no_tick_tells_no_delta(model: ScriptedModel) -> None:
    async with talking(model) as session:
        heard = hear(session, "timeline")
        handle = await session.send("Hello")
        await seen(handle, "model_request")
        handle.abort("enough")
        with pytest.raises((AbortError, ProviderError)):
            await handle.result
        await session.ended()
        assert heard == []


async def test_each_answer_tells_how_full_the_context_is() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), "three"), Adder) as session:
        heard = hear(session, "session:context")
        handle = await session.send("1+2")
        await handle.result
        told = [event for event in handle.events.to_list() if event.type == "context_update"]
        assert [(event.channel, event.type) for event in heard] == [("session:context", "context_update")] * 2
        assert [event.payload.input_tokens for event in heard] == [event.input_tokens for event in told]
        assert [event.payload.cumulative_usage.total_tokens for event in heard] == [15, 30]


async def test_messages_are_told_when_they_are_accepted_whoever_brings_them() -> None:
    gate = asyncio.Event()
    async with talking(ScriptedModel(reply("one", hold=gate), "two")) as session:
        heard = hear(session, "messages")
        handle = await session.send("sent")
        await seen(handle, "content_delta")
        await session.queue("queued")
        gate.set()
        await handle.result
        await session.append("appended")
        assert [(event.type, event.payload.text) for event in heard] == [
            ("message_queued", "sent"),
            ("message_queued", "queued"),
            ("message_appended", "appended"),
        ]
        assert all(event.payload.id for event in heard)


async def test_n5_an_answer_is_kept_for_five_seconds_for_a_question_that_comes_later() -> None:
    clock = HandClock()
    async with talking(clock=clock) as session:
        channel = session.channel("questions")
        channel.publish({"type": "response", "id": "old", "payload": 1})
        clock.advance(3)
        channel.publish({"type": "response", "id": "young", "payload": 2})
        clock.advance(3)
        assert (await channel.wait_for_response("young", 0.01)).payload == 2
        with pytest.raises(TimeoutError):
            await channel.wait_for_response("old", 0.01)
