"""How a session works through its inbox when the world around it does not stand still."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentick_core import create_app, tool
from agentick_core.errors import InvalidRequestError
from agentick_core.inbox import InboxMessage, MemoryInbox
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.procedures.ambient import current
from agentick_core.session.execution.input import SendInput
from agentick_core.session.session import Session
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import ScriptedModel, call
from agentick_core.tools.tool import Tool
from tests.core.inbox.test_sessions import empty, tries, until
from tests.core.session.talk import SOON, Plain, held, idle, mock, seen, talking, texts


def dispatch(name: str) -> dict[str, Any]:
    """Make a message that runs a tool."""
    return {"type": "dispatch", "payload": {"tool": name}}


def counting(ran: list[int]) -> Tool[..., Any]:
    """Make a tool that counts how often it ran."""

    @tool(audience="user")
    async def once() -> str:
        """Run once."""
        ran.append(1)
        return "done"

    return once


@pytest.mark.parametrize(
    ("message", "steps"), [(dispatch("drain"), []), ({"payload": "go"}, [call("drain"), "done"])]
)
async def test_a_tool_that_asks_for_the_inbox_to_be_worked_through_does_not_wait_for_itself(
    message: dict[str, Any], steps: list[Any]
) -> None:
    inbox = MemoryInbox()
    asked: list[str] = []

    @tool
    async def drain() -> str:
        """Work through the inbox."""
        await session.drain_inbox()
        asked.append(session.id)
        return "asked"

    async with talking(ScriptedModel(*steps), inbox=inbox, tools=[drain]) as session:
        await inbox.write("s", message)
        await until(lambda: empty(inbox))
        assert asked == ["s"]


@pytest.mark.parametrize("most", [1, 2])
async def test_every_inbox_is_worked_through_also_when_few_sessions_may_stay(
    most: int, tmp_path: Path
) -> None:
    async with create_app(Plain, model=mock(), store=tmp_path / "s.db", max_active=most) as app:
        for number in range(6):
            for text in ("one", "two"):
                await app.receive(f"s{number}", {"payload": text})
        assert await app.process_inbox() == {}
        assert await app.inbox.size() == 0
        await until(lambda: len(app.sessions) <= most)
        session = await app.session("s0")
        assert texts(session.timeline) == ["one", "Mock response", "two", "Mock response"]


async def test_what_was_answered_together_with_a_later_message_is_not_answered_again() -> None:
    inbox = MemoryInbox()
    async with talking(ScriptedModel(held("sec"), "third"), inbox=inbox) as session:
        await inbox.write("s", {"payload": "two"})
        await until(lambda: session.execution is not None)
        handle = session.execution
        await seen(handle, "content_delta")
        handle.abort("enough")
        await until(lambda: not session.is_taking_inbox)
        await session.send("three").result
        await session.drain_inbox()
        assert await inbox.size() == 0
        assert texts(session.timeline) == ["two", "sec", "three", "third"]


async def test_a_message_that_the_host_rewrites_is_still_known_when_it_is_tried_again() -> None:
    inbox = MemoryInbox()

    def rewritten(_: Session[Any], input: SendInput) -> str:
        return f"<{input.messages[0].text}>"

    options: dict[str, Any] = {"inbox": inbox, "on_before_send": rewritten}
    async with talking(ScriptedModel(held("sec"), "answer"), **options) as session:
        await inbox.write("s", {"payload": "two"})
        await until(lambda: session.execution is not None)
        handle = session.execution
        await seen(handle, "content_delta")
        handle.abort("enough")
        await until(lambda: not session.is_taking_inbox)
        await session.drain_inbox()
        assert texts(session.timeline) == ["<two>", "sec", "answer"]


async def test_what_is_appended_before_the_model_has_answered_is_no_answer() -> None:
    inbox, appended = MemoryInbox(), list[Any]()
    async with talking(ScriptedModel(InvalidRequestError("no"), "answer"), inbox=inbox) as session:

        def note(event: Any) -> None:
            if event.type == "model_request" and not appended:
                appended.append(session.append({"role": "assistant", "content": "I am on it."}))

        session.on("event", note)
        await inbox.write("s", {"payload": "two"})
        await until(lambda: appended and not session.is_taking_inbox)
        await session.drain_inbox()
        assert texts(session.timeline) == ["two", "I am on it.", "answer"]


class Forgetful(MemoryInbox):
    """An inbox that cannot note the first time that a message is done."""

    failed = False

    async def mark_done(self, id: str) -> None:
        if not self.failed:
            self.failed = True
            raise OSError("the disk is gone")
        await super().mark_done(id)


async def test_a_tool_is_not_run_again_because_the_inbox_could_not_be_written() -> None:
    inbox, ran = Forgetful(), list[int]()
    async with talking(inbox=inbox, tools=[counting(ran)]) as session:
        errors: list[Any] = []
        session.on("event", errors.append)
        await inbox.write("s", dispatch("once"))
        await until(lambda: inbox.failed)
        await session.drain_inbox()
        assert (await inbox.size(), ran) == (0, [1])
        assert [event.message for event in errors if event.type == "error"] == ["the disk is gone"]


class FullStore(MemoryStore):
    """A store on a full disk, until there is room."""

    full = True

    async def append(self, session_id: str, records: Any) -> None:
        self._check()
        await super().append(session_id, records)

    async def save(self, snapshot: SessionSnapshot) -> None:
        self._check()
        await super().save(snapshot)

    def _check(self) -> None:
        if self.full:
            raise OSError("the disk is full")


async def test_beat_15_a_message_waits_while_its_answer_cannot_be_stored() -> None:
    inbox, store = MemoryInbox(), FullStore()
    async with talking(inbox=inbox, store=store) as session:
        await inbox.write("s", {"payload": "Hello"})
        await until(lambda: len(session.timeline) == 2)
        await idle(session)
        await session.drain_inbox()
        assert await inbox.size() == 1
        assert not await tries(inbox)
        store.full = False
        await session.drain_inbox()
        assert await inbox.size() == 0
        assert texts(session.timeline) == ["Hello", "Mock response"]


class Slow(MemoryInbox):
    """An inbox that takes its time to note that a message is done: until its session has begun to close."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.noted = asyncio.Event(), asyncio.Event()

    async def mark_done(self, id: str) -> None:
        self.asked.set()
        await self.noted.wait()
        await super().mark_done(id)

    def subscribe(self, session_id: str, callback: Callable[[], object]) -> Callable[[], None]:
        stop = super().subscribe(session_id, callback)

        def stopping() -> None:
            stop()
            asyncio.get_running_loop().call_later(0.01, self.noted.set)

        return stopping


