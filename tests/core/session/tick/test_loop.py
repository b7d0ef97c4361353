"""What components say about the loop: go on, stop, compile again, fail."""

from typing import Any

import pytest

from agentick_core import (
    Complete,
    Continue,
    Nodes,
    Section,
    Stop,
    TickResult,
    Timeline,
    ToolContext,
    component,
    tool,
    use_after_compile,
    use_continuation,
    use_on_execution_end,
    use_on_execution_start,
    use_on_tick_end,
    use_on_tick_start,
    use_session,
    use_session_state,
    use_state,
    use_timeline,
)
from agentick_core.errors import ComponentError
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import add, idle, kinds, mock, talking, texts


async def test_j1_a_continuation_asks_for_exactly_as_many_ticks_as_it_wants() -> None:
    @component
    def Twice() -> Nodes:
        @use_continuation
        def more(result: TickResult) -> bool | None:
            return True if result.tick <= 2 else None

        yield Timeline()

    model = FunctionModel(lambda _: "again")
    async with talking(model, Twice) as session:
        result = await session.send("go").result
        assert (result.tick, result.usage.ticks, len(model.requests)) == (3, 3, 3)


async def test_j1_a_continuation_stops_even_where_tools_were_called() -> None:
    @component
    def Once() -> Nodes:
        use_continuation(lambda: False)
        yield add
        yield Timeline()

    async with talking(ScriptedModel(call("add", a=1, b=2)), Once) as session:
        result = await session.send("go").result
        assert (result.tick, result.stop_reason, len(session.timeline)) == (1, None, 3)


@pytest.mark.parametrize("says", [None, True, False])
@pytest.mark.parametrize("asks", ["stop", "continue"])
async def test_what_a_tool_asks_for_is_seen_by_the_callbacks_and_they_have_the_last_word(
    asks: str, says: bool | None
) -> None:
    seen: list[bool] = []

    @tool
    async def ask(ctx: ToolContext) -> str:
        """Ask."""
        (ctx.request_stop if asks == "stop" else ctx.request_continue)("the tool wants it")
        return "asked"

    @component
    def Deciding() -> Nodes:
        @use_on_tick_end
        def decide(result: TickResult) -> bool | None:
            seen.append(result.should_continue)
            return says if result.tick == 1 else None

        yield ask
        yield Timeline()

    async with talking(model := ScriptedModel(call("ask"), "done"), Deciding) as session:
        result = await session.send("go").result
        goes_on = asks == "continue" if says is None else says
        assert (seen[0], result.tick) == (asks == "continue", 2 if goes_on else 1)
        assert result.stop_reason == (None if goes_on or asks == "continue" else "the tool wants it")
        if model.unused:
            await session.send("more").result


@pytest.mark.parametrize(
    ("says", "ticks", "reason"),
    [
        ({"continue": True, "reason": "once more"}, 2, None),
        ({"continue": False, "reason": "enough"}, 1, "enough"),
        ({"stop": True, "reason": "enough", "priority": 3}, 1, "enough"),
        ({"stop": False}, 1, None),
    ],
)
async def test_a_tick_end_callback_may_say_so_with_a_mapping(
    says: dict[str, Any], ticks: int, reason: str | None
) -> None:
    @component
    def Deciding() -> Nodes:
        use_on_tick_end(lambda result: says if result.tick == 1 else None)
        yield Timeline()

    async with talking(ScriptedModel.repeat("said"), Deciding) as session:
        result = await session.send("go").result
        assert (result.tick, result.stop_reason) == (ticks, reason)


@pytest.mark.parametrize("says", [{}, {"stop": "now"}, {"halt": True}, {"stop": True, "because": "x"}])
async def test_a_mapping_that_says_nothing_known_fails_the_tick_and_tells_what_may_be_said(says: Any) -> None:
    @component
    def Deciding() -> Nodes:
        use_on_tick_end(lambda: says)
        yield Timeline()

    async with talking(mock(), Deciding) as session:
        with pytest.raises(TypeError, match=r"stop.*continue"):
            await session.send("go").result


