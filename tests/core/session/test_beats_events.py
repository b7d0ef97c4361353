"""What readers of events and results can rely on."""

import asyncio
import gc
from typing import Any

import pytest

from agentick_core import AbortError, Nodes, Timeline, component, create_app, tool, use_continuation
from agentick_core.errors import SessionClosedError, StateError
from agentick_core.events import ExecutionEnd
from agentick_core.events.buffer import EventBuffer
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import SOON, Adder, Plain, held, idle, kinds, mock, seen, stopped, talking


async def read(reader: Any) -> list[Any]:
    """Read to the end."""
    async with asyncio.timeout(SOON):
        return [event async for event in reader]


async def test_beat_23_each_reader_hears_the_whole_execution_and_each_execution_can_be_read() -> None:
    async with talking() as session:
        for _ in range(3):
            readers = [session.events(), session.events()]
            reading = [asyncio.create_task(read(each)) for each in readers]
            await session.send("hi").result
            one, two = await asyncio.gather(*reading)
            assert one == two
            assert [one[0].type, one[-1].type] == ["execution_start", "execution_end"]
            assert [event.sequence for event in one] == list(range(one[0].sequence, one[-1].sequence + 1))


async def test_beat_23_who_does_not_read_keeps_nothing() -> None:
    async with talking() as session:
        reader = session.events()
        await session.send("one").result
        await session.send("two").result
        heard = await read(reader)
        assert len([event for event in heard if event.type == "execution_end"]) == 1


@tool
async def again() -> str:
    """Go on."""
    return "more"


@component
def Endless() -> Nodes:
    yield again
    yield Timeline()


async def test_beat_24_the_last_tick_that_was_allowed_says_so() -> None:
    async with talking(ScriptedModel(call("again"), call("again")), Endless) as session:
        handle = await session.send("go", max_ticks=2)
        result = await handle.result
        end = next(event for event in handle.events.to_list() if isinstance(event, ExecutionEnd))
        assert result.stop_reason == end.stop_reason == "max_ticks"
    async with talking() as session:
        assert (await session.send("go", max_ticks=1).result).stop_reason is None


async def test_beat_25_the_response_is_all_the_text_of_the_last_answer() -> None:
    async with talking(
        ScriptedModel(reply(["one", "two"]), call("again"), reply(["three", "four"])), Endless
    ) as session:
        assert (await session.send("a").result).response == "one\n\ntwo"
        result = await session.send("b").result
        assert result.response == "three\n\nfour"
        assert [message.role for message in result.messages] == ["user", "assistant", "tool", "assistant"]


async def test_beat_26_a_childs_execution_has_its_own_id_and_its_usage_is_in_the_tree() -> None:
    async with talking() as session:
        events: list[Any] = []
        session.on("event", events.append)
        handle = await session.spawn(Plain, "hi")
        await handle.result
        start = next(event for event in events if event.type == "spawn_start")
        end = next(event for event in events if event.type == "spawn_end")
        assert start.child_execution_id == end.child_execution_id == handle.execution_id
        assert start.child_session_id == end.child_session_id == handle.session_id
        assert start.child_execution_id != start.child_session_id


async def test_beat_26_a_parents_usage_counts_its_children_apart() -> None:
    @tool
    async def ask() -> str:
        """Ask a child."""
        return (await session.spawn(Plain, "hi").result).response

    @component
    def Asking() -> Nodes:
        yield ask
        yield Timeline()

    async with talking(ScriptedModel(call("ask"), "from the child", "done"), Asking) as session:
        result = await session.send("go").result
        assert (result.usage.ticks, result.usage_tree.ticks) == (2, 3)
        assert result.usage_tree.total_tokens == 45


async def test_beat_30_executions_leave_no_listeners_and_no_readers_behind() -> None:
    async with talking() as session:
        await session.send("warm").result
        emitter = session._core.emitter
        before = (emitter.listener_count(), len(emitter.sinks))
        for _ in range(3):
            reader = session.events()
            await session.send("hi").result
            await read(reader)
        assert (emitter.listener_count(), len(emitter.sinks)) == before


async def test_beat_30_a_handle_that_nobody_holds_is_gone_with_its_events() -> None:
    async with talking() as session:
        handle = await session.send("hi")
        await handle.result
        kept = id(handle.events)
        del handle
        await session.send("again").result
        await idle(session)
        gc.collect()
        alive: list[Any] = [each for each in gc.get_objects() if isinstance(each, EventBuffer)]
        assert kept not in [id(each) for each in alive]


async def test_beat_30_waiting_in_vain_leaves_nothing_and_channels_end_with_the_session() -> None:
    async with talking() as session:
        channel = session.channel("own")
        with pytest.raises(TimeoutError):
            await channel.wait_for_response("never", timeout=0.001)
        assert not channel._waiting
        heard: list[Any] = []
        channel.subscribe(heard.append)
        waiting = asyncio.create_task(channel.wait_for_response("later"))
        await asyncio.sleep(0)
        await session.close()
        with pytest.raises(StateError, match="destroyed"):
            await waiting
        session.channel("own").subscribe(heard.append)
        channel.publish({"type": "late"})
        assert heard == []
        with pytest.raises(StateError, match="destroyed"):
            await channel.wait_for_response("too late")


