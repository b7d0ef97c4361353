"""What comes into an inbox is answered: in order, once, and only then forgotten."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentick_core import AbortError, Session, SessionClosedError, ToolContext, create_app, tool
from agentick_core.errors import ProviderError, StateError, ValidationError
from agentick_core.inbox import InboxStorage, MemoryInbox
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.clocks import HandClock
from tests.core.session.talk import SOON, Plain, held, mock, seen, talking, texts


async def until(condition: Callable[[], Any]) -> None:
    """Wait until something is so; what it gives may be awaited."""
    async with asyncio.timeout(SOON):
        while True:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.001)


async def empty(inbox: InboxStorage) -> bool:
    return await inbox.size() == 0


@tool(audience="user")
async def count(by: int = 1) -> str:
    """Count."""
    COUNTED.append(by)
    return "counted"


@tool(audience="user")
async def broken() -> str:
    """Fail."""
    COUNTED.append(-1)
    raise RuntimeError("it is broken")


COUNTED: list[int] = []


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:  # pyright: ignore[reportUnusedFunction]  # a fixture for every test
    COUNTED.clear()


async def test_i1_a_message_in_the_inbox_is_answered_and_is_done() -> None:
    inbox, model = MemoryInbox(), mock()
    async with talking(model, inbox=inbox) as session:
        await session.mount()
        await inbox.write(session.id, {"source": "mail", "payload": "Hello"})
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["Hello", "Mock response"]
        assert len(model.requests) == 1


async def test_i1_what_waits_when_a_session_opens_is_answered_at_once() -> None:
    inbox = MemoryInbox()
    await inbox.write("s", {"payload": "early"})
    async with talking(inbox=inbox) as session:
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["early", "Mock response"]


async def test_i2_a_dispatch_runs_its_tool_and_is_done() -> None:
    inbox = MemoryInbox()
    async with talking(inbox=inbox, tools=[count]) as session:
        await inbox.write("s", {"type": "dispatch", "payload": {"tool": "count", "input": {"by": 2}}})
        await until(lambda: empty(inbox))
        assert (COUNTED, session.timeline) == ([2], ())


async def test_i2_a_tool_that_fails_stays_and_the_next_is_not_attempted() -> None:
    inbox, clock = MemoryInbox(), HandClock()
    async with talking(inbox=inbox, tools=[count, broken], clock=clock) as session:
        for name in ("broken", "count"):
            await inbox.write("s", {"type": "dispatch", "payload": {"tool": name}})
        await until(lambda: bool(COUNTED))
        await until(lambda: tries(inbox))
        waiting: Any = await inbox.pending(session.id)
        assert [(each.payload["tool"], each.tries) for each in waiting] == [("broken", 1), ("count", 0)]
        assert "it is broken" in waiting[0].error
        assert COUNTED == [-1]


async def tries(inbox: InboxStorage) -> bool:
    return any(each.tries for each in await inbox.pending("s"))


async def test_i4_after_close_what_is_written_waits() -> None:
    inbox = MemoryInbox()
    async with talking(inbox=inbox) as session:
        await session.close()
        await inbox.write("s", {"payload": "late"})
        assert [each.session_id for each in await inbox.pending("s")] == ["s"]
        with pytest.raises(SessionClosedError):
            await session.send("no")


async def test_i5_the_resolver_says_for_which_session_a_message_is() -> None:
    def now(message: Any) -> str | None:
        return {"ada": "session-ada"}.get(message["source"])

    async def later(message: Any) -> str | None:
        return now(message)

    for resolver in (now, later):
        async with create_app(Plain, model=mock(), session_resolver=resolver) as app:
            known = await app.receive({"source": "ada", "payload": "Hello"})
            new = await app.receive({"source": "bob", "payload": "Hello"})
            said = await app.receive("direct", {"payload": "Hello"})
            assert (known.session_id, said.session_id) == ("session-ada", "direct")
            assert len(new.session_id) == 36
            assert not app.sessions
            assert await app.inbox.sessions_with_pending() == ["session-ada", new.session_id, "direct"]
            assert await app.process_inbox() == {}
            assert await app.inbox.size() == 0
            assert texts(app.sessions["direct"].timeline) == ["Hello", "Mock response"]
            assert await app.process_inbox() == {}


async def test_i5_what_is_no_message_is_refused_before_the_resolver_is_asked_and_so_is_what_is_no_id() -> (
    None
):
    asked: list[Any] = []

    def resolver(message: Any) -> Any:
        asked.append(message)
        return 5

    async with create_app(Plain, model=mock(), session_resolver=resolver) as app:
        wrong: Any
        for wrong in (None, {"source": "ada"}, {"payload": "hi", "type": "shout"}):
            with pytest.raises(ValidationError):
                await app.receive(wrong)
        assert asked == []
        with pytest.raises(ValidationError, match="resolver gave 5") as caught:
            await app.receive({"payload": "Hello"})
        assert caught.value.hint
        assert await app.inbox.size() == 0


async def test_i5_an_open_session_takes_what_is_received_at_once() -> None:
    async with talking() as session:
        app = session.life.options.inbox
        await app.write("s", {"payload": "Hello"})
        await until(lambda: empty(app))
        assert len(session.timeline) == 2


class Noting(MemoryInbox):
    """Notes what was said in the session when a message was done."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[list[str]] = []
        self.session: Any = None

    async def mark_done(self, id: str) -> None:
        self.said.append(texts(self.session.timeline))
        await super().mark_done(id)


