"""Data: when it is fetched, what waits for it, and what becomes of a fetch that fails or is cut off."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agentick_core import Nodes, System, Timeline, component, create_app, use_memo, use_state
from agentick_core.components import ErrorBoundary, Knobs, Section
from agentick_core.errors import AbortError, ComponentError
from agentick_core.hooks import use_data, use_invalidate_data, use_knob, use_ref
from agentick_core.storage.memory import MemoryStore
from agentick_core.testing import compile_agent, render_agent
from agentick_core.wire.snapshot import snapshot_from_wire, snapshot_to_wire
from tests.core.session.talk import SOON, mock, talking


def fetcher(value: Any, fetched: list[Any]) -> Callable[[], Awaitable[Any]]:
    async def fetch() -> Any:
        fetched.append(value)
        await asyncio.sleep(0)
        return value

    return fetch


async def test_the_model_is_asked_when_the_data_is_there_and_it_is_fetched_once() -> None:
    fetched: list[str] = []

    @component
    def Root() -> Nodes:
        name = use_data("name", fetcher("Ada", fetched))
        yield System(f"Hello {name}")

    async with render_agent(Root) as agent:
        compiled = await agent.tick()
        assert (compiled.system, compiled.tree.passes) == (("Hello Ada",), 1)
        assert (await agent.tick()).system == ("Hello Ada",)
    assert fetched == ["Ada"]


async def test_what_a_component_needs_is_fetched_together_and_so_is_what_others_need() -> None:
    running = 0
    most = 0

    async def fetch() -> str:
        nonlocal running, most
        running += 1
        await asyncio.sleep(0)
        most = max(most, running)
        running -= 1
        return "x"

    @component
    def Other() -> Nodes:
        yield Section(use_data("c", fetch), id="c")

    @component
    def Root() -> Nodes:
        yield Other()
        yield Inner()

    @component
    def Inner() -> Nodes:
        a = use_data("a", fetch)
        b = use_data("b", fetch)
        yield System(f"{a} {b}")

    assert (await compile_agent(Root)).system == ("x x", "x")
    assert most == 3


async def test_data_that_is_made_of_other_data_is_fetched_after_it() -> None:
    fetched: list[Any] = []

    @component
    def Root() -> Nodes:
        user = use_data("user", fetcher({"id": 7}, fetched))

        async def posts_of_user() -> list[int]:
            fetched.append("late")
            return [user["id"]]

        posts = use_data("posts", fetcher(["a"], fetched), (user,))
        late = use_data("late", posts_of_user)
        size = use_memo(lambda: len(posts), (posts,))
        first, _ = use_state(late[0])
        yield System(f"{user['id']} {posts} {size} {first}")

    assert (await compile_agent(Root)).system == ("7 ['a'] 1 7",)
    assert fetched.index({"id": 7}) < fetched.index(["a"])


async def test_a_fetch_that_looks_at_other_data_too_early_is_tried_again() -> None:
    @component
    def Root() -> Nodes:
        user = use_data("user", fetcher({"id": 7}, []))

        async def fetch_posts() -> list[int]:
            return [user["id"]]

        posts = use_data("posts", fetch_posts)
        yield System(f"{posts}")

    assert (await compile_agent(Root)).system == ("[7]",)


async def test_state_is_not_made_of_data_that_is_not_there() -> None:
    @component
    def Root() -> Nodes:
        name = use_data("name", fetcher("Ada", []))
        kept, _ = use_state(name)
        ref = use_ref(name)
        yield System(f"{kept} {ref.current}")

    assert (await compile_agent(Root)).system == ("Ada Ada",)


async def test_children_keep_their_state_while_their_parent_waits_for_other_data() -> None:
    topic = "a"

    @component
    def Counter() -> Nodes:
        count = use_ref(0)
        count.current += 1
        yield System(f"count {count.current}")

    @component
    def Root() -> Nodes:
        found = use_data("found", fetcher(topic.upper(), []), (topic,))
        yield System(found)
        yield Counter()

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("A", "count 1")
        topic = "b"
        assert (await agent.tick()).system == ("B", "count 2")


async def test_data_is_fetched_again_when_its_dependencies_change_and_not_when_they_are_equal() -> None:
    fetched: list[str] = []
    topics = [["a"], ["a"], ["b"], ["b"]]

    @component
    def Root() -> Nodes:
        topic = topics[0]
        yield System(use_data("found", fetcher(topic[0], fetched), (topic,)))

    async with render_agent(Root) as agent:
        while topics:
            await agent.tick()
            topics.pop(0)
            if not topics:
                break
    assert fetched == ["a", "b"]


async def test_a_fetch_without_waiting_is_there_at_once() -> None:
    @component
    def Root() -> Nodes:
        yield System(use_data("now", lambda: "at once"))

    assert (await compile_agent(Root)).system == ("at once",)


async def test_invalidated_data_is_fetched_again_by_its_key_or_by_a_pattern() -> None:
    fetched: list[str] = []
    invalidate: list[Callable[[str | re.Pattern[str]], None]] = []

    @component
    def Root() -> Nodes:
        invalidate.append(use_invalidate_data())
        for key in ("user:1", "user:2", "user"):
            use_data(key, fetcher(key, fetched))
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        fetched.clear()
        for pattern in ("user", re.compile("^user:"), "nobody"):
            reasons = len(agent.host.reasons)
            invalidate[0](pattern)
            assert len(agent.host.reasons) - reasons == (pattern != "nobody")
            await agent.tick()
            fetched.append("|")
    assert fetched == ["user", "|", "user:1", "user:2", "|", "|"]


async def test_beat_35_a_failed_fetch_fails_the_send_and_is_tried_again_at_the_next() -> None:
    tries: list[str] = []

    async def fetch() -> str:
        tries.append("try")
        if len(tries) == 1:
            raise ConnectionError("no network")
        return "data"

    @component
    def Root() -> Nodes:
        yield System(use_data("key", fetch))
        yield Timeline()

    async with talking(mock(), Root) as session:
        with pytest.raises(ComponentError, match="no network"):
            await session.send("one").result
        assert len(tries) == 1
        assert (await session.send("two").result).raw.system == ("data",)
        await session.send("three").result
    assert len(tries) == 2


async def test_a_failed_fetch_is_not_tried_again_within_an_execution_unless_it_is_invalidated() -> None:
    tries: list[str] = []
    invalidate: list[Callable[[str], None]] = []

    async def fetch() -> str:
        tries.append("try")
        raise ConnectionError(f"failed {len(tries)}")

    @component
    def Fetching() -> Nodes:
        yield System(use_data("key", fetch))

    @component
    def Root() -> Nodes:
        invalidate.append(use_invalidate_data())
        yield ErrorBoundary(Fetching(), fallback=lambda error: System(str(error.__cause__)))

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("failed 1",)
        assert (await agent.tick()).system == ("failed 1",)
        invalidate[0]("key")
        assert (await agent.tick()).system == ("failed 2",)
        await agent.end()
        assert (await agent.tick()).system == ("failed 3",)


async def test_h4_data_survives_three_restores_and_is_fetched_once_unless_it_is_not_to_be_stored() -> None:
    fetched: list[Any] = []
    fleeting: list[Any] = []

    @component
    def Root() -> Nodes:
        kept = use_data("kept", fetcher({"camelCase": [1]}, fetched), (("a", 1), "b"))
        use_data("fleeting", fetcher("f", fleeting), persist=False)
        yield System(str(kept))
        yield Timeline()

    app = create_app(Root, model=mock(), store=MemoryStore())
    async with app:
        for round in range(4):
            session = await app.session("s")
            assert (await session.send("go").result).raw.system == ("{'camelCase': [1]}",)
            snapshot = session.snapshot()
            assert snapshot.data_cache == {
                "kept": {"value": {"camelCase": [1]}, "tick": 1, "deps": [("a", 1), "b"]}
            } or (round and snapshot.data_cache["kept"]["deps"] == [["a", 1], "b"])
            wire = snapshot_to_wire(snapshot)
            assert wire["dataCache"]["kept"] == {
                "value": {"camelCase": [1]},
                "tick": 1,
                "deps": [["a", 1], "b"],
            }
            assert snapshot_from_wire(wire).data_cache == wire["dataCache"]
            await session.close()
    assert (len(fetched), len(fleeting)) == (1, 4)


async def test_a_session_without_data_has_an_empty_cache() -> None:
    async with talking() as session:
        await session.send("hi").result
        assert session.snapshot().data_cache == {}


async def test_data_that_cannot_be_stored_says_so() -> None:
    @component
    def Root() -> Nodes:
        yield System(str(use_data("thing", fetcher(object(), []))))

    with pytest.raises(ComponentError, match='The value of the data "thing" cannot be stored'):
        await compile_agent(Root)


async def test_an_abort_cancels_the_fetch_and_the_next_send_fetches_again() -> None:
    began = asyncio.Event()
    cancelled: list[str] = []
    tries: list[str] = []

    async def fetch() -> str:
        tries.append("try")
        began.set()
        if len(tries) > 1:
            return "data"
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("cancelled")
            raise
        return "never"

    @component
    def Root() -> Nodes:
        yield System(use_data("key", fetch))
        yield Timeline()

    async with talking(mock(), Root) as session:
        handle = await session.send("one")
        async with asyncio.timeout(SOON):
            await began.wait()
        handle.abort("enough")
        with pytest.raises(AbortError):
            await handle.result
        assert (await session.send("two").result).response == "Mock response"
        assert (cancelled, tries) == (["cancelled"], ["try", "try"])


async def test_two_components_that_fight_over_one_key_are_an_error_and_not_an_endless_wait() -> None:
    fetched: list[str] = []

    @component
    def One(name: str) -> Nodes:
        yield System(use_data("key", fetcher(name, fetched), (name,)))

    @component
    def Root() -> Nodes:
        yield One("a")
        yield One("b")

    with pytest.raises(ComponentError, match="fetched 10 times in a row"):
        await compile_agent(Root)
    assert len(fetched) <= 11


async def test_what_waits_has_no_knobs_yet_and_still_compiles_once() -> None:
    @component
    def Root() -> Nodes:
        topic = use_data("topic", fetcher("bees", []))
        use_knob("depth", 1, description=topic)
        yield Knobs()

    compiled = await compile_agent(Root)
    assert compiled.sections["knobs"].splitlines()[1:] == ["depth [number]: 1 — bees"]


async def test_a_tick_that_fails_elsewhere_leaves_no_fetch_behind() -> None:
    async def fetch() -> str:
        await asyncio.Event().wait()
        return "never"

    @component
    def Waiting() -> Nodes:
        yield System(use_data("key", fetch))

    @component
    def Broken() -> Nodes:
        raise ValueError("broken")

    @component
    def Root() -> Nodes:
        yield Waiting()
        yield Broken()

    with pytest.raises(ComponentError, match="broken"):
        await compile_agent(Root)
    assert asyncio.all_tasks() == {asyncio.current_task()}
