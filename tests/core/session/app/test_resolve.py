"""What an app makes of a stored session by itself: `resolve` and `use_resolved`."""

import asyncio
from typing import Any

import pytest

from agentick_core import Nodes, Section, Timeline, component, create_app, use_session_state
from agentick_core.errors import ValidationError
from agentick_core.hooks import use_resolved
from agentick_core.session.app.resolve import ResolveContext
from agentick_core.storage.store import SessionStore
from agentick_core.testing import compile_agent
from tests.core.session.stores import loaded
from tests.core.session.talk import mock, texts


@component
def Recalling() -> Nodes:
    mood, _ = use_session_state("mood", "calm")
    yield Section(f"{use_resolved('gist')} {use_resolved('rules')} {mood}", id="gist")
    yield Timeline()


async def said(store: SessionStore) -> None:
    """Store a session in which something was said."""
    async with create_app(Recalling, model=mock(), store=store) as app:
        session = await app.session("s")
        await session.send("one").result


async def gist(context: ResolveContext) -> str:
    """Give what the stored session was about."""
    await asyncio.sleep(0)
    return f"{context.session_id}: {texts(context.snapshot.timeline)[0]}"


async def test_nothing_is_brought_back_but_what_is_resolved(store: SessionStore) -> None:
    await said(store)
    model = mock()
    async with create_app(
        Recalling, model=model, store=store, resolve={"gist": gist, "rules": "be brief"}
    ) as app:
        session = await app.session("s")
        assert session.timeline == ()
        await session.send("two").result
        assert model.requests[0].sections["gist"] == "s: one be brief calm"
        assert texts(model.requests[0])[-1] == "two"
        assert "one" not in texts(model.requests[0])


async def test_the_log_of_a_session_that_is_resolved_is_kept(store: SessionStore) -> None:
    await said(store)
    async with create_app(Recalling, model=mock(), store=store, resolve={}) as app:
        await (await app.session("s")).send("two").result
        snapshot = await loaded(store)
        assert texts(snapshot.timeline) == ["two", "Mock response"]
        assert texts(snapshot.whole_log) == ["one", "Mock response", "two", "Mock response"]


async def test_one_function_may_resolve_everything(store: SessionStore) -> None:
    await said(store)
    model = mock()

    async def resolve(context: ResolveContext) -> dict[str, Any]:
        return {"gist": await gist(context), "rules": len(context.snapshot.timeline)}

    async with create_app(Recalling, model=model, store=store, resolve=resolve) as app:
        await (await app.session("s")).send("two").result
        assert model.requests[0].sections["gist"] == "s: one 2 calm"


def broken(_: ResolveContext) -> Any:
    raise RuntimeError("no index")


def wrong(_: ResolveContext) -> Any:
    return 7


@pytest.mark.parametrize(
    ("resolve", "message"),
    [
        ({"gist": broken}, r'^resolve\["gist"\] failed: no index$'),
        (broken, "^resolve function failed: no index$"),
        (wrong, "^resolve function failed: it gave a int, not a mapping$"),
    ],
)
async def test_what_cannot_be_resolved_fails_the_send_and_is_tried_again(
    store: SessionStore, resolve: Any, message: str
) -> None:
    await said(store)
    async with create_app(Recalling, model=mock(), store=store, resolve=resolve) as app:
        session = await app.session("s")
        for _ in range(2):
            with pytest.raises(ValidationError, match=message):
                await session.send("two").result
            assert session.status == "idle"


async def test_a_new_session_and_a_run_with_a_history_resolve_nothing(store: SessionStore) -> None:
    model = mock()
    async with create_app(Recalling, model=model, store=store, resolve=broken) as app:
        await (await app.session("new")).send("hi").result
        await app.run("hi", history=["before"]).result
        assert model.requests[0].sections["gist"] == "None None calm"
        assert texts(model.requests[1])[0] == "before"


async def test_without_a_session_nothing_is_resolved() -> None:
    compiled = await compile_agent(Recalling)
    assert compiled.sections["gist"] == "None None calm"
