"""Entries written from outside: at their place in the timeline, told to the hooks, answered only where wanted."""

import asyncio
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, component, use_session_state
from agentick_core.errors import SessionClosedError, ValidationError
from agentick_core.hooks import use_on_entry, use_on_event
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, reply
from tests.core.session.talk import SOON, Plain, mock, roles, seen, talking, texts


async def test_an_appended_message_is_in_the_timeline_and_no_model_is_asked() -> None:
    model = mock()
    async with talking(model) as session:
        events: list[Any] = []
        published: list[Any] = []
        session.on("event", events.append)
        session.channel("messages").subscribe(published.append)
        entry = await session.append({"role": "assistant", "content": "I was restarted."})
        assert (entry.id != "", session.timeline, model.requests) == (True, (entry,), [])
        assert [(event.type, event.timeline_index) for event in events] == [("entry_committed", 0)]
        assert [(event.type, event.payload.text) for event in published] == [
            ("message_appended", "I was restarted.")
        ]
        await session.send("Why?").result
        assert texts(model.requests[0]) == ["I was restarted.", "Why?"]


async def test_an_appended_message_with_a_trigger_is_answered() -> None:
    async with talking(mock()) as session:
        handle = await session.append("hi", trigger=True)
        assert (await handle.result).response == "Mock response"
        assert (await session.append("again", trigger=True).result).response == "Mock response"
        assert texts(session.timeline) == ["hi", "Mock response", "again", "Mock response"]


async def test_an_observed_event_is_an_entry_of_its_own_role() -> None:
    model = mock()
    async with talking(model) as session:
        entry = await session.observe({"type": "door", "content": "The door opened.", "metadata": {"n": 1}})
        assert (entry.message.role, entry.message.text) == ("event", "The door opened.")
        assert entry.message.metadata == {"n": 1, "event_type": "door"}
        await session.observe("alarm")
        result = await session.observe("fire", "It burns.", trigger=True).result
        assert result.response == "Mock response"
        assert texts(model.requests[0]) == ["The door opened.", "alarm", "It burns."]
        assert roles(session.timeline) == ["event", "event", "event", "assistant"]


async def test_hooks_are_told_of_entries_and_of_events_and_mount_for_it() -> None:
    told: list[str] = []

    @component
    def Listening() -> Nodes:
        count, set_count = use_session_state("count", 0)
        use_on_entry(lambda event: told.append(event.entry.message.text))

        @use_on_event
        def note(event: Any) -> None:
            set_count(count + 1)

        yield Timeline()

    async with talking(mock(), Listening) as session:
        await session.append("one")
        await session.observe("two")
        assert (told, session.snapshot().com_state) == (["one", "two"], {"count": 1})


async def test_what_is_appended_while_the_model_answers_is_shown_in_the_next_tick() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply("first", hold=hold), "second")
    async with talking(model) as session, asyncio.timeout(SOON):
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        joined = await session.observe("alarm", trigger=True)
        assert joined is handle
        hold.set()
        result = await handle.result
        assert (result.response, result.tick) == ("second", 2)
        assert texts(session.timeline) == ["alarm", "hi", "first", "second"]
        assert sorted(texts(model.requests[1])) == ["alarm", "first", "hi"]


async def test_appended_entries_are_stored() -> None:
    store = MemoryStore()
    async with talking(mock(), store=store) as session:
        await session.append("kept")
    snapshot = await store.load("s")
    assert snapshot is not None
    assert texts(snapshot.timeline) == ["kept"]


@pytest.mark.parametrize("wrong", [{"content": "x"}, {"type": "x", "colour": "red"}, {"type": 5}])
async def test_an_event_without_a_type_or_with_another_field_is_refused(wrong: Any) -> None:
    async with talking(mock()) as session:
        with pytest.raises(ValidationError):
            await session.observe(wrong)
        assert session.timeline == ()


async def test_a_closed_session_takes_no_entries() -> None:
    async with talking(mock(), Plain) as session:
        await session.close()
        with pytest.raises(SessionClosedError):
            await session.append("late")
