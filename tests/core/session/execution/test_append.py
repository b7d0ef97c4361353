"""Entries written from outside: at their place in the timeline, told to the hooks, answered only where wanted."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, component, tool, use_session_state
from agentick_core.errors import SessionClosedError, ValidationError
from agentick_core.hooks import use_data, use_on_entry, use_on_event
from agentick_core.session.tick import streamed
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.stores import loaded
from tests.core.session.talk import SOON, Adder, Plain, mock, roles, seen, talking, texts, told


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
    heard: list[str] = []

    @component
    def Listening() -> Nodes:
        count, set_count = use_session_state("count", 0)
        use_on_entry(lambda event: heard.append(event.entry.message.text))

        @use_on_event
        def note(event: Any) -> None:
            set_count(count + 1)

        yield Timeline()

    async with talking(mock(), Listening) as session:
        await session.append("one")
        await session.observe("two")
        assert (heard, session.snapshot().com_state) == (["one", "two"], {"count": 1})


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
        assert texts(session.timeline) == ["hi", "alarm", "first", "second"]
        assert texts(model.requests[1]) == ["hi", "alarm", "first"]


@pytest.mark.parametrize(
    "when", ["compiled", "middleware", "model_request", "content_delta", "tool_result_start"]
)
async def test_what_is_appended_while_a_message_is_answered_stands_after_the_message(when: str) -> None:
    appended: list[Any] = []

    def note(at: str) -> None:
        if at == when and not appended:
            appended.append(session.append({"role": "event", "content": "note"}))

    async def around(invocation: Any, next: Any) -> Any:
        if invocation.name == "model:stream":
            note("middleware")
            await asyncio.gather(*appended)
        return await next(invocation)

    model = ScriptedModel(reply("I add.", calls=[call("add", a=1, b=2)]), "three")
    async with talking(model, Adder, middleware=[around]) as session, asyncio.timeout(SOON):

        def heard(event: Any) -> None:
            note(event.type)

        session.on("event", heard)
        handle = await session.send("question")
        ended = await seen(handle, "execution_end")
        assert ended.new_timeline_entries == session.timeline
        assert roles(session.timeline) == ["user", "event", "assistant", "tool", "assistant"]
        assert texts(model.requests[0]) == ["question"]
        assert texts(model.requests[1])[:3] == ["question", "note", "I add."]


async def test_what_is_appended_while_the_tree_renders_is_shown_once_and_before_the_message() -> None:
    rendering, model = asyncio.Event(), mock()
    fetched: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def fetch() -> str:
        rendering.set()
        return await fetched

    @component
    def Fetching() -> Nodes:
        yield use_data("word", fetch)
        yield Timeline()

    async with talking(model, Fetching) as session, asyncio.timeout(SOON):
        handle = await session.send("question")
        await rendering.wait()
        appended = session.append("note")
        await told(session, "entry_committed")
        fetched.set_result("a word")
        await appended
        await handle.result
        assert texts(model.requests[0]) == ["note", "question"]
        assert texts(session.timeline) == ["note", "question", "Mock response"]


async def test_what_is_appended_is_kept_and_given_where_no_component_can_hear_of_it() -> None:
    @component
    def Broken() -> Nodes:
        raise RuntimeError("broken")
        yield

    events: list[Any] = []
    async with talking(mock(), Broken, on_event=events.append) as session:
        entry = await session.append("note")
        assert session.timeline == (entry,)
        assert [event.source for event in events if event.type == "error"] == ["render"]


async def test_a_crash_after_a_running_tool_has_appended_leaves_its_outcome_unknown(
    store: SessionStore,
) -> None:
    """as after kill -9: the session goes on in a copy of what was stored while the tool ran"""
    paying, copy = asyncio.Event(), MemoryStore()

    @tool
    async def pay(amount: int) -> str:
        """Pay."""
        await session.observe("progress", "paying")
        paying.set()
        await asyncio.Event().wait()
        return f"{amount} paid"

    asking = reply("I pay.", calls=[call("pay", amount=5)])
    async with talking(ScriptedModel(asking), store=store, tools=[pay]) as session:
        handle = await session.send("pay now")
        await paying.wait()
        await session.flush()
        await copy.save(await loaded(store))
        handle.abort()

    async with talking(store=copy) as session:
        assert roles(session.timeline) == ["user", "event", "assistant", "tool"]
        assert texts(session.timeline)[:3] == ["pay now", "paying", "I pay."]
        (result,) = session.timeline[3].message.tool_results
        assert "outcome is unknown" in result.content[0].text
        assert session.queued_messages == ()


async def test_a_crash_after_something_was_appended_keeps_what_the_model_had_said_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """as after kill -9: the session goes on in a copy of what was stored while the answer streamed"""
    monkeypatch.setattr(streamed, "PARTIAL_TEXT_SECONDS", 0.0)
    store, copy = SqliteStore(tmp_path / "s.db"), MemoryStore()
    model = ScriptedModel(reply("half an answer", hold=asyncio.Event()))
    async with talking(model, store=store) as session, asyncio.timeout(SOON):
        handle = await session.send("hi")
        while not (stored := await loaded(store)).open_execution or not stored.open_execution.partial:
            pass
        await session.append("note")
        await copy.save(await loaded(store))
        handle.abort()
    async with talking(store=copy) as session:
        assert texts(session.timeline) == ["hi", "note", "half an answer"]
        assert session.timeline[2].tags == ("model_output", "interrupted")


async def test_appended_entries_are_stored() -> None:
    store = MemoryStore()
    async with talking(mock(), store=store) as session:
        await session.append("kept")
    snapshot = await store.load("s")
    assert snapshot is not None
    assert texts(snapshot.timeline) == ["kept"]


@pytest.mark.parametrize("wrong", [{"content": "x"}, {"type": "x", "colour": "red"}, {"type": 5}, 5])
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
