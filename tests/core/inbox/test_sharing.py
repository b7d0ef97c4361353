"""Several apps work on one inbox: what comes is answered once, by one of them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agentick_core import App, create_app, tool
from agentick_core.inbox import MemoryInbox, SqliteInbox
from agentick_core.testing import ScriptedModel
from tests.core.inbox.test_sessions import empty, until
from tests.core.session.clocks import HandClock
from tests.core.session.talk import Plain, held, mock, texts

SENT = [f"message {number}" for number in range(6)]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  # a fixture
    monkeypatch.setattr("agentick_core.inbox.sqlite.LOOK_SECONDS", 0.01)
    monkeypatch.setattr("agentick_core.session.inbox.CLAIM_DELAY", 0.01)


def sent(*apps: App[Any]) -> list[str]:
    """Give what was sent to the sessions of these apps, in order of the apps and the sessions."""
    sessions = [session for app in apps for _, session in sorted(app.sessions.items())]
    return [text for session in sessions for text in texts(session.timeline) if text.startswith("message")]


async def test_beat_15_two_apps_on_one_store_answer_each_message_once(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with (
        create_app(Plain, model=mock(), store=path) as one,
        create_app(Plain, model=mock(), store=path) as other,
    ):
        for number, text in enumerate(SENT):
            await (one, other)[number % 2].receive(f"s{number % 3}", {"payload": text})

        async def worked() -> bool:
            await asyncio.gather(one.process_inbox(), other.process_inbox())
            return await empty(one.inbox)

        await until(worked)
        assert sorted(sent(one, other)) == SENT
        assert not one.sessions.keys() & other.sessions.keys()


async def test_the_next_to_open_a_session_goes_on_where_the_first_closed_it(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    async with (
        create_app(Plain, model=mock(), store=path) as one,
        create_app(Plain, model=mock(), store=path) as other,
    ):
        session = await one.session("s")
        await other.receive("s", {"payload": "message 0"})
        await until(lambda: empty(other.inbox))
        assert list(await other.process_inbox()) == []
        assert texts(session.timeline) == ["message 0", "Mock response"]
        await other.receive("s", {"payload": "message 1"})
        await session.close()
        await until(lambda: empty(other.inbox) if "s" in other.sessions else other.process_inbox())
        assert sent(other) == ["message 0", "message 1"]


@pytest.mark.parametrize("kind", ["a file", "an object"])
async def test_without_a_store_the_first_to_claim_an_inbox_works_through_it(
    kind: str, tmp_path: Path
) -> None:
    shared: Any = MemoryInbox() if kind == "an object" else tmp_path / "inbox.db"
    async with (
        create_app(Plain, model=mock(), inbox=shared) as one,
        create_app(Plain, model=mock(), inbox=shared) as other,
    ):
        first, second = await one.session("s"), await other.session("s")
        for text in SENT[:4]:
            await one.receive("s", {"payload": text})
        await until(lambda: empty(one.inbox))
        assert sorted([len(first.timeline), len(second.timeline)]) == [0, 8]
        assert sent(one, other) == SENT[:4]
        holder, waiting = (first, second) if first.timeline else (second, first)
        await holder.close()
        for text in SENT[4:]:
            await one.receive("s", {"payload": text})
        await until(lambda: empty(one.inbox))
        assert [text for text in texts(waiting.timeline) if text in SENT] == SENT[4:]


@pytest.mark.parametrize("kind", ["a file", "an object"])
async def test_what_waits_is_taken_over_by_itself_when_who_worked_through_it_is_gone(
    kind: str, tmp_path: Path
) -> None:
    shared: Any = MemoryInbox() if kind == "an object" else tmp_path / "inbox.db"
    async with (
        create_app(Plain, model=ScriptedModel(held()), inbox=shared) as one,
        create_app(Plain, model=mock(), inbox=shared) as other,
    ):
        first = await one.session("s")
        await one.receive("s", {"payload": SENT[0]})
        await until(lambda: first.execution is not None)
        second = await other.session("s")
        await second.drain_inbox()
        assert second.timeline == ()
        await first.close()
        await until(lambda: empty(other.inbox))
        assert texts(second.timeline) == [SENT[0], "Mock response"]


async def test_a_claim_of_a_program_that_is_gone_is_free_again(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "inbox.db"
    gone, here = SqliteInbox(path, clock=clock), SqliteInbox(path, clock=clock)
    assert await gone.claim("s", "one")
    assert not await here.claim("s", "two")
    clock.advance(11)
    assert await here.claim("s", "two")
    assert not await gone.claim("s", "one")
    await here.release("s", "two")
    assert await gone.claim("s", "one")
    await gone.aclose()
    assert await here.claim("s", "two")
    await here.aclose()


async def test_a_program_that_works_long_keeps_its_claim(tmp_path: Path) -> None:
    clock, path = HandClock(), tmp_path / "inbox.db"
    mine, theirs = SqliteInbox(path, clock=clock), SqliteInbox(path, clock=clock)
    stop = mine.subscribe("s", lambda: None)
    assert await mine.claim("s", "one")
    clock.advance(11)
    await until(lambda: refused(theirs))
    stop()
    await mine.aclose()
    await theirs.aclose()


async def refused(inbox: SqliteInbox) -> bool:
    def heartbeat(held: Any) -> float:
        return held.execute("SELECT heartbeat FROM inbox_leases").fetchone()[0]

    beaten = await inbox.database.read(heartbeat) > 1010
    return beaten and not await inbox.claim("s", "two")


async def test_what_another_program_delivers_again_under_the_same_id_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is done long before the file is looked through the next time.
    monkeypatch.setattr("agentick_core.inbox.sqlite.LOOK_SECONDS", 0.2)
    path, ran = tmp_path / "s.db", list[int]()
    job_now = {"type": "dispatch", "payload": {"tool": "job"}, "id": "daily"}

    @tool(audience="user")
    async def job() -> str:
        """Do the day's work."""
        ran.append(1)
        return "done"

    async with create_app(Plain, model=mock(), store=path, tools=[job]) as app:
        await app.session("s")
        await app.receive("s", job_now)
        await until(lambda: empty(app.inbox))
        other = SqliteInbox(path)
        await other.write("s", job_now)
        await other.aclose()
        await until(lambda: empty(app.inbox))
        assert ran == [1, 1]
