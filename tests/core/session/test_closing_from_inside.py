"""What the closing of a session waits for may itself ask for closings and openings."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    Session,
    Timeline,
    component,
    create_app,
    use_after_compile,
    use_on_mount,
    use_on_tick_start,
)
from agentick_core.errors import StateError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.testing import ScriptedModel


@component
def Plain() -> Any:
    yield Timeline()


async def test_a_session_can_be_opened_by_what_the_eviction_of_another_waits_for() -> None:
    opened: list[str] = []

    class Runner:
        async def on_destroy(self, ref: Any) -> None:
            if ref.id == "first":
                opened.append((await app.session("archive")).id)

    app: Any = create_app(Plain, model=ScriptedModel.repeat("ok"), max_active=1, runner=Runner())
    async with asyncio.timeout(5), app:
        await (await app.session("first")).send("x").result
        await app.session("second")
    assert opened == ["archive"]


async def test_an_async_on_complete_goes_on_after_it_has_closed_its_session() -> None:
    ended = asyncio.Event()

    async def on_complete(_: object) -> None:
        await session.close()
        ended.set()

    async with create_app(Plain, model=ScriptedModel.repeat("ok"), on_complete=on_complete) as app:
        session = await app.session("s")
        await session.send("x").result
        async with asyncio.timeout(5):
            await ended.wait()
        assert session.status == "closed"


async def test_an_async_on_session_close_may_wait_for_the_closing() -> None:
    told: list[str] = []

    async def closed(id: str) -> None:
        await session.wait_closed()
        told.append(id)

    async with create_app(Plain, model=ScriptedModel.repeat("ok")) as app:
        app.on_session_close(closed)
        session = await app.session("s")
        async with asyncio.timeout(5):
            await session.close()
    assert told == ["s"]


async def test_a_session_cannot_be_put_to_sleep_by_the_hook_that_is_asked_whether_it_may() -> None:
    refused: list[str] = []

    async def before(session: Session[Any], snapshot: SessionSnapshot) -> SessionSnapshot:
        try:
            await session.hibernate()
        except StateError as error:
            refused.append(error.message)
        return snapshot

    async with create_app(Plain, model=ScriptedModel.repeat("ok"), on_before_hibernate=before) as app:
        await app.session("s")
        async with asyncio.timeout(5):
            await app.hibernate("s")
    assert refused == ["A session cannot hibernate from inside"]


async def test_closing_waits_for_async_listeners() -> None:
    heard: list[str] = []

    async def listen(event: Any) -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        heard.append(event.type)

    async with create_app(Plain, model=ScriptedModel.repeat("ok")) as app:
        session = await app.session("s")
        session.on("event", listen)
        session.push_event("late", {})
        await session.close()
        assert heard == ["late"]


async def test_what_closing_waits_for_cannot_open_the_session_again() -> None:
    refused: list[str] = []

    class Runner:
        async def on_destroy(self, ref: Any) -> None:
            with pytest.raises(StateError, match="just being closed"):
                await app.session(ref.id)
            refused.append(ref.id)

    app: Any = create_app(Plain, model=ScriptedModel.repeat("ok"), runner=Runner())
    async with asyncio.timeout(5), app:
        await (await app.session("s")).close()
    assert refused == ["s"]


async def test_an_opening_session_cannot_be_closed_by_id_from_its_own_callback() -> None:
    async def created(session: Any) -> None:
        await app.close(session.id)

    app = create_app(Plain, model=ScriptedModel.repeat("ok"))
    app.on_session_create(created)
    async with asyncio.timeout(5), app:
        with pytest.raises(StateError, match="just being opened"):
            await app.session("s")


@pytest.mark.parametrize(
    "hook", [use_on_mount, use_on_tick_start, use_after_compile], ids=lambda hook: hook.__name__
)
async def test_no_model_is_asked_after_a_hook_has_closed_the_session(hook: Callable[..., Any]) -> None:
    async def leave() -> None:
        await session.close()

    @component
    def Leaving() -> Any:
        hook(leave)
        yield Timeline()

    model = ScriptedModel.repeat("ok")
    async with create_app(Leaving, model=model) as app:
        session = await app.session("s")
        async with asyncio.timeout(5):
            with pytest.raises(AbortError):
                await session.send("x").result
            await session.wait_closed()
        assert (session.status, model.requests) == ("closed", [])
        assert [entry.message.text for entry in session.timeline] == ["x"]
