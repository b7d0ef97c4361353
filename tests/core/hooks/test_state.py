"""State, refs, memos, and state of the session."""

from typing import TYPE_CHECKING, Any, assert_type

import pytest

from agentick_core.components import Section, System, Timeline
from agentick_core.hooks import (
    use_after_compile,
    use_conversation_history,
    use_data,
    use_memo,
    use_on_tick_start,
    use_queued_messages,
    use_ref,
    use_session,
    use_session_state,
    use_state,
    use_tick_state,
    use_timeline,
)
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentick_core.hooks.session_state import SetSessionState
    from agentick_core.hooks.state import SetState


async def test_state_is_set_and_updated_and_its_setter_stays_the_same() -> None:
    setters: list[SetState[int]] = []

    @component
    def Root() -> Nodes:
        count, set_count = use_state(0)
        assert_type(count, int)
        setters.append(set_count)
        yield System(str(count))

    async with render_agent(Root) as agent:
        await agent.tick()
        setters[0](3)
        setters[0].update(lambda count: count + 1)
        assert (await agent.tick()).system == ("4",)
        assert setters[0] is setters[-1]


async def test_a_factory_makes_the_first_value_of_each_component() -> None:
    @component
    def List() -> Nodes:
        items, _ = use_state(factory=list[str])
        items.append("x")
        yield System(",".join(items))

    @component
    def Root() -> Nodes:
        yield List()
        yield List()

    async with render_agent(Root) as agent:
        await agent.tick()
        assert (await agent.tick()).system == ("x,x", "x,x")


async def test_equal_data_is_no_change_and_callables_and_types_are_compared_strictly() -> None:
    changes: list[Callable[[object], None]] = []

    @component
    def Root() -> Nodes:
        _, set_value = use_state(_object([1]))
        changes.append(set_value)
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.mount()
        set_value = changes[0]
        set_value([1])
        assert not agent.host.reasons
        set_value(1)
        set_value(True)
        set_value(lambda: 1)
        set_value(lambda: 1)
        assert len(agent.host.reasons) == 4


def _object(value: object) -> object:
    return value


async def test_a_ref_is_kept_and_its_change_renders_nothing() -> None:
    @component
    def Root() -> Nodes:
        ref = use_ref(0)
        ref.current += 1
        yield System(str(ref.current))

    async with render_agent(Root) as agent:
        await agent.tick()
        assert (await agent.tick()).system == ("2",)
        assert agent.host.reasons == []


async def test_a_memo_is_computed_again_only_for_other_dependencies() -> None:
    computed: list[str] = []
    name = "a"

    @component
    def Root() -> Nodes:
        def compute() -> str:
            computed.append(name)
            return name.upper()

        yield System(use_memo(compute, (name, [name])))

    async with render_agent(Root) as agent:
        await agent.tick()
        await agent.tick()
        name = "b"
        assert (await agent.tick()).system == ("B",)
    assert computed == ["a", "b"]


async def test_a_memo_of_data_is_computed_once_when_that_is_there() -> None:
    computed: list[int] = []

    async def fetch() -> int:
        return 3

    @component
    def Root() -> Nodes:
        number = use_data("number", fetch)

        def double() -> int:
            computed.append(1)
            return number * 2

        yield System(str(use_memo(double, (number,))))

    assert (await compile_agent(Root)).system == ("6",)
    assert computed == [1]


async def test_session_state_is_shared_by_key_and_told_to_the_session() -> None:
    setters: list[SetSessionState[int]] = []

    @component
    def Part(first: int) -> Nodes:
        value, set_value = use_session_state("count", first)
        assert_type(value, int)
        setters.append(set_value)
        yield System(str(value))

    @component
    def Root() -> Nodes:
        yield Part(1)
        yield Part(2)

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("1", "1")
        assert agent.state.get("count") == 1
        setters[0].update(lambda count: count + 1)
        assert agent.state.get("count") == 2
        assert (await agent.tick()).system == ("2", "2")


async def test_session_state_starts_with_what_the_session_has() -> None:
    @component
    def Root() -> Nodes:
        value, _ = use_session_state("name", factory=lambda: "new")
        yield System(value)

    assert (await compile_agent(Root, state={"name": "restored"})).system == ("restored",)


async def test_a_component_follows_the_key_it_names_now_and_none_after_it_left() -> None:
    key = "a"
    shown = True

    @component
    def Part() -> Nodes:
        value, _ = use_session_state(key, 0)
        yield System(str(value))

    @component
    def Root() -> Nodes:
        if shown:
            yield Part()

    async with render_agent(Root) as agent:
        await agent.tick()
        key = "b"
        await agent.tick()
        agent.state.set("a", 1)
        assert agent.host.reasons == []
        agent.state.set("b", 1)
        assert len(agent.host.reasons) == 1
        shown = False
        await agent.tick()
        agent.state.set("b", 2)
        assert len(agent.host.reasons) == 1


async def test_a_component_reads_the_tick_the_timeline_and_what_waits() -> None:
    @component
    def Root() -> Nodes:
        tick = use_tick_state()
        waiting = [message.text for message in use_queued_messages()]
        entries = len(use_timeline().entries)
        assert [message.text for message in tick.queued_messages] == waiting
        assert len(tick.timeline) == entries
        yield System(f"{tick.tick} {tick.execution_id} {waiting} {entries} {use_session().session_id}")

    async with render_agent(Root, history=["before"]) as agent:
        assert (await agent.tick("hi")).system == ("1 execution-1 ['hi'] 1 test",)
        await agent.answer("yo")
        assert (await agent.tick()).system == ("2 execution-1 [] 3 test",)


async def test_the_timeline_can_be_set_and_updated() -> None:
    @component
    def Root() -> Nodes:
        timeline = use_timeline()
        if len(timeline.entries) > 1:
            timeline.update(lambda entries: entries[-1:])
        yield System(",".join(entry.message.text for entry in timeline.entries))

    async with render_agent(Root, history=["a", "b"]) as agent:
        assert (await agent.tick()).system == ("b",)
        assert [entry.message.text for entry in agent.history] == ["b"]


@pytest.mark.parametrize("hook", [use_on_tick_start, use_after_compile])
async def test_a_timeline_set_while_a_tick_is_prepared_is_what_its_model_sees(hook: Any) -> None:
    @component
    def Forgetful() -> Nodes:
        timeline = use_timeline()
        hook(lambda: timeline.update(lambda entries: entries[-1:]))
        yield Timeline()
        yield Section(str(len(use_conversation_history())), id="entries")

    async with render_agent(Forgetful, history=["a", "b"]) as agent:
        compiled = await agent.tick("c")
        assert ([message.text for message in compiled.messages], compiled.sections) == (
            ["b", "c"],
            {"entries": "1"},
        )


async def test_a_timeline_that_is_set_to_what_it_shows_renders_nothing_again() -> None:
    @component
    def Tidy() -> Nodes:
        timeline = use_timeline()
        timeline.set(timeline.entries)
        yield Timeline()

    async with render_agent(Tidy, history=["a"]) as agent:
        assert (await agent.tick("b")).tree.passes == 1