async def test_what_was_done_when_the_session_closes_is_noted_as_done() -> None:
    inbox, ran = Slow(), list[int]()
    async with talking(inbox=inbox, tools=[counting(ran)]) as session:
        await inbox.write("s", dispatch("once"))
        async with asyncio.timeout(SOON):
            await inbox.asked.wait()
        await session.close()
        assert (ran, await inbox.size()) == ([1], 0)


async def test_closing_waits_for_no_inbox_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentick_core.session.inbox.SECONDS_TO_NOTE", 0.01)

    class Stuck(MemoryInbox):
        asked = asyncio.Event()

        async def mark_done(self, id: str) -> None:
            self.asked.set()
            await asyncio.Event().wait()

    inbox = Stuck()
    async with talking(inbox=inbox):
        await inbox.write("s", {"payload": "Hello"})
        async with asyncio.timeout(SOON):
            await inbox.asked.wait()
    assert await inbox.size() == 1


@pytest.mark.parametrize("refused", [False, True])
async def test_i4_a_session_that_hibernates_leaves_what_it_answered_to_be_answered_later(
    refused: bool, tmp_path: Path
) -> None:
    inbox = MemoryInbox()

    def allowed(*_: Any) -> bool | None:
        return False if refused else None

    options: dict[str, Any] = {"inbox": inbox, "on_before_hibernate": allowed, "store": tmp_path / "s.db"}
    async with create_app(Plain, model=ScriptedModel(held("begun"), "whole"), **options) as app:
        session: Any = await app.session("s")
        await inbox.write("s", {"payload": "Hello"})
        await until(lambda: session.execution is not None)
        await seen(session.execution, "content_delta")
        kept = await session.hibernate()
        if not refused:
            assert kept is not None
            assert not app.sessions
            (waiting,) = await inbox.pending("s")
            assert waiting.tries == 0
            session = await app.session("s")
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["Hello", "begun", "whole"]


async def test_what_comes_runs_in_the_context_of_the_sessions_making_not_of_the_sender() -> None:
    users: list[Any] = []
    inbox = MemoryInbox()

    @tool(audience="user")
    async def who() -> str:
        """Tell who asks."""
        users.append(current().user)
        return "told"

    @tool(audience="user")
    async def forward() -> str:
        """Write into the inbox of another session."""
        await inbox.write("s", dispatch("who"))
        return "sent"

    @tool(audience="user")
    async def opens() -> str:
        """Open the session."""
        await app.session("s")
        return "opened"

    async with create_app(Plain, model=mock(), inbox=inbox, tools=[who, forward, opens]) as app:
        other = await app.session("other")
        await other.dispatch.with_context(user="maker")("opens")
        await other.dispatch.with_context(user="sender")("forward")
        await until(lambda: empty(inbox))
        assert users == ["maker"]


async def test_beat_27_a_dead_letter_that_is_revived_comes_behind_the_others_and_is_tried_anew() -> None:
    inbox = MemoryInbox()
    for text in ("first", "second"):
        await inbox.write("s", {"payload": text, "id": text})
    await inbox.bury("first", "no luck")
    await inbox.revive("first")
    async with talking(inbox=inbox) as session:
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["second", "Mock response", "first", "Mock response"]


async def test_an_inbox_that_cannot_be_read_keeps_no_session_from_opening() -> None:
    class Broken(MemoryInbox):
        async def pending(self, session_id: str) -> list[InboxMessage]:
            raise OSError("the disk is gone")

    async with talking(inbox=Broken()) as session:
        assert (await session.send("Hello").result).response == "Mock response"
