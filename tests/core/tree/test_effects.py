"""Effects: when they run, when they run again, and what becomes of them."""

import asyncio
from collections.abc import Callable

from agentick_core.components import System
from agentick_core.hooks import use_effect, use_session
from agentick_core.testing.compile import render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes


async def test_an_effect_runs_every_time_once_or_when_a_dependency_changes() -> None:
    ran: list[str] = []
    name = "a"

    @component
    def Root() -> Nodes:
        current = name
        use_effect(lambda: ran.append("always"))
        use_effect(lambda: ran.append("once"), ())
        use_effect(lambda: ran.append(f"for {current}"), (current, [current]))
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        assert ran == ["always", "once", "for a"]
        await agent.tick()
        name = "b"
        await agent.tick()
    assert ran == ["always", "once", "for a", "always", "always", "for b"]


async def test_effects_run_once_after_the_tree_is_stable_children_first() -> None:
    ran: list[str] = []
    left = 3

    @component
    def Inner() -> Nodes:
        use_effect(lambda: ran.append("inner"))
        yield System("x")

    @component
    def Root() -> Nodes:
        nonlocal left
        ctx = use_session()
        if left:
            left -= 1
            ctx.request_recompile("again")

        @use_effect
        def effect() -> None:
            ran.append("root")

        yield Inner()

    async with render_agent(Root) as agent:
        assert (await agent.tick()).tree.passes == 4
    assert ran == ["inner", "root"]


async def test_a_cleanup_runs_before_the_next_run_and_when_the_component_leaves() -> None:
    ran: list[str] = []
    number = 1

    @component
    def Root() -> Nodes:
        current = number

        @use_effect(deps=(current,))
        def effect() -> Callable[[], object]:
            ran.append(f"run {current}")
            return lambda: ran.append(f"clean {current}")

        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        await agent.tick()
        number = 2
        await agent.tick()
        assert ran == ["run 1", "clean 1", "run 2"]
    assert ran[-1] == "clean 2"


async def test_an_async_effect_is_a_task_that_is_ended_before_the_next_one_starts() -> None:
    order: list[str] = []
    started = asyncio.Event()
    number = 1

    @component
    def Root() -> Nodes:
        current = number

        @use_effect(deps=(current,))
        async def effect() -> None:
            order.append(f"start {current}")
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                order.append(f"end {current}")

        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        await asyncio.wait_for(started.wait(), 2)
        started.clear()
        number = 2
        await agent.tick()
        await asyncio.wait_for(started.wait(), 2)
        assert order == ["start 1", "end 1", "start 2"]
    assert order[-1] == "end 2"


async def test_an_effect_that_fails_is_reported() -> None:
    @component
    def Root() -> Nodes:
        def fail() -> None:
            raise ValueError("sync")

        async def fail_later() -> None:
            raise ValueError("async")

        use_effect(fail, ())
        use_effect(fail_later, ())
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [str(error) for error, _ in agent.host.errors] == ["sync", "async"]


async def test_an_effect_of_a_component_that_left_is_cleaned_up_at_once() -> None:
    ran: list[str] = []
    shown = True

    @component
    def Inner() -> Nodes:
        use_effect(lambda: lambda: ran.append("gone"), ())
        yield System("x")

    @component
    def Root() -> Nodes:
        if shown:
            yield Inner()

    async with render_agent(Root) as agent:
        await agent.tick()
        shown = False
        await agent.tick()
        assert ran == ["gone"]
