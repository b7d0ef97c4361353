"""The app: its sessions, its runs, its end."""

import asyncio
import gc
from dataclasses import replace
from typing import Any

import pytest

from agentick_core import AgentConfig, Nodes, Session, Timeline, User, component, create_app, run
from agentick_core.errors import NotFoundError, PropsError, SessionInUseError, StateError, ValidationError
from agentick_core.messages.snapshot import SessionSnapshot
from agentick_core.models.offline.model import OfflineModel
from agentick_core.storage.memory import MemoryStore
from agentick_core.storage.store import LeasingStore, SessionStore
from agentick_core.testing import ScriptedModel, reply
from agentick_core.testing.scripted import UnusedStepsError
from tests.core.session.talk import SOON, Plain, add, held, mock, seen, talking, texts


@component
def Needy(topic: str) -> Nodes:
    yield User(topic)
    yield Timeline()


async def test_sessions_are_found_again_by_their_ids() -> None:
    async with create_app(Plain, model=mock()) as app:
        one, other = await app.session("a"), await app.session()
        assert await app.session("a") is one
        assert await app.session(session_id="a") is one
        assert await app.session("a", session_id="a") is one
        with pytest.raises(ValidationError, match="both 'a' and 'b'"):
            await app.session("a", session_id="b")
        assert other.id != "a"
        assert dict(app.sessions) == {"a": one, other.id: other}
        assert (app.has("a"), app.has("b")) == (True, False)


async def test_options_of_an_open_session_may_be_repeated_and_not_changed() -> None:
    async with create_app(Needy("bees"), model=mock()) as app:
        options: dict[str, Any] = {
            "root": Needy("ants"),
            "metadata": {"a": 1},
            "max_ticks": 3,
            "tools": [add],
        }
        one = await app.session("a", **options)
        assert await app.session("a", root=Needy("ants")) is one
        assert await app.session("a", **options) is one
        others: dict[str, Any] = {"root": Needy("bees"), "metadata": {}, "max_ticks": 4, "tools": [add, add]}
        for name, value in others.items():
            changed: dict[str, Any] = {name: value}
            with pytest.raises(StateError, match=name):
                await app.session("a", **changed)


async def test_two_that_open_a_session_at_once_with_other_options_do_not_both_succeed() -> None:
    async with create_app(Plain, model=mock()) as app:
        one, two = await asyncio.gather(
            app.session("a", max_ticks=1), app.session("a", max_ticks=2), return_exceptions=True
        )
        assert not isinstance(one, BaseException)
        assert isinstance(two, StateError)


async def test_who_gives_up_opening_a_session_does_not_disturb_others() -> None:
    class Slow(MemoryStore):
        async def load(self, session_id: str) -> Any:
            await go.wait()
            return await super().load(session_id)

    go = asyncio.Event()
    async with create_app(Plain, store=Slow()) as app:
        first = asyncio.create_task(app.session("a"))
        second = asyncio.create_task(app.session("a"))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait({first})
        go.set()
        assert (await second).id == "a"


async def test_a_session_asked_for_while_it_closes_is_made_anew() -> None:
    async with create_app(Plain, model=mock()) as app:
        old = await app.session("a")
        closing = asyncio.create_task(old.close())
        await asyncio.sleep(0)
        new = await app.session("a")
        await closing
        assert (old.status, new.status, app.sessions["a"]) == ("closed", "idle", new)


async def test_a_missing_prop_is_an_error_where_the_agent_is_given() -> None:
    with pytest.raises(PropsError, match="topic"):
        create_app(Needy)
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(PropsError, match="topic"):
            await app.session("a", root=Needy)
        session = await app.session("a", root=Needy("wasps"))
        assert (await session.send("hi").result).response == "Mock response"


async def test_a_run_needs_no_session_and_may_have_a_history() -> None:
    model = mock()
    async with create_app(Plain, model=model) as app:
        handle = await app.run("hi", history=["before", {"role": "assistant", "content": "yes?"}])
        result = await handle.result
        assert texts(model.requests[0]) == ["before", "yes?", "hi"]
        assert (texts(result.messages), app.sessions) == (["hi", "Mock response"], {})
        assert (await app.run().result).response == "Mock response"
        assert (await app.run(messages=["a", "b"]).result).usage.ticks == 1


async def test_a_run_takes_all_that_a_send_takes_also_as_one_mapping() -> None:
    model, other = mock(), ScriptedModel("other", "other")
    sessions: list[Any] = []
    async with create_app(Plain, model=model, on_session_create=sessions.append) as app:
        sent: dict[str, Any] = {
            "system": "Be kind.",
            "sections": [{"id": "s", "content": "notes"}],
            "metadata": {"a": 1},
        }
        result = await app.run("hi", history=["before"], model=other, recording="full", **sent).result
        assert result.messages[0].metadata == {"a": 1}
        again: dict[str, Any] = {
            "messages": ["hi"],
            "history": ["before"],
            "model": other,
            "recording": "full",
            **sent,
        }
        assert (await app.run(again).result).response == "other"
        for request in other.requests:
            assert request.system == ("Be brief.", "Be kind.", "notes")
            assert texts(request) == ["before", "hi"]
        assert [session.get_recording().summary.tick_count for session in sessions] == [1, 1]
        assert (await app.run({"history": ["before"]}).result).response == "Mock response"
        assert texts(model.requests[0]) == ["before"]


