"""What every inbox does, in memory and in a file."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.errors import NotFoundError, ValidationError
from agentick_core.inbox import InboxStorage, MemoryInbox, SqliteInbox
from agentick_core.messages.message import Message
from tests.core.session.clocks import HandClock
from tests.core.session.talk import SOON

Opened = Callable[[Path], Any]


@asynccontextmanager
async def opened(kind: str, folder: Path, **options: Any) -> AsyncGenerator[InboxStorage]:
    """Open an inbox of that kind, and close it."""
    if kind == "memory":
        yield MemoryInbox(**options)
        return
    inbox = SqliteInbox(folder / "inbox.db", **options)
    try:
        yield inbox
    finally:
        await inbox.aclose()


both = pytest.mark.parametrize("kind", ["memory", "sqlite"])


@both
async def test_i7_ids_are_unique_times_are_set_and_the_oldest_comes_first(kind: str, tmp_path: Path) -> None:
    clock = HandClock()
    async with opened(kind, tmp_path, clock=clock) as inbox:
        first = await inbox.write("s", {"source": "mail", "payload": "one"})
        clock.advance(1)
        second = await inbox.write("s", {"type": "dispatch", "payload": {"tool": "add", "input": {"a": 1}}})
        await inbox.write("other", {"payload": "elsewhere"})
        one, two = await inbox.pending("s")
        assert (one.id, two.id) == (first, second)
        assert first != second
        assert (one.timestamp, two.timestamp) == (1_000_000, 1_001_000)
        assert isinstance(one.payload, Message)
        assert (one.source, one.type, one.payload.text) == ("mail", "message", "one")
        assert (two.type, two.payload) == ("dispatch", {"tool": "add", "input": {"a": 1}})
        assert await inbox.sessions_with_pending() == ["s", "other"]
        assert await inbox.size() == 3
        assert await inbox.pending("nobody") == []


@both
async def test_i7_what_is_read_is_a_copy_and_done_is_done_once(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as inbox:
        ids = [await inbox.write("s", {"payload": text}) for text in ("one", "two")]
        read: Any = await inbox.pending("s")
        read.clear()
        assert len(await inbox.pending("s")) == 2
        for id in (ids[0], ids[0], "unknown"):
            await inbox.mark_done(id)
        assert [each.id for each in await inbox.pending("s")] == [ids[1]]
        await inbox.clear()
        assert await inbox.size() == 0
        assert await inbox.sessions_with_pending() == []


@both
async def test_i7_listeners_hear_of_their_own_session_and_one_that_raises_harms_nobody(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(kind, tmp_path) as inbox:
        heard: list[str] = []

        def raises() -> None:
            raise RuntimeError("listener")

        stops = [
            inbox.subscribe("s", raises),
            inbox.subscribe("s", lambda: heard.append("first")),
            inbox.subscribe("s", lambda: heard.append("second")),
            inbox.subscribe("other", lambda: heard.append("other")),
        ]
        heard.clear()
        await inbox.write("s", {"payload": "one"})
        await inbox.write("s", {"payload": "more"})
        # Those who look for what others write may hear of their own once more.
        assert heard[:4] == ["first", "second"] * 2
        assert set(heard) == {"first", "second"}
        for stop in stops:
            stop()
        heard.clear()
        await inbox.write("s", {"payload": "two"})
        assert heard == []
    assert "listener" in caplog.text


@both
async def test_the_same_message_is_kept_once_also_when_it_was_given_up(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as inbox:
        for _ in range(2):
            assert await inbox.write("s", {"payload": "one", "id": "mail-1"}) == "mail-1"
        assert await inbox.size() == 1
        await inbox.put_off("mail-1", "no luck", 1.0)
        (waiting,) = await inbox.pending("s")
        assert (waiting.tries, waiting.error, waiting.due_at) == (1, "no luck", 1.0)
        await inbox.bury("mail-1", "still none")
        await inbox.write("s", {"payload": "one", "id": "mail-1"})
        assert await inbox.size() == 0
        (dead,) = await inbox.dead_letters()
        assert (dead.tries, dead.error) == (2, "still none")
        await inbox.revive("mail-1")
        for id in ("mail-1", "unknown"):
            with pytest.raises(NotFoundError, match=id):
                await inbox.revive(id)
        (again,) = await inbox.pending("s")
        assert (again.tries, again.error, await inbox.dead_letters()) == (0, "", [])


@both
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"payload": ""},
        {"payload": 5},
        {"payload": "hi", "type": "shout"},
        {"payload": {"name": "add"}, "type": "dispatch"},
        {"payload": "hi", "priority": 1},
    ],
)
async def test_what_is_no_message_is_refused_with_what_to_do(kind: str, wrong: Any, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as inbox:
        with pytest.raises(ValidationError) as caught:
            await inbox.write("s", wrong)
        assert caught.value.hint
        assert await inbox.size() == 0


async def test_what_another_program_writes_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentick_core.inbox.sqlite.LOOK_SECONDS", 0.01)
    async with opened("sqlite", tmp_path) as mine, opened("sqlite", tmp_path) as theirs:
        heard = asyncio.Event()
        mine.subscribe("s", heard.set)
        await theirs.write("s", {"payload": "from elsewhere"})
        async with asyncio.timeout(SOON):
            await heard.wait()
        assert len(await mine.pending("s")) == 1


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "mark_done", "put_off", "bury", "revive", "claim", "release", "clear"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["s", "t"]),
    ),
    max_size=12,
)


async def done(inbox: InboxStorage, what: str, id: str, session: str) -> Any:
    """Do one step; give what it tells."""
    match what:
        case "write":
            return await inbox.write(session, {"payload": f"{id} for {session}", "id": id})
        case "put_off":
            return await inbox.put_off(id, "why", 2.0)
        case "bury":
            return await inbox.bury(id, "why")
        case "revive":
            try:
                return await inbox.revive(id)
            except NotFoundError as error:
                return str(error)
        case "claim":
            return await inbox.claim(session, id)
        case "release":
            return await inbox.release(session, id)
        case "clear":
            return await inbox.clear()
        case _:
            return await getattr(inbox, what)(id)


@settings(deadline=None, max_examples=40)
@given(STEPS)
def test_both_kinds_do_the_same_whatever_is_done(steps: list[tuple[str, str, str]]) -> None:
    async def result(kind: str, folder: Path) -> list[Any]:
        async with opened(kind, folder, clock=HandClock()) as inbox:
            told = [await done(inbox, *step) for step in steps]
            waiting = [await inbox.pending(session) for session in ("s", "t")]
            counts = [await inbox.size(), await inbox.sessions_with_pending()]
            return [told, waiting, await inbox.dead_letters(), *counts]

    with tempfile.TemporaryDirectory() as folder:
        results = [asyncio.run(result(kind, Path(folder))) for kind in ("memory", "sqlite")]
    assert results[0] == results[1]


@pytest.mark.parametrize(
    ("column", "value"), [("type", "x"), ("payload", "{"), ("payload", "[1]"), ("due_at", "x"), ("id", b"x")]
)
async def test_a_message_that_cannot_be_read_is_given_up_and_holds_up_nobody(
    column: str, value: object, tmp_path: Path
) -> None:
    inbox = SqliteInbox(tmp_path / "inbox.db")
    await inbox.write("s", {"payload": "first"})
    second = await inbox.write("s", {"payload": "second"})
    await inbox.database.write(
        lambda held: held.execute(f"UPDATE inbox SET {column} = ? WHERE sequence = 1", (value,))
    )
    assert [message.id for message in await inbox.pending("s")] == [second]
    (dead,) = await inbox.dead_letters()
    assert "cannot be read" in dead.error
    assert await inbox.size() == 1
    await inbox.aclose()