async def test_i8_a_message_that_comes_during_a_run_is_done_after_its_own_reply() -> None:
    inbox, gate = Noting(), asyncio.Event()
    model = ScriptedModel(reply("first", hold=gate), reply("second"))
    async with talking(model, inbox=inbox) as session:
        inbox.session = session
        handle = await session.send("one")
        await seen(handle, "content_delta")
        id = await inbox.write("s", {"payload": "two"})
        await until(lambda: bool(session.queued_messages))
        assert await inbox.size() == 1
        gate.set()
        await until(lambda: empty(inbox))
        assert inbox.said == [["one", "first", "two", "second"]]
        assert session.timeline[2].message.id == id


@pytest.mark.parametrize("when", ["before it is shown", "while it is answered"])
async def test_i8_where_that_run_is_aborted_it_is_processed_exactly_once(when: str) -> None:
    inbox = MemoryInbox()
    first = reply("first", hold=asyncio.Event()) if when == "before it is shown" else reply("first")
    rest = [reply("second")] if when == "before it is shown" else [held("sec"), reply("second")]
    gate = asyncio.Event()
    started = reply("first", hold=gate) if when != "before it is shown" else first
    model = ScriptedModel(started, *rest)
    async with talking(model, inbox=inbox) as session:
        handle = await session.send("one")
        await seen(handle, "content_delta")
        await inbox.write("s", {"payload": "two"})
        await until(lambda: bool(session.queued_messages))
        if when != "before it is shown":
            gate.set()
            await seen(handle, "content_delta", lambda event: event.delta == "sec")
        handle.abort("enough")
        with pytest.raises(AbortError):
            await handle.result
        await until(lambda: not session.is_taking_inbox)
        await session.drain_inbox()
        assert await inbox.size() == 0
        said = texts(session.timeline)
        assert said.count("two") == 1
        assert said[-1] == "second"


async def test_beat_15_a_message_is_forgotten_only_after_its_answer_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with create_app(Plain, model=ScriptedModel(held()), store=path) as app:
        session = await app.session("s")
        id = await app.inbox.write("s", {"payload": "answer me"})
        await until(lambda: session.execution is not None)
        assert session.execution is not None
        await seen(session.execution, "content_delta")
        assert [each.id for each in await app.inbox.pending("s")] == [id]
    async with create_app(Plain, model=ScriptedModel("now answered"), store=path) as app:
        assert await app.process_inbox() == {}
        assert await app.inbox.size() == 0
        said = texts(app.sessions["s"].timeline)
        assert (said.count("answer me"), said[-1]) == (1, "now answered")


async def test_beat_15_an_answer_that_was_committed_is_not_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with create_app(Plain, model=mock(), store=path) as app:
        session = await app.session("s")
        await app.inbox.write("s", {"payload": "once", "id": "mail-1"})
        await until(lambda: empty(app.inbox))
        await app.inbox.write("s", {"payload": "once", "id": "mail-1"})
        await session.drain_inbox()
        await until(lambda: empty(app.inbox))
        assert texts(session.timeline) == ["once", "Mock response"]


async def test_beat_27_after_five_tries_a_message_is_a_dead_letter_and_the_others_go_on() -> None:
    inbox, clock = MemoryInbox(), HandClock()
    async with talking(inbox=inbox, tools=[count, broken], clock=clock) as session:
        errors: list[Any] = []
        session.on("event", errors.append)
        for name in ("broken", "count"):
            await inbox.write("s", {"type": "dispatch", "payload": {"tool": name}})
        await until(lambda: tries(inbox))
        delays: list[float] = []
        for _ in range(4):
            (first, *_) = await inbox.pending("s")
            delays.append(first.due_at - clock.now())
            clock.advance(delays[-1])
            await session.drain_inbox()
        assert delays == [0.5, 1.0, 2.0, 4.0]
        (dead,) = await inbox.dead_letters()
        assert (dead.tries, COUNTED) == (5, [-1, -1, -1, -1, -1, 1])
        assert await inbox.size() == 0
        assert [event.source for event in errors if event.type == "error"].count("inbox") == 5


