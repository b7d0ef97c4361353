"""The host's say in what is stored and in what comes back."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentick_core import Session, create_app
from agentick_core.errors import StateError, StorageError, ValidationError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import SessionStore
from agentick_core.testing import ScriptedModel, TrackedRunner, reply
from tests.core.session.saying import Heard, always, asking, blackened, events_of, making
from tests.core.session.stores import BrokenStore, loaded
from tests.core.session.talk import Plain, mock, seen, talking, texts


async def test_h7_what_the_host_refuses_is_not_stored(store: SessionStore) -> None:
    told = Heard()
    async with talking(store=store, on_before_persist=always(False), on_after_persist=told) as session:
        assert (await session.send("hi").result).response == "Mock response"
        await session.flush()
        assert await store.load("s") is None
        await session.queue("later")
        await session.flush()
        assert await store.load("s") is None
        assert told.calls == []


async def test_h7_what_the_host_makes_of_a_snapshot_is_stored_and_told(store: SessionStore) -> None:
    told = Heard()
    asked: list[tuple[Session[Any], int]] = []

    async def blacken(session: Session[Any], snapshot: SessionSnapshot) -> SessionSnapshot:
        asked.append((session, len(snapshot.timeline)))
        await asyncio.sleep(0)
        return blackened(snapshot)

    async with talking(
        store=store,
        on_before_persist=blacken,
        on_after_persist=told,
    ) as session:
        for count in (2, 4):
            await session.send("a secret").result
            snapshot = await loaded(store)
            assert texts(snapshot.timeline) == ["***", "Mock response"] * (count // 2)
            assert told.calls[-1] == ("s", snapshot)
        assert asked == [(session, 2), (session, 4)]
        assert texts(session.timeline) == ["a secret", "Mock response"] * 2


async def test_a_refusal_leaves_what_was_stored_before_and_a_later_consent_stores_everything(
    store: SessionStore,
) -> None:
    refuses = False
    async with talking(store=store, on_before_persist=asking(lambda: False if refuses else None)) as session:
        await session.send("one").result
        refuses = True
        await session.send("two").result
        await session.send("three").result
        await session.flush()
        assert texts((await loaded(store)).timeline) == ["one", "Mock response"]
        refuses = False
        await session.send("four").result
        assert texts((await loaded(store)).timeline) == texts(session.timeline)
        assert (await loaded(store)).usage == session.snapshot().usage


async def test_what_is_accepted_while_the_host_decides_is_not_lost(store: SessionStore) -> None:
    decides, go_on = asyncio.Event(), asyncio.Event()

    async def decide(session: Session[Any], snapshot: SessionSnapshot) -> SessionSnapshot:
        decides.set()
        await go_on.wait()
        return blackened(snapshot)

    async with talking(store=store, on_before_persist=decide) as session:
        handle = await session.send("one")
        await decides.wait()
        await session.queue("two", when="next_execution")
        decides.clear()
        go_on.set()
        await handle.result
        snapshot = await loaded(store)
        assert [each.message.text for each in snapshot.queued] == ["two"]
        assert texts(snapshot.timeline) == ["***", "Mock response"]
        await decides.wait()


async def test_what_was_refused_is_not_stored_when_the_disk_is_back() -> None:
    store = BrokenStore()
    async with talking(store=store, on_before_persist=making(blackened)) as session:
        await session.send("a secret").result
        store.broken = True
        await session.queue("later")
        store.broken = False
        await session.flush()
        snapshot = await loaded(store)
        assert texts(snapshot.timeline) == ["***", "Mock response"]
        assert [each.message.text for each in snapshot.queued] == ["later"]


async def test_a_write_from_before_does_not_make_the_failure_of_a_hook_look_mended() -> None:
    class Slow(MemoryStore):
        async def append(self, session_id: str, records: Any) -> None:
            for _ in range(20):
                await asyncio.sleep(0)
            await super().append(session_id, records)

    def ask(*_: object) -> None:
        raise RuntimeError("the vault is locked")

    async with talking(store=Slow(), on_before_persist=ask) as session:
        await session.send("one").result
        assert session.inspect().persist_error == "the vault is locked"


async def test_a_hook_that_raises_becomes_an_event_and_fails_no_send(store: SessionStore) -> None:
    raising = True

    def ask(session: Session[Any], snapshot: SessionSnapshot) -> None:
        if raising:
            raise RuntimeError("the vault is locked")

    async with talking(store=store, on_before_persist=ask) as session:
        told = events_of(session, "persist_failed")
        assert (await session.send("one").result).response == "Mock response"
        assert [event.error.message for event in told] == ["the vault is locked"]
        assert session.inspect().persist_error == "the vault is locked"
        raising = False
        await session.send("two").result
        assert session.inspect().persist_error is None
        assert texts((await loaded(store)).timeline) == texts(session.timeline)


async def test_a_hook_that_is_told_may_raise_and_one_that_is_asked_gives_a_snapshot() -> None:
    def told(id: str, snapshot: SessionSnapshot) -> None:
        raise RuntimeError("no mail today")

    async with talking(store=MemoryStore(), on_after_persist=told) as session:
        errors = events_of(session, "error")
        await session.send("hi").result
        assert [event.source for event in errors] == ["on_after_persist"]
    wrong: Any = {"version": "1.0"}
    async with talking(store=MemoryStore(), on_before_persist=always(wrong)) as session:
        await session.send("hi").result
        assert "on_before_persist gave a value of type dict" in (session.inspect().persist_error or "")
    async with talking(
        store=MemoryStore(), on_before_persist=making(lambda snapshot: replace(snapshot, session_id="t"))
    ) as session:
        await session.send("hi").result
        assert "session 't'" in (session.inspect().persist_error or "")


async def test_the_runner_has_its_say_before_the_host() -> None:
    seen_extra: list[Any] = []
    async with talking(
        store=MemoryStore(),
        runner=TrackedRunner(persist_data={"from": "runner"}),
        on_before_persist=making(lambda snapshot: seen_extra.append(dict(snapshot.extra))),
    ) as session:
        await session.send("hi").result
        assert seen_extra == [{"from": "runner"}]


async def test_a_session_comes_back_in_the_order_of_its_hooks(store: SessionStore) -> None:
    order: list[str] = []

    class Ordered:
        def on_session_init(self, session: Any) -> None:
            order.append("on_session_init")

        async def on_restore(self, session: Any, snapshot: SessionSnapshot) -> None:
            await asyncio.sleep(0)
            order.append("on_restore")

    async def asked(id: str, snapshot: SessionSnapshot) -> None:
        await asyncio.sleep(0)
        order.append(f"on_before_restore {id}")

    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("hi").result
    async with create_app(
        Plain,
        model=mock(),
        store=store,
        runner=Ordered(),
        on_session_create=lambda session: order.append("on_session_create"),
        on_before_restore=asked,
        on_after_restore=lambda session, snapshot: order.append(f"on_after_restore {len(session.timeline)}"),
        on_before_hydrate=asking(lambda: order.append("on_before_hydrate")),
        on_after_hydrate=asking(lambda: order.append("on_after_hydrate")),
    ) as app:
        await app.session("s")
        assert order == [
            "on_before_restore s",
            "on_session_create",
            "on_session_init",
            "on_restore",
            "on_after_restore 2",
        ]
        order.clear()
        await app.session("new")
        assert order == ["on_session_create", "on_session_init"]


async def test_h8_a_refused_restore_gives_a_fresh_session_that_overwrites_nothing(
    store: SessionStore,
) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("precious").result
    async with create_app(
        Plain,
        model=mock(),
        store=store,
        on_before_restore=always(False),
        on_before_persist=always(None),
    ) as app:
        session = await app.session("s")
        assert (session.timeline, session.current_tick) == ((), 1)
        assert (await session.send("hi").result).response == "Mock response"
        await session.queue("later")
        await session.flush()
        assert texts((await loaded(store)).timeline) == ["precious", "Mock response"]
        await session.close()
        assert texts((await loaded(store)).timeline) == ["precious", "Mock response"]


@pytest.mark.parametrize("hooked", [True, False])
async def test_a_refused_session_is_stored_once_it_is_adopted(store: SessionStore, hooked: bool) -> None:
    options: dict[str, Any] = {"on_after_persist": always(None)} if hooked else {}
    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("old").result
    async with create_app(
        Plain, model=mock(), store=store, on_before_restore=always(False), **options
    ) as app:
        session = await app.session("s", metadata={"type": "new"})
        await session.send("new").result
        await session.adopt()
        snapshot = await loaded(store)
        assert (texts(snapshot.timeline), snapshot.metadata) == (["new", "Mock response"], {"type": "new"})
        await session.send("more").result
        await session.queue("later")
        await session.flush()
        snapshot = await loaded(store)
        assert len(snapshot.timeline) == 4
        assert [each.message.text for each in snapshot.queued] == ["later"]
        with pytest.raises(StateError, match="refused"):
            await session.adopt()


async def test_a_session_whose_adoption_the_host_refuses_stays_apart(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("old").result
    async with create_app(
        Plain,
        model=mock(),
        store=store,
        on_before_restore=always(False),
        on_before_persist=always(False),
    ) as app:
        session = await app.session("s")
        await session.send("new").result
        await session.adopt()
        await session.send("newer").result
        assert texts((await loaded(store)).timeline) == ["old", "Mock response"]


async def test_a_stored_session_may_be_migrated_when_it_comes_back(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("old words").result
    model = mock()

    async def migrate(id: str, snapshot: SessionSnapshot) -> SessionSnapshot:
        return blackened(snapshot)

    async with create_app(Plain, model=model, store=store, on_before_restore=migrate) as app:
        session = await app.session("s")
        assert texts(session.timeline) == ["***", "Mock response"]
        await session.queue("x")
        await session.flush()
        assert texts((await loaded(store)).timeline) == ["***", "Mock response"]
        await session.send("hi").result
        assert texts(model.requests[0])[0] == "***"


@pytest.mark.parametrize(
    ("raised", "met"),
    [
        (RuntimeError("not today"), (RuntimeError, "not today")),
        (asyncio.CancelledError(), (StateError, "itself")),
    ],
)
@pytest.mark.parametrize("hook", ["on_before_restore", "on_after_restore"])
async def test_what_a_hook_of_the_restore_raises_is_told_to_whoever_asked(
    hook: str, store: SessionStore, raised: BaseException, met: tuple[type[Exception], str]
) -> None:
    closed: list[str] = []

    def refuse(*_: Any) -> None:
        raise raised

    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("hi").result
    options: dict[str, Any] = {hook: refuse}
    async with create_app(Plain, model=mock(), store=store, on_session_close=closed.append, **options) as app:
        with pytest.raises(met[0], match=met[1]):
            await app.session("s")
        assert not app.has("s")
        assert closed == (["s"] if hook == "on_after_restore" else [])
    async with create_app(Plain, model=mock(), store=store) as app:
        assert len((await app.session("s")).timeline) == 2


async def test_extra_that_nobody_touches_goes_through_load_and_save(store: SessionStore) -> None:
    extra = {"theirs": {"kept": [1, 2]}}
    await store.save(SessionSnapshot(session_id="s", extra=extra))
    async with talking(store=store) as session:
        await session.send("hi").result
        assert (await loaded(store)).extra == extra


async def test_beat_12_a_restored_session_shows_itself_before_it_is_used(store: SessionStore) -> None:
    async with create_app(Plain, model=mock(), store=store) as app:
        session = await app.session("s")
        await session.send("hi").result
        before = session.snapshot()
    async with create_app(Plain, model=mock(), store=store) as app:
        session = await app.session("s")
        assert session.snapshot().timeline == before.timeline
        inspected = session.inspect()
        assert (inspected.timeline_length, inspected.tick_count, inspected.total_usage) == (
            2,
            1,
            before.usage,
        )
        await store.save(session.snapshot())
        assert (await loaded(store)).timeline == before.timeline


async def test_beat_44_what_happens_between_executions_and_in_aborted_ones_is_stored_too(
    store: SessionStore,
) -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("half an ", hold=hold)), store=store) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        assert [each.message.text for each in (await loaded(store)).queued] == ["hi"]
        handle.abort("enough")
        await session.ended()
        await session.queue("later")
        snapshot = await loaded(store)
        assert texts(snapshot.timeline)[0] == "hi"
        assert [each.message.text for each in snapshot.queued] == ["later"]
        assert snapshot.open_execution is None


async def test_a_broken_disk_keeps_an_adopted_session_from_being_called_stored() -> None:
    store = BrokenStore()
    await store.save(SessionSnapshot(session_id="s"))
    async with talking(store=store, on_before_restore=always(False)) as session:
        store.broken = True
        with pytest.raises(StorageError, match="disk full"):
            await session.adopt()
        store.broken = False
        await session.send("hi").result
        assert len((await loaded(store)).timeline) == 2


async def test_a_snapshot_of_a_hook_is_a_snapshot() -> None:
    store = MemoryStore()
    await store.save(SessionSnapshot(session_id="s"))
    wrong: Any = {"timeline": []}
    async with create_app(Plain, model=mock(), store=store, on_before_restore=always(wrong)) as app:
        with pytest.raises(ValidationError, match="on_before_restore gave a value of type dict"):
            await app.session("s")