async def test_a_stop_with_a_reason_holds_though_a_message_came_while_it_was_decided() -> None:
    @component
    def Halting() -> Nodes:
        @use_on_tick_end
        async def halt(result: TickResult) -> Stop | None:
            if result.text != "first":
                return None
            await result.ctx.queue("by the way")
            return Stop("halt")

        yield Timeline()

    async with talking(ScriptedModel("first", "second"), Halting) as session:
        assert (await session.send("go").result).stop_reason == "halt"
        await idle(session)
        assert texts(session.timeline) == ["go", "first", "by the way", "second"]


async def test_callbacks_read_the_tick_and_the_answer_by_the_names_of_the_hook_docs() -> None:
    seen: list[object] = []

    @component
    def Reading() -> Nodes:
        use_on_tick_start(lambda state: seen.append(state.tick_number))
        use_after_compile(lambda event: seen.append([each.text for each in event.compiled.messages]))
        use_on_tick_end(lambda result: seen.append(result.response))
        yield Timeline()

    async with talking(agent=Reading) as session:
        await session.send("hi").result
        assert seen == [1, ["hi"], "Mock response"]


async def test_j2_callbacks_see_what_was_decided_before_them() -> None:
    saw: list[bool] = []

    @component
    def Two() -> Nodes:
        @use_continuation
        def first(result: TickResult) -> Continue:
            saw.append(result.should_continue)
            return Continue("more")

        @use_on_tick_end
        async def second(result: TickResult) -> Stop:
            saw.append(result.should_continue)
            return Stop("enough")

        yield Timeline()

    async with talking(agent=Two) as session:
        result = await session.send("go").result
        assert (saw, result.stop_reason, result.tick) == ([False, True], "enough", 1)


async def test_j4_tick_start_is_told_in_every_tick_and_once_to_a_late_component() -> None:
    ticks: list[tuple[str, int]] = []

    @component
    def Late() -> Nodes:
        use_on_tick_start(lambda tick: ticks.append(("late", tick.tick)))
        yield Section("late", id="late")

    @component
    def Ticking() -> Nodes:
        late, set_late = use_state(False)

        @use_on_tick_start
        def count(tick: Any) -> None:
            ticks.append(("root", tick.tick))
            set_late(tick.tick >= 2)

        use_continuation(lambda result: result.tick < 3)
        yield Timeline()
        if late:
            yield Late()

    async with talking(FunctionModel(lambda _: "x"), Ticking) as session:
        await session.send("go").result
        assert sorted(ticks) == [("late", 2), ("late", 3), ("root", 1), ("root", 2), ("root", 3)]


async def test_j5_the_end_of_an_execution_is_told_once_and_what_is_set_then_is_stored() -> None:
    told: list[Any] = []

    @component
    def Ending() -> Nodes:
        ended, set_ended = use_session_state("ended", 0)
        use_on_execution_start(lambda event: told.append("start"))

        @use_on_execution_end
        def end(event: Any) -> None:
            told.append((event.aborted, type(event.error).__name__))
            set_ended(ended + 1)

        yield Timeline()

    model = ScriptedModel("fine", RuntimeError("down"), reply("x"))
    async with talking(model, Ending) as session:
        await session.send("one").result
        with pytest.raises(RuntimeError):
            await session.send("two").result

        def interrupt(event: Any) -> None:
            if event.type == "message":
                session.interrupt()

        stop = session.on("event", interrupt)
        await (await session.send("three")).settled()
        stop()
        await session.ended()
        assert told == [
            "start", (False, "NoneType"), "start", (False, "RuntimeError"), "start", (True, "AbortError"),
        ]  # fmt: skip
        assert session.snapshot().com_state == {"ended": 3}