async def test_an_app_can_be_run_like_an_agent() -> None:
    async with create_app(Plain, model=mock()) as app:
        assert (await run(app, "hi").result).response == "Mock response"
        with pytest.raises(ValidationError) as refused:
            await run(app, "hi", output=dict[str, int])
        assert "create_app" in refused.value.hint
        assert app.sessions == {}


async def test_closing_the_app_ends_everything_that_runs() -> None:
    closed: list[str] = []
    app = create_app(
        Plain, model=ScriptedModel(*[reply("x", hold=asyncio.Event())] * 2), on_session_close=closed.append
    )
    session = await app.session("a")
    running = [await session.send("hi"), await app.run("hi")]
    for handle in running:
        await seen(handle, "content_delta")
    async with asyncio.timeout(SOON):
        await app.aclose()
        await app.aclose()
    assert [handle.status for handle in running] == ["aborted", "aborted"]
    assert (session.status, closed) == ("closed", ["a", running[1].session_id])
    for late in (app.session("a"), app.run("hi").result):
        with pytest.raises(StateError, match="closed"):
            await late


async def test_closing_the_app_tells_of_steps_that_a_scripted_model_never_gave() -> None:
    app = create_app(Plain, model=ScriptedModel("one", "two"))
    await (await app.session("a")).send("hi").result
    with pytest.raises(UnusedStepsError):
        await app.aclose()
    assert app.sessions == {}


async def test_an_app_that_is_forgotten_warns() -> None:
    app = create_app(Plain, model=mock())
    session = await app.session("a")
    with pytest.warns(ResourceWarning, match="never closed"):
        app.__del__()
    await app.aclose()
    app.__del__()
    del app, session
    gc.collect()


async def test_an_app_can_be_had_again_with_other_options() -> None:
    async with create_app(Plain, model=mock()) as app, app.replace(model="offline", tools=(add,)) as other:
        assert other.options.model is not None
        assert other.options.model.info.spec == "offline"
        assert [each.name for each in await (await other.session()).get_tool_definitions()] == ["add"]
        with pytest.raises(TypeError, match="no option 'speed'"):
            app.replace(speed=1)
        with pytest.raises(NotFoundError):
            app.replace(model="nobody:knows")


async def test_an_app_with_other_options_keeps_what_was_added_to_the_first() -> None:
    heard: list[str] = []

    async def note(invocation: Any, next: Any) -> Any:
        heard.append(invocation.name)
        return await next()

    async with create_app(Plain, model=mock()) as app:
        app.use("session:send", note)
        app.on_session_create(lambda session: heard.append(f"opened {session.id}"))
        app.on_session_close(lambda id: heard.append(f"closed {id}"))
        async with app.replace(model=mock()) as other:
            await (await other.session("a")).send("hi").result
    assert heard == ["opened a", "session:send", "closed a"]


async def test_two_apps_on_one_store_do_not_write_one_session(store: SessionStore) -> None:
    if not isinstance(store, LeasingStore):
        pytest.skip("nobody writes in it under a lease")
    async with create_app(Plain, model=mock(), store=store) as app:
        other = app.replace(model=mock())
        await (await app.session("s")).send("hi").result
        with pytest.raises(SessionInUseError, match="another app"):
            await other.session("s")
        await app.close("s")
        assert texts((await other.session("s")).timeline) == ["hi", "Mock response"]
        await other.close("s")


async def test_a_session_that_a_hook_closes_while_it_opens_can_be_opened_again() -> None:
    store, refused = MemoryStore(), True

    async def restored(session: Session[Any], _: object) -> None:
        if refused:
            await session.close()

    async with create_app(Plain, model=mock(), store=store, on_after_restore=restored) as app:
        await (await app.session("s")).send("hi").result
        await app.close("s")
        async with asyncio.timeout(SOON):
            assert (await app.session("s")).status == "closed"
            refused = False
            assert (await app.session("s")).status == "idle"


async def test_a_session_that_is_deleted_while_it_opens_is_gone() -> None:
    store, here, go = MemoryStore(), asyncio.Event(), asyncio.Event()

    async def think(_: str, snapshot: SessionSnapshot) -> SessionSnapshot:
        here.set()
        await go.wait()
        return snapshot

    async with create_app(Plain, model=mock(), store=store) as app:
        await (await app.session("s")).send("hi").result
    async with create_app(Plain, model=mock(), store=store, on_before_restore=think) as app:
        opening = asyncio.ensure_future(app.session("s"))
        await here.wait()
        deleting = asyncio.ensure_future(app.delete("s"))
        await asyncio.sleep(0)
        go.set()
        await deleting
        assert ((await opening).status, await store.has("s")) == ("closed", False)


