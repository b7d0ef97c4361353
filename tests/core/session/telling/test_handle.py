"""Handles and events: what is told of an execution, in which order, and to whom."""

import asyncio
import gc
from typing import Any

import pytest

from agentick_core import AbortError, create_app
from agentick_core.errors import StateError
from agentick_core.events.orchestration import ExecutionEnd
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Adder, Plain, idle, kinds, mock, seen, talking, texts, tool

PLAIN = [
    "execution_start",
    "tick_start",
    "compiled",
    "model_request",
    "provider_request",
    "message_start",
    "content_start",
    "content_delta",
    "content_end",
    "content",
    "message_end",
    "message",
    "model_response",
    "entry_committed",
    "entry_committed",
    "tick_end",
    "context_update",
    "result",
    "execution_end",
]
TOOL = [
    "execution_start",
    "tick_start",
    "compiled",
    "model_request",
    "provider_request",
    "message_start",
    "content_start",
    "content_delta",
    "content_end",
    "content",
    "tool_call_start",
    "tool_call_delta",
    "tool_call_end",
    "tool_call",
    "message_end",
    "message",
    "model_response",
    "tool_result_start",
    "tool_result",
    "entry_committed",
    "entry_committed",
    "entry_committed",
    "tick_end",
    "context_update",
    "tick_start",
    "compiled",
    "model_request",
    "provider_request",
    "message_start",
    "content_start",
    "content_delta",
    "content_end",
    "content",
    "message_end",
    "message",
    "model_response",
    "entry_committed",
    "tick_end",
    "context_update",
    "result",
    "execution_end",
]


async def test_b1_a_finished_execution_is_replayed_whole() -> None:
    async with talking() as session:
        handle = await session.send("hi")
        await handle.result
        events = [event.type async for event in handle]
        assert (events[0], events[-1], len(events)) == ("execution_start", "execution_end", 19)


async def test_b2_two_readers_at_once_each_see_everything() -> None:
    async with talking(ScriptedModel(reply("a long answer", chunk=1))) as session:
        handle = await session.send("hi")

        async def read() -> list[int]:
            return [event.sequence async for event in handle]

        one, two, late = await asyncio.gather(read(), read(), read())
        assert one == two == late == [event.sequence for event in handle.events.to_list()]


async def test_b8_readers_of_a_failed_execution_get_its_end_and_then_the_error() -> None:
    async with talking(ScriptedModel(RuntimeError("down"))) as session:
        handle = await session.send("hi")
        with pytest.raises(RuntimeError, match="down"):
            _ = [event async for event in handle]
        events = handle.events.to_list()
        assert [event.type for event in events] == [
            "execution_start", "tick_start", "compiled", "model_request", "provider_request", "entry_committed",
            "execution_end",
        ]  # fmt: skip
        assert (events[-1].error.name, events[-1].output, handle.status) == ("RuntimeError", None, "error")


async def test_b10_aborting_what_is_done_changes_nothing() -> None:
    async with talking() as session:
        handle = await session.send("hi")
        await handle.result
        handle.abort()
        assert (handle.status, session.is_aborted) == ("completed", False)


async def test_b11_a_plain_reply_tells_its_events_in_order_and_without_gaps() -> None:
    async with talking() as session:
        handle = await session.send("hi")
        await handle.result
        assert kinds(handle) == PLAIN
        assert [event.sequence for event in handle.events.to_list()] == list(range(1, 20))


async def test_a_tool_call_tells_its_events_in_order() -> None:
    model = ScriptedModel(reply("let me see", calls=[call("add", a=1, b=2)]), "three")
    async with talking(model, Adder) as session:
        handle = await session.send("hi")
        await handle.result
        assert kinds(handle) == TOOL


async def test_b13_the_events_of_the_second_tick_say_so() -> None:
    async with talking(ScriptedModel(call("add", a=1, b=2), "three"), Adder) as session:
        handle = await session.send("hi")
        result = await handle.result
        ticks = [event.tick for event in handle.events.to_list()]
        second = kinds(handle).index("tick_start", 2)
        assert set(ticks[:second]) == {1}
        assert set(ticks[second:]) == {2}
        assert (result.tick, handle.current_tick, session.current_tick) == (2, 2, 3)


