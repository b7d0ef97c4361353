"""Stores and hooks that hang: whatever never ends, closing does."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from agentick_core import App, Nodes, Timeline, component, create_app, use_on_execution_end
from agentick_core.errors import StateError
from agentick_core.session import patience
from agentick_core.storage.leases import Leases
from agentick_core.storage.memory import MemoryStore
from tests.core.session.talk import SOON, Plain, mock


class Hanging:
    """Something that hangs as long as `on` says so; `here` tells that it does."""

    def __init__(self) -> None:
        self.on, self.here = True, asyncio.Event()

    async def __call__(self, *_: object) -> None:
        if self.on:
            self.here.set()
            await asyncio.Event().wait()


def hanging_store(name: str, hang: Hanging) -> MemoryStore:
    """Make a store of which one method hangs before it does its work."""
    inner = getattr(MemoryStore, name, None)

    async def method(self: Any, *args: Any) -> Any:
        await hang()
        return None if inner is None else await inner(self, *args)

    return type("HangingStore", (MemoryStore,), {name: method})()


def hanging_runner(name: str, hang: Hanging) -> Any:
    """Make a runner of which one hook hangs."""

    async def hook(*_: object) -> None:
        await hang()

    return type("HangingRunner", (), {name: hook})()


async def closed(app: App[Any]) -> BaseException | None:
    """Close the app soon; give what that raises."""
    async with asyncio.timeout(SOON):
        (raised,) = await asyncio.gather(app.aclose(), return_exceptions=True)
    return raised


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("release", "The store's release() has not ended"),
        ("aclose", "The store's aclose() has not ended"),
        ("on_destroy", None),
        ("on_session_close", None),
    ],
)
async def test_what_hangs_while_an_app_closes_keeps_it_open_no_longer_than_the_patience_lasts(
    where: str, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.02)
    hang, options = Hanging(), dict[str, Any]()
    if where == "on_destroy":
        options["runner"] = hanging_runner(where, hang)
    elif where == "on_session_close":
        options[where] = hang.__call__
    else:
        options["store"] = hanging_store(where, hang)
    app = create_app(Plain, model=mock(), **options)
    session = await app.session("s")
    await session.send("hi").result
    raised = await closed(app)
    assert hang.here.is_set()
    assert (session.status, len(app.sessions)) == ("closed", 0)
    assert (raised is None) if told is None else (told in str(raised))


@pytest.mark.parametrize("where", ["use_on_execution_end", "on_before_persist"])
async def test_what_hangs_at_the_end_of_an_execution_that_closing_stops_is_cut_short(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.02)
    hang, held = Hanging(), Hanging()

    @component
    def Ending() -> Nodes:
        use_on_execution_end(hang.__call__)
        yield Timeline()

    agent = Ending if where == "use_on_execution_end" else Plain
    options: dict[str, Any] = {} if agent is Ending else {where: hang.__call__}
    app = create_app(agent, model=mock(), store=MemoryStore(), **options)
    app.use("model:stream", held_up(held))
    session = await app.session("s")
    await session.send("hi")
    await held.here.wait()
    assert await closed(app) is None
    assert hang.here.is_set()
    assert session.status == "closed"


def held_up(hang: Hanging) -> Any:
    """Make middleware that hangs."""

    async def middleware(call: Any, next: Any) -> Any:
        await hang()
        return await next(call)

    return middleware


@pytest.mark.parametrize("where", ["load", "acquire", "on_session_init", "on_session_create"])
async def test_what_hangs_while_a_session_is_opened_is_stopped_when_the_app_closes(where: str) -> None:
    hang, options = Hanging(), dict[str, Any]()
    store = hanging_store(where, hang) if where in ("load", "acquire") else MemoryStore()
    if where == "on_session_init":
        options["runner"] = hanging_runner(where, hang)
    elif where == "on_session_create":
        options[where] = hang.__call__
    app = create_app(Plain, model=mock(), store=store, **options)
    opening = asyncio.ensure_future(app.session("s"))
    await hang.here.wait()
    assert await closed(app) is None
    with pytest.raises(StateError, match="The app is closed"):
        await opening
    hang.on = False
    async with create_app(Plain, model=mock(), store=store) as other:
        assert (await (await other.session("s")).send("hi").result).response == "Mock response"


async def test_a_session_that_was_just_being_taken_when_its_app_closed_is_free_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking, go_on, take = threading.Event(), threading.Event(), Leases.take

    def slowly(*args: Any) -> None:
        taking.set()
        assert go_on.wait(SOON)
        take(*args)

    monkeypatch.setattr(Leases, "take", slowly)
    path = tmp_path / "sessions.db"
    app = create_app(Plain, model=mock(), store=path)
    opening = asyncio.ensure_future(app.session("s"))
    assert await asyncio.to_thread(taking.wait, SOON)
    closing = asyncio.ensure_future(closed(app))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go_on.set()
    assert await closing is None
    with pytest.raises(StateError, match="The app is closed"):
        await opening
    async with create_app(Plain, model=mock(), store=path) as other:
        assert (await other.session("s")).status == "idle"