async def test_beat_31_every_event_carries_the_tick_it_belongs_to() -> None:
    model = ScriptedModel(
        reply("hm", reasoning="let me see", calls=[call("add", a=1, b=2)]), reply("3", reasoning="so")
    )
    async with talking(model, Adder) as session:
        handle = await session.send("1+2")
        result = await handle.result
        events = handle.events.to_list()
        ticks: dict[int, set[str]] = {}
        for event in events:
            ticks.setdefault(event.tick, set()).add(event.type)
        assert set(ticks) == {1, 2}
        assert {"message_start", "content_delta", "tool_call", "tool_result"} <= ticks[1]
        assert {"message_start", "content_delta", "result", "execution_end"} <= ticks[2]
        assert (result.tick, events[-1].tick) == (2, 2)
        for tick in (1, 2):
            begun = [
                e
                for e in events
                if e.tick == tick and e.type in ("reasoning_start", "content_start", "tool_call_start")
            ]
            places = [event.block_index for event in begun]
            assert places == sorted(set(places))


@pytest.mark.parametrize("reason", ["other", "unspecified", "stop_sequence", "stop"])
async def test_beat_32_an_answer_without_calls_ends_the_loop_whatever_the_reason_is_called(
    reason: str,
) -> None:
    async with talking(ScriptedModel(reply("once", stop_reason=reason))) as session:
        result = await session.send("hi").result
        assert (result.tick, result.response) == (1, "once")
        assert [entry.message.role for entry in session.timeline] == ["user", "assistant"]


async def test_beat_39_a_timeout_stops_the_execution_and_not_only_the_waiting() -> None:
    model = ScriptedModel(held())
    async with talking(model) as session:
        handle = await session.send("first")
        with pytest.raises(AbortError, match="Operation timed out after") as caught:
            await session.send.with_timeout(0.01)("joins").result
        assert caught.value.code == "ABORT_TIMEOUT"
        assert handle.status == "running"
        handle.abort()
        await stopped(handle)
    async with talking(ScriptedModel(held())) as session:
        bounded = session.send.with_timeout(0.01)("alone")
        handle = await bounded
        with pytest.raises(AbortError):
            await bounded.result
        await stopped(handle)
        await idle(session)


async def test_beat_40_aborting_a_handle_cancels_what_runs_below_it() -> None:
    cancelled: list[str] = []

    @tool
    async def wait() -> str:
        """Wait for ever."""
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("tool")
            raise
        return ""

    @component
    def Waiting() -> Nodes:
        yield wait
        yield Timeline()

    async with talking(ScriptedModel(call("wait")), Waiting) as session:
        handle = await session.send("go")
        await seen(handle, "tool_result_start")
        handle.abort("enough")
        error = await stopped(handle)
        await idle(session)
        assert (error.reason, cancelled) == ("enough", ["tool"])


async def test_beat_41_two_live_readers_of_one_buffer_each_see_every_event_once() -> None:
    buffer: EventBuffer[Any] = EventBuffer()

    class Numbered:
        def __init__(self, number: int) -> None:
            self.type, self.number = "numbered", number

    async def numbers() -> list[int]:
        return [event.number async for event in buffer]

    reading = [asyncio.create_task(numbers()) for _ in range(2)]
    for number in range(50):
        buffer.push(Numbered(number))
        if number % 7 == 0:
            await asyncio.sleep(0)
    buffer.close()
    late = asyncio.create_task(numbers())
    assert [await each for each in (*reading, late)] == [list(range(50))] * 3


async def test_beat_58_a_closed_session_says_so_with_an_error_of_its_own() -> None:
    async with create_app(Plain, model=mock()) as app:
        session: Any = await app.session("s")
        await session.close()
        attempts = (
            lambda: session.send("hi"),
            lambda: session.render({}),
            lambda: session.queue("hi"),
            lambda: session.spawn(Plain, "hi"),
            lambda: session.dispatch("add", {}),
            lambda: session.fork(),
        )
        for attempt in attempts:
            with pytest.raises(SessionClosedError, match="Session is closed") as caught:
                await attempt()
            assert isinstance(caught.value, StateError)
            assert caught.value.hint
        with pytest.raises(SessionClosedError):
            session.interrupt("hi")


async def test_beat_28_tools_of_a_component_are_there_in_every_execution() -> None:
    @component
    def Once() -> Nodes:
        @use_continuation
        def stop() -> None: ...

        yield again
        yield Timeline()

    async with talking(agent=Once) as session:
        for text in ("one", "two", "three"):
            handle = await session.send(text)
            request = (await seen(handle, "model_request")).request
            await handle.result
            assert [each.name for each in request.tools] == ["again"]
            assert "message_end" in kinds(handle)