async def test_b14_b16_each_execution_has_its_own_id_and_its_own_new_entries() -> None:
    async with talking() as session:
        first, second = await session.send("one"), None
        await first.result
        second = await session.send("two")
        await second.result
        assert first.execution_id != second.execution_id
        for handle in (first, second):
            events = handle.events.to_list()
            assert {event.execution_id for event in events} == {handle.execution_id}
            assert {event.id for event in events} == {
                f"{handle.execution_id}:{event.sequence}" for event in events
            }
        end = second.events.to_list()[-1]
        assert isinstance(end, ExecutionEnd)
        assert texts(end.new_timeline_entries) == ["two", "Mock response"]
        assert end.output is not None
        assert len(end.output.timeline) == 4


async def test_b17_a_reader_of_the_session_hears_one_execution_to_its_end() -> None:
    async with talking() as session:
        for _ in range(2):
            reader = session.events()
            handle = await session.send("hi")
            heard = [event async for event in reader]
            assert heard == handle.events.to_list()


async def test_b19_callbacks_and_listeners_that_raise_harm_nothing() -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("listener")

    async with talking(
        on_event=fail, on_tick_start=fail, on_tick_end=fail, on_complete=fail, on_session_close=fail
    ) as session:
        session.on("event", fail)
        session.on("reconcile", fail)
        session.on("close", fail)
        session.channel("messages").subscribe(fail)
        handle = await session.send("hi")
        handle.events.on("*", fail)
        assert (await handle.result).response == "Mock response"
        assert session.status == "idle"


async def test_b20_an_event_of_ones_own_is_told_like_any_other() -> None:
    async with talking() as session:
        heard: list[Any] = []
        session.on("event", heard.append)
        await session.send("hi").result
        session.push_event({"type": "weather", "x": 1})
        session.push_event("weather", {"x": 2})
        one, two = heard[-2:]
        assert (one.type, one.data, one.sequence) == ("weather", {"x": 1}, 20)
        assert (two.data, two.sequence) == ({"x": 2}, 21)
        assert one.id
        assert one.timestamp


async def test_a_listener_can_be_stopped_and_once_hears_one_event() -> None:
    async with talking() as session:
        always: list[Any] = []
        once: list[Any] = []
        stop = session.on("event", always.append)
        session.once("event", once.append)
        session.push_event("a")
        session.push_event("b")
        stop()
        session.push_event("c")
        assert ([event.type for event in always], [event.type for event in once]) == (["a", "b"], ["a"])
        assert session.off("event", always.append) is False


async def test_lifecycle_callbacks_hear_ticks_and_the_end_before_the_result_is_given() -> None:
    heard: list[Any] = []

    def started(tick: int, _: str) -> None:
        heard.append(("start", tick))

    def ended(tick: int, usage: Any) -> None:
        heard.append(("end", tick, usage.total_tokens))

    def completed(result: Any) -> None:
        heard.append(("complete", result.response))

    async with talking(on_tick_start=started, on_tick_end=ended, on_complete=completed) as session:
        call = session.send("hi")
        await call.result
        assert heard == [("start", 1), ("end", 1, 15), ("complete", "Mock response")]


async def test_a_callback_of_the_session_replaces_the_apps() -> None:
    apps: list[Any] = []
    own: list[Any] = []
    async with create_app(Plain, model=mock(), on_complete=apps.append) as app:
        session = await app.session("s", on_complete=own.append)
        await session.send("hi").result
        assert (len(apps), len(own)) == (0, 1)


