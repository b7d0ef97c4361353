"""What readers of events and results can rely on."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    CancelToken,
    Nodes,
    Timeline,
    component,
    create_app,
    tool,
    use_on_execution_end,
)
from agentick_core.errors import SessionClosedError, StateError
from agentick_core.events.buffer import EventBuffer
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.saying import events_of
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


async def test_beat_23_readers_of_a_closed_session_end_at_once() -> None:
    async with talking() as session:
        before = session.events()
        await session.close()
        assert (await read(before), await read(session.events())) == ([], [])


async def test_beat_23_a_reader_opened_at_the_end_of_an_execution_reads_the_next() -> None:
    async with talking() as session:
        readers: list[Any] = []

        def open_one(event: Any) -> None:
            if event.type == "execution_end":
                readers.append(session.events())

        stop = session.on("event", open_one)
        await session.send("one").result
        stop()
        handle = await session.send("two")
        await handle.result
        heard = await read(readers[0])
        assert [event.type for event in heard][1:] == kinds(handle)[1:]
        assert {event.execution_id for event in heard[1:]} == {handle.execution_id}


async def test_beat_23_giving_up_on_an_event_loses_none_of_those_that_come() -> None:
    async with talking() as session:
        reader = session.events()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(reader), 0.001)
        handle = await session.send("hi")
        await handle.result
        heard = await read(reader)
        assert [event for event in heard if event.execution_id] == handle.events.to_list()


async def test_beat_23_the_end_of_a_child_ends_no_reader_of_its_parent() -> None:
    async with talking() as session:
        reader = session.events()
        await session.spawn(Plain, "hi").result
        await session.send("hi").result
        heard = await read(reader)
        ends = [bool(event.spawn_path) for event in heard if event.type == "execution_end"]
        assert ends == [True, False]


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


@pytest.mark.parametrize("level", ["app", "session", "send"])
async def test_beat_30_a_signal_holds_no_execution_that_is_over(level: str) -> None:
    token = CancelToken()
    of_app, of_session, of_send = (token if level == each else None for each in ("app", "session", "send"))
    async with create_app(Plain, model=mock(), signal=of_app) as app:
        session = await app.session("s", signal=of_session)
        handle = await session.send("hi", signal=of_send)
        await handle.result
        over = weakref.ref(handle)
        del handle
        await idle(session)
        gc.collect()
        assert over() is None


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


async def test_an_execution_stops_when_the_time_of_all_who_wait_for_it_is_up() -> None:
    async with talking(ScriptedModel(held())) as session:
        calls = [session.send.with_timeout(0.01)(text) for text in ("one", "two")]
        handle = await calls[0]
        for each in calls:
            with pytest.raises(AbortError):
                await each.result
        assert (await stopped(handle)).code == "ABORT_TIMEOUT"
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


async def test_the_end_is_the_last_event_of_an_execution_whatever_those_do_who_hear_of_it() -> None:
    @component
    def Failing() -> Nodes:
        use_on_execution_end(failing)
        yield Timeline()

    def failing() -> None:
        raise ValueError("no")

    def add(event: Any) -> None:
        if event.type == "execution_end":
            session.queue("by the way", when="next_execution")

    async with talking(mock(), Failing) as session:
        await session.mount()
        stop = session.on("event", add)
        queued = events_of(session, "message_queued")
        handle = await session.send("hi")
        await handle.result
        stop()
        assert kinds(handle)[-3:] == ["result", "error", "execution_end"]
        assert [event.execution_id for event in queued] == [""]
        await idle(session)
