"""The door: one session at a time, and what the screen may ask of it."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agentick_core.errors import NotFoundError, SessionInUseError, StateError, ToolInputError
from agentick_core.events.orchestration import EntryCommitted, MessageQueuedEvent
from agentick_core.messages.blocks import text_of
from agentick_core.models.model import ChatModel
from agentick_core.testing import ScriptedModel
from agentick_tui.engine.door import Door
from tests.tui.chatting import chat_options, until


@asynccontextmanager
async def opened(model: ChatModel, folder: Path) -> AsyncGenerator[Door]:
    """Give a door whose session is closed afterwards."""
    door = Door(chat_options(model, folder), lambda: None)
    try:
        yield door
    finally:
        await door.aclose()


async def test_a_message_is_shown_before_the_engine_commits_it(tmp_path: Path):
    async with opened(ScriptedModel("Hello."), tmp_path) as door:
        await door.open(None)
        await door.send("Hi")
        assert isinstance(door.bridge.drain()[0], MessageQueuedEvent)
        await until(lambda: not door.is_running)
        assert any(isinstance(event, EntryCommitted) for event in door.bridge.drain())


async def test_a_session_is_opened_again_with_what_was_said(tmp_path: Path):
    async with opened(ScriptedModel("Hello."), tmp_path) as door:
        first = await door.open(None)
        assert (first.entries, door.worth_resuming) == ((), "")
        await door.send("Hi")
        assert door.worth_resuming == first.session_id
        await until(lambda: not door.is_running)
        assert (await door.open(None)).session_id != first.session_id
        again = await door.open(first.session_id)
        assert [entry.message.text for entry in again.entries] == ["Hi", "Hello."]
        assert [summary.session_id for summary in await door.stored()] == [first.session_id]


async def test_a_session_that_another_door_holds_is_read_until_it_is_free(tmp_path: Path):
    model = ScriptedModel("Hello.", "Again.")
    async with opened(model, tmp_path) as one, opened(ScriptedModel("More."), tmp_path) as other:
        first = await one.open(None)
        with pytest.raises(SessionInUseError):
            await other.open(first.session_id)
        assert not other.is_open
        await one.send("Hi")
        await until(lambda: not one.is_running)
        read = await other.open(first.session_id)
        assert (read.writer, other.read_only, len(read.entries)) == (os.getpid(), True, 2)
        await one.send("And?")
        await until(lambda: not one.is_running)
        assert [entry.message.text for entry in await other.read_on()] == ["And?", "Again."]
        assert not await other.is_free()
        with pytest.raises(StateError, match="read-only"):
            await other.send("mine")
        await one.close_session()
        assert await other.is_free()
        assert (await other.open(first.session_id)).writer is None
        await other.send("mine")
        await until(lambda: not other.is_running)
        assert other.session.timeline[-1].message.text == "More."


async def test_a_fork_is_a_session_of_its_own(tmp_path: Path):
    async with opened(ScriptedModel("Hello.", "Other."), tmp_path) as door:
        first = await door.open(None)
        await door.send("Hi")
        await until(lambda: not door.is_running)
        fork = await door.open(await door.fork())
        assert fork.session_id != first.session_id
        await door.send("And?")
        await until(lambda: not door.is_running)
        assert len(door.session.timeline) == 4
        assert len((await door.open(first.session_id)).entries) == 2


async def test_tools_are_dispatched_and_what_goes_wrong_is_raised(tmp_path: Path):
    async with opened(ScriptedModel(), tmp_path) as door:
        await door.open(None)
        assert text_of(await door.dispatch("greet", {"name": "Ada"})) == "Greetings Ada"
        with pytest.raises(ToolInputError):
            await door.dispatch("greet", {})
        with pytest.raises(NotFoundError):
            await door.dispatch("none", {})
        assert {tool.name for tool in await door.definitions()} == {"pay", "greet", "help"}


async def test_what_no_tick_has_shown_can_be_taken_back(tmp_path: Path):
    async with opened(ScriptedModel("Hello."), tmp_path) as door:
        await door.open(None)
        sending = asyncio.ensure_future(door.send("Hi"))
        await asyncio.sleep(0)
        assert [message.text for message in door.take_back()] in (["Hi"], [])
        await sending


async def test_the_model_can_be_changed_and_an_unknown_one_is_refused(tmp_path: Path):
    async with opened(ScriptedModel(), tmp_path) as door:
        await door.open(None)
        assert door.set_model("openai:gpt-5").spec == "openai:gpt-5"
        with pytest.raises(NotFoundError):
            door.set_model("no-such-provider:x")