async def test_an_execution_that_waits_for_itself_is_told_so() -> None:
    errors: list[str] = []

    @tool
    async def wait_for_myself() -> str:
        """Wait."""
        execution = session.execution
        assert execution is not None
        calls: list[Any] = [
            lambda: execution.result,
            lambda: session.send("more").result,
            lambda: session.send("more", max_ticks=1).result,
            session.ended,
        ]
        for ask in calls:
            try:
                await ask()
            except StateError as error:
                errors.append(str(error))
        return "ok"

    model = ScriptedModel(call("wait_for_myself"), "done", "after")
    async with talking(model, tools=[wait_for_myself]) as session:
        assert (await session.send("go").result).response == "done"
        await idle(session)
        assert len(errors) == 4
        assert all("queue() or spawn()" in error for error in errors)
        assert session.timeline[-1].message.text == "after"


async def test_a_listener_may_wait_for_the_execution_that_it_hears() -> None:
    async with talking() as session:
        waiting: list[Any] = []

        async def follow() -> str:
            execution = session.execution
            assert execution is not None
            return (await execution.result).response

        def start(_: object) -> None:
            waiting.append(asyncio.create_task(follow()))

        session.once("event", start)
        await session.send("hi").result
        assert await waiting[0] == "Mock response"


async def test_failures_that_nobody_awaits_are_silent() -> None:
    async with talking(ScriptedModel(RuntimeError("down"))) as session:
        call = session.send("hi")
        unawaited = [call.result, (await call).result, session.dispatch("nobody"), session.send("")]
        await idle(session)
        unawaited.clear()
        del call
        gc.collect()
        await asyncio.sleep(0)
        assert len(session.timeline) == 1


async def test_giving_up_waiting_does_not_stop_the_execution() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("done", hold=hold))) as session:
        handle = await session.send("hi")
        for waiting in (handle.result, handle.result, session.send().result):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(waiting, 0.01)
        hold.set()
        assert (await handle.result).response == "done"


async def test_m4_a_time_limit_stops_the_execution_it_started() -> None:
    async with talking(ScriptedModel(reply("slow", hold=asyncio.Event()))) as session:
        call = session.send.with_timeout(0.02)("hi")
        handle = await call
        with pytest.raises(AbortError, match="Operation timed out after 20ms") as caught:
            await call.result
        assert caught.value.code == "ABORT_TIMEOUT"
        assert handle.status == "aborted"
        await idle(session)
        assert texts(session.timeline) == ["hi", "slow"]


async def test_a_time_limit_of_a_send_that_joined_only_ends_its_own_wait() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("one", hold=hold), "two")) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        with pytest.raises(AbortError, match="timed out"):
            await session.send.with_timeout(0.02)("more").result
        assert handle.status == "running"
        hold.set()
        assert (await handle.result).response == "two"


async def test_an_error_of_the_model_that_is_a_time_out_is_not_taken_for_the_limit() -> None:
    async with talking(ScriptedModel(TimeoutError("the model's own"))) as session:
        with pytest.raises(TimeoutError, match="the model's own"):
            await session.send.with_timeout(5)("hi").result


async def test_a_call_can_be_iterated_for_its_events() -> None:
    async with talking() as session:
        assert [event.type async for event in session.send("hi")] == PLAIN


async def test_n7_a_thousand_executions_leave_nothing_behind() -> None:
    async with talking(max_timeline_entries=4) as session:

        def held() -> tuple[int, ...]:
            core = session._core  # pyright: ignore[reportPrivateUsage]  # what is counted is inside
            return (
                core.emitter.listener_count(),
                len(core.emitter.sinks),
                len(core._tasks),  # pyright: ignore[reportPrivateUsage]  # what is counted is inside
                len(session._calls),  # pyright: ignore[reportPrivateUsage]  # what is counted is inside
                len(asyncio.all_tasks()),
            )

        await session.send("hi").result
        await asyncio.sleep(0)
        before = held()
        for _ in range(1000):
            reader = session.events()
            await session.send("hi").result
            del reader
        await asyncio.sleep(0)
        assert held() == before
        assert len(session.timeline) == 4


async def test_a_reader_that_never_reads_is_cut_off_and_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentick_core.session.telling.emitter.READER_LIMIT", 10)
    async with talking() as session:
        reader = session.events()
        await session.send("hi").result
        with pytest.raises(StateError, match="more than"):
            await anext(reader)
