"""A session forked from another: what it begins with, and that each goes its own way."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentick_core import (
    AllowRule,
    Knobs,
    Nodes,
    Timeline,
    component,
    create_app,
    use_knob,
    use_session_state,
)
from agentick_core.errors import NotFoundError, SessionClosedError, StateError, StorageError
from agentick_core.messages.snapshot import ForkPoint
from agentick_core.storage.journal import EntriesCommitted, JournalRecord
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.sqlite import SqliteStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import FunctionModel, ScriptedModel, call
from tests.core.session.saying import asking, blackened, making
from tests.core.session.stores import PlainStore, loaded
from tests.core.session.talk import Adder, Plain, add, mock, roles, seen, talking, texts


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM sessions_entries").fetchone()[0]


async def test_a_fork_goes_on_from_an_entry_and_leaves_the_first_session_alone(store: SessionStore) -> None:
    model = mock()
    async with create_app(Plain, model=model, store=store) as app:
        session = await app.session("s", metadata={"type": "worker"})
        for text in ("one", "two", "three"):
            await session.send(text).result
        at = session.timeline[3].id
        fork = await session.fork(at, id="f")
        assert app.sessions["f"] is fork
        assert (fork.forked_from, session.forked_from) == (ForkPoint("s", at), None)
        assert (fork.metadata, fork.timeline) == ({"type": "worker"}, session.timeline[:4])
        assert fork.inspect().total_usage.ticks == 0
        await fork.send("four").result
        assert texts(model.requests[-1]) == ["one", "Mock response", "two", "Mock response", "four"]
        assert (len(session.timeline), len(fork.timeline)) == (6, 6)
        await fork.close()
        again = await app.session("f")
        assert (again.forked_from, again.metadata) == (ForkPoint("s", at), {"type": "worker"})
        assert texts(again.timeline)[-2:] == ["four", "Mock response"]


async def test_a_fork_without_an_entry_takes_all_of_the_history(store: SessionStore) -> None:
    async with talking(store=store) as session:
        empty = await session.fork()
        assert (empty.timeline, empty.forked_from) == ((), ForkPoint("s"))
        await session.send("one").result
        fork = await session.fork()
        assert fork.id not in ("s", empty.id)
        assert (fork.timeline, fork.forked_from) == (
            session.timeline,
            ForkPoint("s", session.timeline[-1].id),
        )
        second = await fork.fork()
        assert (second.timeline, second.forked_from) == (
            fork.timeline,
            ForkPoint(fork.id, fork.timeline[-1].id),
        )


async def test_an_entry_that_called_tools_takes_their_results_along() -> None:
    async with talking(
        ScriptedModel([call("add", a=1, b=2), call("add", a=3, b=4)], "done"), Adder
    ) as session:
        await session.send("hi").result
        said = session.timeline
        assert roles(said)[:2] == ["user", "assistant"]
        whole = next(at for at, entry in enumerate(said) if at > 1 and entry.message.role != "tool")
        for entry in said[1:whole]:
            fork = await session.fork(entry.id)
            assert fork.timeline == said[:whole]
            assert fork.forked_from == ForkPoint("s", said[whole - 1].id)
        assert (await session.fork(said[0].id)).timeline == said[:1]


async def test_an_entry_that_is_not_shown_cannot_be_forked_at() -> None:
    async with talking(max_timeline_entries=2) as session:
        await session.send("one").result
        first = session.timeline[0].id
        await session.send("two").result
        for id in ("nowhere", first):
            with pytest.raises(NotFoundError, match=id):
                await session.fork(id)


async def test_a_fork_shows_what_the_session_showed(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store, max_timeline_entries=2) as app:
        session = await app.session("s")
        for text in ("one", "two"):
            await session.send(text).result
        fork = await session.fork(session.timeline[0].id)
        assert texts(fork.timeline) == ["two"]
        assert texts(fork.snapshot().whole_log) == ["one", "Mock response", "two"]
        await fork.close()
        assert texts((await app.session(fork.id)).timeline) == ["two"]


@component
def Keeping() -> Nodes:
    use_knob("mood", "calm")
    use_session_state("list", [0])
    yield Knobs()
    yield add
    yield Timeline()


async def test_a_fork_has_the_state_of_now_and_no_approvals(store: SessionStore) -> None:
    async with create_app(Keeping, model=mock(), store=store) as app:
        session = await app.session("s")
        await session.send("one").result
        at = session.timeline[-1].id
        await session.send("two").result
        core: Any = session._core  # pyright: ignore[reportPrivateUsage]  # what a tool would set
        core.state.set("knob:mood", "cheerful")
        core.state.set("list", [1])
        core.toolbox.rules.add(AllowRule("add"))
        assert len(core.toolbox.rules.all) == 1
        await session.queue("waits", when="next_execution")
        fork = await session.fork(at)
        core.state.get("list").append(2)
        for one in (fork, await reopened(app, fork)):
            kept = one.snapshot()
            assert (kept.com_state["knob:mood"], kept.com_state["list"]) == ("cheerful", [1])
            assert "tools:allow" not in kept.com_state
            assert (kept.queued, kept.open_execution) == ((), None)


async def reopened(app: Any, session: Any) -> Any:
    await session.close()
    return await app.session(session.id)


async def test_a_fork_asks_the_model_that_the_session_was_given() -> None:
    async with talking() as session:
        other = ScriptedModel.repeat("other")
        session.set_model(other)
        fork = await session.fork()
        assert fork.model is other
        assert (await fork.send("hi").result).response == "other"


async def test_a_fork_of_a_running_session_begins_with_what_is_committed(store: SessionStore) -> None:
    go = asyncio.Event()

    async def answer(_: Any) -> str:
        await go.wait()
        return "late"

    async with talking(FunctionModel(answer), store=store) as session:
        handle = await session.send("hi")
        await seen(handle, "model_request")
        fork = await session.fork()
        assert (fork.timeline, fork.status, fork.queued_messages) == ((), "idle", ())
        go.set()
        assert (await handle.result).response == "late"
        assert fork.timeline == ()


async def test_the_id_of_another_session_is_refused(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        session, other = await app.session("s"), await app.session("t")
        await session.send("hi").result
        await other.send("hi").result
        before = other.timeline
        for id in ("s", "t"):
            with pytest.raises(StateError, match="There is a session"):
                await session.fork(id=id)
        await other.close()
        with pytest.raises(StateError, match="There is a session"):
            await session.fork(id="t")
        assert (await app.session("t")).timeline == before
        one, two = await asyncio.gather(session.fork(id="f"), session.fork(id="f"), return_exceptions=True)
        assert isinstance(two, StateError)
        assert app.sessions["f"] is one


async def test_a_session_that_is_closed_or_has_no_app_is_not_forked() -> None:
    async with create_app(Plain, model=mock()) as app:
        session = await app.session("s")
        await session.close()
        with pytest.raises(SessionClosedError):
            await session.fork()
        parent = await app.session("p")
        handle = await parent.spawn(Plain, "hi")
        (child,) = parent.children
        with pytest.raises(StateError, match="that its app keeps"):
            await child.fork()
        await handle.result


async def test_a_fork_is_told_on_the_session_it_comes_from() -> None:
    async with talking() as session:
        told: list[Any] = []
        session.on("event", told.append)
        fork = await session.fork()
        assert [(event.type, event.child_session_id) for event in told] == [
            ("fork_start", fork.id),
            ("fork_end", fork.id),
        ]


async def test_forks_share_the_stored_history_and_outlive_the_session(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with create_app(Plain, model=mock(), store=path) as app:
        session = await app.session("s")
        for text in ("one", "two", "three"):
            await session.send(text).result
        assert rows(path) == 6
        forks = [await session.fork(entry.id, id=f"f{at}") for at, entry in enumerate(session.timeline)]
        second = await forks[3].fork(id="second")
        assert rows(path) == 6
        expected = {fork.id: fork.timeline for fork in (*forks, second)}
        await app.delete("s")
        await app.delete("f3")
        await app.delete("f5")
        for id in ("f0", "f1", "f2", "f4", "second"):
            fork = await reopened(app, app.sessions[id])
            assert fork.timeline == expected[id]
        assert rows(path) == 5


async def test_forks_in_memory_hold_the_same_entries() -> None:
    async with create_app(Plain, model=mock(), store=MemoryStore()) as app:
        session = await app.session("s")
        await session.send("one").result
        fork = await session.fork()
        assert all(one is other for one, other in zip(session.timeline, fork.timeline, strict=True))
        await app.delete("s")
        assert texts((await reopened(app, fork)).timeline) == ["one", "Mock response"]


async def test_a_store_that_can_do_little_keeps_forks_too() -> None:
    async with create_app(Plain, model=mock(), store=PlainStore()) as app:
        session = await app.session("s")
        await session.send("one").result
        fork = await reopened(app, await session.fork())
        assert texts(fork.timeline) == ["one", "Mock response"]


async def test_a_fork_holds_what_could_not_be_stored_of_the_session(tmp_path: Path) -> None:
    class Failing(SqliteStore):
        failing = False

        async def append(self, session_id: str, records: Any) -> None:
            self.check(records)
            await super().append(session_id, records)

        async def save(self, snapshot: Any) -> None:
            self.check((EntriesCommitted(()),) if snapshot.session_id == "s" else ())
            await super().save(snapshot)

        def check(self, records: "tuple[JournalRecord, ...]") -> None:
            if self.failing and any(isinstance(record, EntriesCommitted) for record in records):
                raise StorageError("disk full")

    store = Failing(tmp_path / "s.db")
    async with create_app(Plain, model=mock(), store=store) as app:
        session = await app.session("s")
        await session.send("one").result
        store.failing = True
        await session.send("two").result
        fork = await session.fork()
        store.failing = False
        await app.delete("s")
        assert texts((await reopened(app, fork)).timeline) == ["one", "Mock response", "two", "Mock response"]


async def test_a_fork_is_stored_as_the_host_wants_it_too(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store, on_before_persist=making(blackened)) as app:
        session = await app.session("s")
        await session.send("a secret").result
        fork = await session.fork(id="copy")
        assert texts((await loaded(store, "copy")).timeline) == ["***", "Mock response"]
        assert texts(fork.timeline) == ["a secret", "Mock response"]


async def test_a_fork_that_the_host_refuses_is_not_stored(store: SessionStore) -> None:
    refusing = False
    hook = asking(lambda: False if refusing else None)
    async with create_app(Plain, model=mock(), store=store, on_before_persist=hook) as app:
        session = await app.session("s")
        await session.send("one").result
        refusing = True
        fork = await session.fork(id="copy")
        assert await store.load("copy") is None
        refusing = False
        await fork.send("two").result
        assert texts((await loaded(store, "copy")).timeline) == [
            "one",
            "Mock response",
            "two",
            "Mock response",
        ]
