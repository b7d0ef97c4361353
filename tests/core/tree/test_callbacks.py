"""Who is called when: mounts, ticks, executions, messages, and the decision at a tick's end."""

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from agentick_core.components import System
from agentick_core.errors import StateError
from agentick_core.hooks import (
    use_after_compile,
    use_continuation,
    use_on_execution_end,
    use_on_execution_start,
    use_on_message,
    use_on_mount,
    use_on_tick_end,
    use_on_tick_start,
    use_on_unmount,
    use_state,
)
from agentick_core.messages.tool import ToolCall
from agentick_core.testing.compile import render_agent
from agentick_core.tree.element import component
from agentick_core.tree.node import Nodes
from agentick_core.tree.tick_state import Continue, Decided, Stop, TickResult, TickState, Verdict

if TYPE_CHECKING:
    from agentick_core.tree.hook_events import MessageReceived

CALL = ToolCall("1", "search")


async def test_callbacks_come_in_order_children_before_parents_and_parents_leave_first() -> None:
    order: list[str] = []

    def listen(name: str) -> None:
        order.append(f"{name} renders")
        use_on_mount(lambda: order.append(f"{name} mounts"))
        use_on_execution_start(lambda: order.append(f"{name} execution starts"))
        use_on_tick_start(lambda: order.append(f"{name} tick starts"))
        use_after_compile(lambda: order.append(f"{name} compiled"))
        use_on_execution_end(lambda: order.append(f"{name} execution ends"))
        use_on_unmount(lambda: order.append(f"{name} unmounts"))

    @component
    def Inner() -> Nodes:
        listen("inner")
        yield System("x")

    @component
    def Root() -> Nodes:
        listen("root")
        yield Inner()

    async with render_agent(Root) as agent:
        await agent.tick()
        await agent.end()
    turns = ["mounts", "execution starts", "tick starts", "compiled", "execution ends"]
    expected = ["root renders", "inner renders"]
    expected += [f"{who} {turn}" for turn in turns for who in ("inner", "root")]
    assert order == [*expected, "root unmounts", "inner unmounts"]


async def test_a_tick_start_callback_is_called_once_per_tick_also_where_it_comes_late() -> None:
    ticks: list[tuple[str, int]] = []
    late = False

    @component
    def Late() -> Nodes:
        use_on_tick_start(lambda tick: ticks.append(("late", tick.tick)))
        yield System("late")

    @component
    def Root() -> Nodes:
        def start(tick: TickState) -> None:
            ticks.append(("root", tick.tick))

        use_on_tick_start(start)
        if late:
            yield Late()

    async with render_agent(Root) as agent:
        await agent.mount()
        assert ticks == []
        await agent.tick()
        late = True
        await agent.tick()
        await agent.tick()
    assert ticks == [("root", 1), ("root", 2), ("late", 2), ("late", 3), ("root", 3)]


async def test_an_execution_start_callback_is_called_once_per_execution() -> None:
    started: list[str] = []

    @component
    def Root() -> Nodes:
        use_on_execution_start(lambda event: started.append(event.execution_id))
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        await agent.tick()
        await agent.end()
        await agent.tick()
    assert started == ["execution-1", "execution-2"]


async def test_what_a_tick_start_callback_raises_fails_the_tick() -> None:
    @component
    def Root() -> Nodes:
        def fail() -> None:
            raise ValueError("not today")

        use_on_tick_start(fail)
        yield System("x")

    async with render_agent(Root) as agent:
        with pytest.raises(ValueError, match="not today"):
            await agent.tick()


async def test_beat_51_what_another_callback_raises_is_reported_and_the_tick_goes_on() -> None:
    @component
    def Root() -> Nodes:
        def fail() -> None:
            raise ValueError("not today")

        use_on_mount(fail)
        yield System("x")

    async with render_agent(Root) as agent:
        assert (await agent.tick()).system == ("x",)
        ((error, source),) = agent.host.errors
        assert isinstance(error, ValueError)
        assert re.match(r"use_on_mount in Root \(.*test_callbacks\.py:\d+\)", source)


async def test_async_callbacks_are_awaited_and_the_latest_closure_counts() -> None:
    seen: list[int] = []
    number = 0

    @component
    def Root() -> Nodes:
        current = number

        @use_on_tick_start
        async def start(tick: TickState) -> None:
            seen.append(current)

        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        number = 1
        await agent.tick()
        await agent.tick()
    assert seen == [0, 0, 1]