async def test_beat_27_what_was_put_off_is_tried_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentick_core.session.inbox.FIRST_DELAY", 0.001)
    inbox = MemoryInbox()
    async with talking(ScriptedModel(ProviderError("down"), "up again"), inbox=inbox) as session:
        await inbox.write("s", {"payload": "Hello"})
        await until(lambda: empty(inbox))
        assert texts(session.timeline) == ["Hello", "up again"]


async def test_children_notify_their_parent_all_at_once() -> None:
    def answer(request: Any) -> str:
        return f"heard {request.messages[-1].text}"

    async with talking(FunctionModel(answer)) as session:
        calls = [session.spawn(Plain, text) for text in ("a", "b", "c")]
        for each in calls:
            await each
        inbox = session.life.options.inbox
        await asyncio.gather(*(child.notify_parent(f"from {n}") for n, child in enumerate(session.children)))
        for each in calls:
            await each.result
        await until(lambda: empty(inbox))
        assert {"from 0", "from 1", "from 2"} <= set(texts(session.timeline))


async def test_a_child_notifies_a_parent_that_is_closed() -> None:
    async with create_app(Plain, model=ScriptedModel(held("child"), reply("told"))) as app:
        session: Any = await app.session("s")
        await session.spawn(Plain, "work")
        (child,) = session.children
        await session.close()
        await child.notify_parent({"role": "user", "content": "done"})
        assert await app.process_inbox() == {}
        assert texts(app.sessions["s"].timeline)[-2:] == ["done", "told"]


async def test_a_tool_of_a_child_notifies_the_parent() -> None:
    @tool
    async def report(ctx: ToolContext) -> str:
        """Report."""
        return await ctx.notify_parent("it is done")

    model = ScriptedModel(call("report"), "fine", "fine")
    async with talking(model) as session:
        await session.spawn(Plain, "work", tools=[report]).result
        await until(lambda: empty(session.life.options.inbox))
        assert texts(session.timeline) == ["it is done", "fine"]


async def test_who_has_no_parent_cannot_notify_it() -> None:
    async with talking() as session:
        with pytest.raises(StateError, match="no parentSessionId"):
            await session.notify_parent("hello")


async def test_where_there_is_no_inbox_the_parent_cannot_be_notified() -> None:
    async with talking() as session:
        child: Session[Any] = Session(
            replace(session.life.options, id="child", parent_session_id="s", inbox=None)
        )
        with pytest.raises(StateError, match="inbox storage unavailable") as caught:
            await child.notify_parent("hello")
        assert caught.value.hint
        await child.close()


async def test_a_session_that_another_program_has_open_keeps_no_other_from_its_messages(
    tmp_path: Path,
) -> None:
    path = tmp_path / "s.db"
    async with (
        create_app(Plain, model=mock(), store=path) as holder,
        create_app(Plain, model=mock(), store=path) as app,
    ):
        holding = await holder.session("held")
        await holding.send("mine").result
        await app.receive("free", {"payload": "Hello"})
        failed = await app.process_inbox()
        assert failed == {}
        await app.receive("held", {"payload": "for the holder"})
        assert list(await app.process_inbox()) in (["held"], [])
        await until(lambda: "for the holder" in texts(holding.timeline))
        assert texts(app.sessions["free"].timeline) == ["Hello", "Mock response"]


async def test_a_session_opened_with_a_parent_writes_to_it_also_after_a_restart(tmp_path: Path) -> None:
    for round in ("first", "second"):
        async with create_app(Plain, model=mock(), store=tmp_path / "s.db") as app:
            boss = await app.session("boss")
            given = "boss" if round == "first" else None
            worker = await app.session("worker", parent_session_id=given)
            assert (worker.parent_session_id, worker.parent, boss.parent_session_id) == ("boss", None, None)
            await worker.send(round).result
            await worker.notify_parent(f"{round} done")
            await until(lambda: empty(app.inbox))
            assert texts(boss.timeline)[-2:] == [f"{round} done", "Mock response"]


async def test_a_parent_that_nobody_can_open_again_has_what_it_is_told_at_once() -> None:
    """A child's own child, and the child of a run without a session."""

    @tool
    async def report(ctx: ToolContext) -> str:
        """Report."""
        return await ctx.notify_parent("it is done")

    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask a child."""
        return (await ctx.spawn(Plain, "work", tools=[report]).result).response

    model = ScriptedModel(*(call("ask"), call("report"), "fine", "fine") * 2)
    async with create_app(Plain, model=model, tools=[ask]) as app:
        session = await app.session("s")
        await session.spawn(Plain, "go").result
        await app.run("go").result
        assert "it is done" in texts(model.requests[3])
        assert "it is done" in texts(model.requests[7])
        assert await app.process_inbox() == {}
        assert list(app.sessions) == ["s"]
