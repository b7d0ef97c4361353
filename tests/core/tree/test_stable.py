"""Compiling until stable: passes, limits, and what asks for another."""

import pytest

from agentick_core.components import Complete, Message, System, Timeline
from agentick_core.errors import ComponentError
from agentick_core.hooks import (
    use_after_compile,
    use_effect,
    use_ref,
    use_session,
    use_session_state,
    use_state,
)
from agentick_core.testing.compile import compile_agent, render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


async def test_a_tree_that_asks_for_nothing_is_rendered_once() -> None:
    @component
    def Root() -> Nodes:
        use_state(0)
        yield System("x")

    compiled = await compile_agent(Root)
    assert (compiled.tree.passes, compiled.tree.forced_stable) == (1, False)


async def test_asking_for_another_pass_twice_makes_three() -> None:
    @component
    def Root() -> Nodes:
        left = use_ref(2)
        ctx = use_session()

        @use_after_compile
        def again() -> None:
            if left.current:
                left.current -= 1
                ctx.request_recompile(f"{left.current} left")

        yield System("x")

    assert (await compile_agent(Root)).tree.passes == 3


async def test_a_tree_that_never_settles_stops_at_the_limit_with_the_last_two_reasons() -> None:
    @component
    def Root() -> Nodes:
        ctx = use_session()
        calls = use_ref(0)

        @use_after_compile
        def again() -> None:
            calls.current += 1
            ctx.request_recompile(f"reason {calls.current}")

        yield System(str(calls.current))

    compiled = (await compile_agent(Root)).tree
    assert (compiled.passes, compiled.forced_stable) == (50, True)
    assert compiled.reasons == ("reason 49", "reason 50")
    assert compiled.system == ("49",)


async def test_state_that_settles_in_the_body_is_seen_in_the_same_tick() -> None:
    @component
    def Root() -> Nodes:
        count, set_count = use_state(0)
        if count < 5:
            set_count(count + 1)
        yield System(str(count))

    compiled = await compile_agent(Root)
    assert (compiled.system, compiled.tree.passes) == (("5",), 6)


async def test_setting_the_value_that_is_there_asks_for_nothing() -> None:
    @component
    def Root() -> Nodes:
        value, set_value = use_state([1])
        set_value([1])
        yield System(str(value))

    assert (await compile_agent(Root)).tree.passes == 1


async def test_a_body_that_always_sets_state_is_an_error_after_25_renders() -> None:
    renders = 0

    @component
    def Restless() -> Nodes:
        nonlocal renders
        renders += 1
        count, set_count = use_state(0)
        set_count(count + 1)
        yield System("x")

    @component
    def Root() -> Nodes:
        yield Restless()

    with pytest.raises(
        ComponentError, match="Restless has set state in its body in 25 renders in a row"
    ) as caught:
        await compile_agent(Root)
    assert caught.value.stack == ("Root", "Restless")
    assert renders == 25


async def test_session_state_that_a_callback_sets_is_seen_in_the_same_tick() -> None:
    @component
    def Root() -> Nodes:
        value, set_value = use_session_state("value", "old")
        use_after_compile(lambda: set_value("new"))
        yield System(value)

    assert (await compile_agent(Root)).system == ("new",)


async def test_an_effect_that_sets_state_brings_another_pass() -> None:
    @component
    def Root() -> Nodes:
        value, set_value = use_state("old")
        use_effect(lambda: set_value("new"), ())
        yield System(value)

    compiled = await compile_agent(Root)
    assert (compiled.system, compiled.tree.passes) == (("new",), 2)


async def test_a_component_can_end_the_execution_before_the_model_is_asked() -> None:
    @component
    def Root() -> Nodes:
        yield Timeline()
        yield Message("note")
        yield Complete("done!")

    compiled = await compile_agent(Root, ["hi"])
    assert compiled.tree.stop_reason == "done!"
    assert [message.text for message in compiled.messages] == ["hi", "note"]


async def test_a_stop_is_forgotten_in_the_next_tick() -> None:
    shown = True

    @component
    def Root() -> Nodes:
        if shown:
            yield Complete("done!")

    async with render_agent(Root) as agent:
        assert (await agent.tick()).tree.stop_reason == "done!"
        shown = False
        assert (await agent.tick()).tree.stop_reason is None


async def test_a_change_between_ticks_tells_the_host_why() -> None:
    @component
    def Root() -> Nodes:
        value, set_value = use_session_state("value", 1)
        use_ref(set_value)
        yield System(str(value))

    async with render_agent(Root) as agent:
        await agent.mount()
        assert agent.host.reasons == []
        agent.state.set("value", 2)
        assert agent.host.reasons == ['session state "value" in Root']
        assert (await agent.mount()).system == ("2",)