async def test_a_message_callback_gets_the_message_in_its_envelope() -> None:
    received: list[MessageReceived] = []

    @component
    def Root() -> Nodes:
        use_on_message(lambda event: received.append(event))
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.mount()
        await agent.tick("hi")
    (event,) = received
    assert (event.type, event.content.text, bool(event.id)) == ("message", "hi", True)
    assert isinstance(event.timestamp, int)
    assert event.ctx.session_id == "test"


async def decide(*callbacks: Callable[[TickResult], Verdict], calls: tuple[ToolCall, ...] = ()) -> Decided:
    @component
    def Root() -> Nodes:
        for callback in callbacks:
            use_continuation(callback)
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick("hi")
        return await agent.answer("yes", tool_calls=calls)


async def test_nothing_returned_leaves_the_decision_as_it_was() -> None:
    assert await decide(lambda result: None) == Decided(False)
    assert await decide(lambda result: None, calls=(CALL,)) == Decided(True)


async def test_each_callback_sees_what_was_decided_before_it_and_may_overturn_it() -> None:
    seen: list[bool] = []

    def first(result: TickResult) -> Verdict:
        seen.append(result.should_continue)
        return Continue("more")

    def second(result: TickResult) -> Verdict:
        seen.append(result.should_continue)
        return Stop("enough")

    assert await decide(first, second) == Decided(False, "enough")
    assert seen == [False, True]
    assert await decide(second, first) == Decided(True, "more")


async def test_false_stops_even_with_tool_calls_pending() -> None:
    assert await decide(lambda result: False, calls=(CALL,)) == Decided(False)
    assert await decide(lambda result: True) == Decided(True)


async def test_in_one_callback_a_stop_beats_a_continue_and_then_the_priority_counts() -> None:
    def both(result: TickResult) -> Verdict:
        result.stop("low", priority=1)
        result.continue_("on", priority=9)
        result.stop("high", priority=2)
        return Continue("returned", priority=10)

    assert await decide(both) == Decided(False, "high")


async def test_children_decide_before_parents() -> None:
    @component
    def Inner() -> Nodes:
        use_on_tick_end(lambda result: True)
        yield System("x")

    @component
    def Root() -> Nodes:
        use_continuation(lambda result: Stop("root") if result.should_continue else None)
        yield Inner()

    async with render_agent(Root) as agent:
        await agent.tick()
        assert await agent.answer("a") == Decided(False, "root")


async def test_the_result_tells_what_the_tick_gave() -> None:
    results: list[TickResult] = []

    @component
    def Root() -> Nodes:
        use_on_tick_end(lambda result: results.append(result))
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick("hi")
        await agent.answer("hello", stop_reason="stop")
    (result,) = results
    assert (result.tick, result.text, result.stop_reason) == (1, "hello", "stop")
    assert [entry.message.text for entry in result.timeline] == ["hi", "hello"]


async def test_what_is_no_verdict_is_refused() -> None:
    with pytest.raises(TypeError, match="Stop, Continue, bool or None, not 'later'"):
        await decide(lambda result: "later")  # pyright: ignore[reportReturnType, reportArgumentType]  # the point


async def test_a_compilation_that_is_cancelled_is_made_up_for_by_the_next() -> None:
    calls: list[str] = []
    reached = asyncio.Event()
    shown = True

    @component
    def Slow() -> Nodes:
        @use_on_unmount
        async def wait() -> None:
            reached.set()
            await asyncio.Event().wait()

        yield System("slow")

    @component
    def Other() -> Nodes:
        use_on_unmount(lambda: calls.append("other left"))
        yield System("other")

    @component
    def New() -> Nodes:
        use_on_mount(lambda: calls.append("new came"))
        yield System("new")

    @component
    def Root() -> Nodes:
        if shown:
            yield Slow()
            yield Other()
        else:
            yield New()

    async with render_agent(Root) as agent:
        await agent.tick()
        shown = False
        compiling = asyncio.create_task(agent.tick())
        await asyncio.wait_for(reached.wait(), 2)
        compiling.cancel()
        await asyncio.wait((compiling,))
        assert calls == []
        assert (await agent.tick()).system == ("new",)
        assert calls == ["other left", "new came"]


async def test_a_setter_from_another_thread_is_refused_with_the_remedy() -> None:
    setters: list[Callable[[int], None]] = []

    @component
    def Root() -> Nodes:
        _, set_x = use_state(0)
        setters.append(set_x)
        yield System("x")

    async with render_agent(Root) as agent:
        await agent.tick()
        with pytest.raises(StateError, match="another thread"):
            await asyncio.to_thread(setters[0], 1)
