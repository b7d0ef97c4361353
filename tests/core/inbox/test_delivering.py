"""Where an app keeps what comes from outside, and how much of it is worked through at once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agentick_core import AllowRule, ToolContext, create_app, tool
from agentick_core.errors import NotFoundError
from agentick_core.inbox import MemoryInbox, SqliteInbox
from agentick_core.session.app import deliveries
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.testing import FunctionModel, ScriptedModel, call
from tests.core.inbox.test_sessions import until
from tests.core.session.talk import Plain, mock, seen, texts


class Elsewhere(MemoryStore):
    """A store of the host's, which keeps sessions in a database of its own."""

    def __init__(self, database: object) -> None:
        super().__init__()
        self.database = database


@pytest.mark.parametrize("database", ["postgres-main", object()], ids=["a name", "an object"])
async def test_the_inbox_is_beside_the_sessions_only_where_these_are_in_a_sqlite_file(
    database: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with create_app(Plain, model=mock(), store=Elsewhere(database)) as app:
        assert isinstance(app.inbox, MemoryInbox)
        await app.receive("s", {"payload": "Hello"})
        assert await app.process_inbox() == {}
        assert texts(app.sessions["s"].timeline) == ["Hello", "Mock response"]
        assert list(tmp_path.iterdir()) == []
    store = SqliteStore(tmp_path / "s.db")
    async with create_app(Plain, model=mock(), store=store) as app:
        assert isinstance(app.inbox, SqliteInbox)
        assert app.inbox.database is store.database


@pytest.mark.parametrize("most", [1, 12, None], ids=["one may stay", "all may stay", "no bound"])
async def test_no_more_sessions_are_worked_through_at_once_than_a_few(
    most: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_AT_ONCE", 3)
    running, together = set[str](), list[int]()

    def watch(session: Any) -> None:
        def heard(event: Any) -> None:
            if event.type == "execution_start":
                running.add(session.id)
                together.append(len(running))
            if event.type == "execution_end":
                running.discard(session.id)

        session.on("event", heard)

    async with create_app(Plain, model=mock(), max_active=most, on_session_create=watch) as app:
        for number in range(12):
            await app.receive(f"s{number}", {"payload": "Hello"})
        assert await app.process_inbox() == {}
        assert await app.inbox.size() == 0
        assert (len(together), max(together)) == (12, 3)


@pytest.mark.parametrize("asked", ["by the message", "before"])
@pytest.mark.parametrize("what", ["risky", "delegate"], ids=["the session", "a child"])
async def test_a_session_that_waits_for_a_person_keeps_no_other_from_its_messages(
    what: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_AT_ONCE", 1)

    @tool(requires_confirmation=True)
    async def risky() -> str:
        """Do what a person has to allow."""
        return "done"

    @tool
    async def delegate(ctx: ToolContext) -> str:
        """Let a child do it."""
        return (await ctx.spawn(Plain, "risky").result).response

    def answer(request: Any) -> Any:
        said = request.messages[-1].text
        return call(said) if said in ("risky", "delegate") else "fine"

    options: dict[str, Any] = {"tools": [risky, delegate], "max_active": 1}
    async with create_app(Plain, model=FunctionModel(answer), **options) as app:
        if asked == "before":
            first = await app.session("first")
            await seen(await first.send(what), "tool_confirmation_required")
        await app.receive("first", {"payload": what})
        await app.receive("second", {"payload": "Hello"})
        processing = asyncio.create_task(app.process_inbox())
        await until(lambda: "second" in app.sessions and len(app.sessions["second"].timeline) == 2)
        assert not processing.done()
        app.sessions["first"].allow(AllowRule("risky"))
        assert await processing == {}
        assert await app.inbox.size() == 0


async def test_who_tells_a_parent_without_an_inbox_what_to_run_knows_what_came_of_it() -> None:
    said: list[str] = []

    @tool(audience="user")
    async def note(text: str) -> str:
        """Take a note."""
        said.append(text)
        return "noted"

    @tool
    async def report(ctx: ToolContext) -> str:
        """Report."""
        for name in ("note", "unknown"):
            payload = {"tool": name, "input": {"text": "it is done"}}
            try:
                await ctx.notify_parent({"type": "dispatch", "payload": payload})
            except NotFoundError as error:
                said.append(error.message)
        return "reported"

    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "work", tools=[report]).result).response

    model = ScriptedModel(call("ask"), call("report"), "fine", "fine")
    async with create_app(Plain, model=model, tools=[ask, note]) as app:
        await app.run("go").result
    assert said == ["it is done", "Unknown command: unknown"]