async def test_nothing_that_waits_for_a_deleted_session_brings_it_back() -> None:
    store = MemoryStore()
    async with create_app(Plain, model=mock(), store=store) as app:
        await app.receive("s", {"payload": "hi"})
        await app.receive("other", {"payload": "hi"})
        await app.delete("s")
        await app.process_inbox()
        assert [summary.session_id for summary in await store.list()] == ["other"]


async def test_a_run_that_cannot_be_closed_keeps_no_other_running() -> None:
    class Stuck(ScriptedModel):
        async def aclose(self) -> None:
            raise RuntimeError("stuck")

    def stuck(_: str) -> ScriptedModel:
        return Stuck(held())

    app = create_app(Plain, model=mock()).replace(open_model=stuck)
    handles = [await app.run("hi", model="stuck") for _ in range(3)]
    for handle in handles:
        await seen(handle, "content_delta")
    with pytest.raises(RuntimeError, match="stuck"):
        await app.aclose()
    assert [handle.status for handle in handles] == ["aborted"] * 3


async def test_the_model_of_an_agent_config_is_opened_once_and_closed() -> None:
    told: list[str] = []

    class Telling(ScriptedModel):
        async def aclose(self) -> None:
            told.append("closed")

    def tell(spec: str) -> ScriptedModel:
        told.append(spec)
        return Telling("hi")

    config: AgentConfig = {"system": "Be brief.", "model": "mine"}
    async with create_app(Plain, model=mock()).replace(open_model=tell) as app:
        for _ in range(3):
            await app.session("s", root=config)
    assert told == ["mine", "closed"]


async def test_a_run_of_an_agent_config_closes_the_model_it_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[OfflineModel] = []

    async def note(model: OfflineModel) -> None:
        closed.append(model)

    monkeypatch.setattr(OfflineModel, "aclose", note)
    handle = await run({"system": "Be brief.", "model": "offline"}, "hi")
    await handle.result
    async with asyncio.timeout(SOON):
        while not closed:
            await asyncio.sleep(0)
    assert len(closed) == 1


async def test_the_host_is_told_of_every_session_that_opens() -> None:
    opened: list[str] = []
    async with create_app(Plain, on_session_create=lambda session: opened.append(session.id)) as app:
        await app.session("a")
        await app.session("a")
        await app.close("a")
        await app.session("a")
        assert opened == ["a", "a"]


async def test_a_model_that_the_session_opened_is_closed_with_it() -> None:
    closed: list[str] = []

    class Closing(ScriptedModel):
        async def aclose(self) -> None:
            closed.append(self.info.id)

    def opened(spec: str) -> Closing:
        return Closing("hi", name=spec)

    async with create_app(Plain, model=mock()) as app:
        own = app.replace(open_model=opened)
        async with own:
            session = await own.session("a")
            session.set_model("mine")
            await session.send("hi").result
            await session.close()
            assert closed == ["mine"]


async def test_a_session_may_be_closed_while_it_is_being_mounted() -> None:
    async with talking() as session:
        mounting = asyncio.create_task(session.mount())
        await session.close()
        await asyncio.wait({mounting}, timeout=SOON)
        assert mounting.done()
        assert session.status == "closed"


async def test_a_model_that_cannot_be_closed_keeps_nothing_else_open() -> None:
    class Stuck(ScriptedModel):
        async def aclose(self) -> None:
            raise RuntimeError("stuck")

    def stuck(_: str) -> ScriptedModel:
        return Stuck()

    app = create_app(Plain, model=mock())
    app.options = replace(app.options, open_model=stuck)
    session = await app.session("s")
    session.set_model("stuck")
    with pytest.raises(RuntimeError, match="stuck"):
        await session.close()
    assert not app.has("s")
    assert (await app.session("s")).status == "idle"
    await app.aclose()


def test_an_app_that_cannot_be_made_says_why_and_no_more(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(ValidationError, match="the path is empty"):
        create_app(Plain, store="")
    gc.collect()
    assert not recwarn.list


async def test_labels_that_cannot_be_stored_are_refused() -> None:
    async with create_app(Plain, model=mock()) as app:
        with pytest.raises(ValidationError, match="metadata is not JSON"):
            await app.session("s", metadata={"at": object()})


async def test_the_app_sends_to_a_session_by_its_id() -> None:
    async with create_app(Plain, model=mock()) as app:
        result = await app.send("hi", session_id="s", max_ticks=1).result
        assert result.response == "Mock response"
        assert [entry.message.text for entry in app.sessions["s"].timeline] == ["hi", "Mock response"]