async def test_j7_compiling_again_is_counted_and_has_a_limit() -> None:
    @component
    def Again(times: int = 2) -> Nodes:
        ctx = use_session()

        @use_after_compile
        def once_more() -> None:
            seen.append(1)
            if len(seen) <= times:
                ctx.request_recompile("not yet")

        yield Timeline()

    seen: list[int] = []
    async with talking(agent=Again) as session:
        handle = await session.send("go")
        await handle.result
        (compiled,) = [event for event in handle.events.to_list() if event.type == "compiled"]
        assert (compiled.passes, compiled.forced_stable) == (3, False)
        seen.clear()
        handle = await session.send("go", props={"times": 1000})
        assert (await handle.result).response == "Mock response"
        (compiled,) = [event for event in handle.events.to_list() if event.type == "compiled"]
        assert (compiled.passes, compiled.forced_stable) == (50, True)
        assert session.inspect().forced_stable


async def test_j8_completing_from_the_tree_asks_no_model_and_keeps_the_message() -> None:
    @component
    def Done() -> Nodes:
        yield Complete("done!")
        yield Timeline()

    model = mock()
    async with talking(model, Done) as session:
        handle = await session.send("hi")
        result = await handle.result
        assert (result.stop_reason, model.requests, texts(session.timeline)) == ("done!", [], ["hi"])
        assert kinds(handle) == [
            "execution_start", "tick_start", "compiled", "tick_end", "entry_committed", "result", "execution_end",
        ]  # fmt: skip


async def test_j10_a_stop_reason_that_nobody_knows_ends_after_one_tick() -> None:
    async with talking(ScriptedModel(reply("hm", stop_reason="other"))) as session:
        result = await session.send("hi").result
        assert (result.tick, texts(session.timeline)) == (1, ["hi", "hm"])


async def test_j13_the_timeline_can_be_trimmed_at_the_end_of_a_tick_and_the_log_stays() -> None:
    @component
    def Forgetful() -> Nodes:
        timeline = use_timeline()
        use_on_tick_end(lambda: timeline.update(lambda entries: entries[-1:]))
        yield Timeline()

    async with talking(agent=Forgetful) as session:
        await session.send("hi").result
        assert texts(session.timeline) == ["Mock response"]
        snapshot = session.snapshot()
        assert texts(snapshot.timeline) == ["Mock response"]
        assert texts(snapshot.whole_log) == ["hi", "Mock response"]


async def test_j14_a_component_that_raises_fails_the_send_and_keeps_the_message() -> None:
    @component
    def Broken(broken: bool = True) -> Nodes:
        if broken:
            raise ValueError("broken")
        yield Timeline()

    model = mock()
    async with talking(model, Broken) as session:
        with pytest.raises(ComponentError, match="broken"):
            await session.send("hi").result
        assert (model.requests, texts(session.timeline)) == ([], ["hi"])
        assert (await session.render({"broken": False}).result).response == "Mock response"


@pytest.mark.parametrize("hook", [use_on_tick_start, use_on_tick_end])
async def test_a_tick_callback_that_raises_fails_the_tick(hook: Any) -> None:
    @component
    def Failing() -> Nodes:
        @hook
        def fail() -> None:
            raise ValueError("no")

        yield Timeline()

    async with talking(agent=Failing) as session:
        with pytest.raises(Exception, match="no"):
            await session.send("hi").result
        assert texts(session.timeline)[0] == "hi"
        assert session.status == "idle"


async def test_a_message_that_comes_in_a_tick_end_callback_is_answered_in_the_next_tick() -> None:
    sent: list[int] = []

    @component
    def Chatty() -> Nodes:
        ctx = use_session()

        @use_on_tick_end
        async def one_more() -> None:
            if not sent:
                sent.append(1)
                await ctx.queue("one more thing")

        yield Timeline()

    model = ScriptedModel("first", "second")
    async with talking(model, Chatty) as session:
        result = await session.send("hi").result
        assert (result.tick, result.response) == (2, "second")
