"""inspect, the scheduler's state, and channels."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from agentick_core import Nodes, Timeline, component, use_session_state, use_state
from agentick_core.errors import StateError
from agentick_core.testing import ScriptedModel, call, reply
from tests.core.session.talk import Adder, seen, talking, texts, tool


async def test_a_fresh_session_has_nothing_to_show() -> None:
    async with talking() as session:
        picture = session.inspect()
        assert (picture.id, picture.status, picture.current_tick, picture.current_phase) == (
            "s",
            "idle",
            1,
            None,
        )
        assert (picture.last_output, picture.last_model_output, picture.last_tool_calls) == (None, None, ())
        assert (picture.total_usage.total_tokens, picture.tick_count, picture.components.count) == (0, 0, 0)


async def test_inspection_is_truthful_while_it_runs_and_after() -> None:
    phases: dict[str, Any] = {}
    model = ScriptedModel(call("add", a=1, b=2), "three")
    async with talking(model, Adder) as session:

        def look(event: Any) -> None:
            phases.setdefault(event.type, session.inspect().current_phase)

        session.on("event", look)
        handle = await session.send("go")
        await handle.result
        wanted = {
            "compiled": "compile",
            "content_delta": "model",
            "tool_result_start": "tools",
            "entry_committed": "ingest",
            "execution_end": None,
        }
        assert {kind: phases[kind] for kind in wanted} == wanted
        picture = session.inspect()
        assert (picture.tick_count, picture.total_usage.ticks, picture.timeline_length) == (2, 2, 4)
        assert [each.name for each in picture.last_tool_calls] == ["add"]
        assert [(each.name, each.success) for each in picture.last_tool_results] == [("add", True)]
        assert picture.last_model_output is not None
        assert picture.last_model_output.stop_reason == "stop"
        assert picture.last_output is not None
        assert picture.last_output.system == ("Add.",)
        assert picture.last_output.timeline == session.timeline
        assert picture.components.names[0] == "Adder"
        assert (picture.model, picture.current_phase) == ("scripted:scripted", None)


async def test_inspection_estimates_the_tokens_of_each_component() -> None:
    async with talking(agent=Adder) as session:
        assert session.inspect().tokens is None
        await session.send("1 and 2?").result
        tokens = session.inspect().tokens
        assert tokens.estimated
        assert set(tokens.by_component) == {"Adder", "Timeline"}
        assert tokens.by_component["Adder"] == sum(tokens.system) + tokens.tools["add"]
        assert tokens.by_component["Timeline"] == sum(tokens.messages)
        assert session.inspect().tokens is tokens


async def test_inspection_counts_hooks_by_their_kind() -> None:
    @component
    def Hooked() -> Nodes:
        use_state(0)
        use_state(1)
        use_session_state("a", 1)
        yield Timeline()

    async with talking(agent=Hooked) as session:
        await session.mount()
        hooks = session.inspect().hooks
        assert hooks.by_type["use_state"] == 2
        assert hooks.count >= 3


async def test_n4_the_scheduler_is_there_once_the_tree_is() -> None:
    async with talking() as session:
        assert session.scheduler_state is None
        await session.mount()
        state = session.scheduler_state
        assert state is not None
        assert (state.is_executing_tick, state.is_scheduled) == (False, False)
        assert (state.pending_reasons, state.deferred_reasons, state.status) == ((), (), "idle")


async def test_the_scheduler_says_what_is_going_on() -> None:
    states: dict[str, Any] = {}
    async with talking() as session:

        def look(event: Any) -> None:
            state = session.scheduler_state
            if state is not None:
                states[event.type] = (state.status, state.is_executing_tick)

        session.on("event", look)
        await session.send("one").result
        await session.send("two").result
        assert states["tick_start"] == ("tick", True)
        assert states["content_delta"] == ("tick", True)
        assert states["execution_end"] == ("idle", False)
        state = session.scheduler_state
        assert state is not None
        assert (state.reconcile_count, len(state.history)) == (2, 2)
        assert state.last_reconcile_ms is not None


async def test_changes_of_one_moment_are_one_reconcile_and_none_comes_after_the_close() -> None:
    told: list[Any] = []
    setters: list[Any] = []

    @component
    def Counting() -> Nodes:
        setters[:] = [use_session_state("count", 0)[1]]
        yield Timeline()

    async with talking(agent=Counting) as session:
        await session.mount()
        state = session.scheduler_state
        assert state is not None
        assert (state.status, state.pending_reasons, state.deferred_reasons) == ("idle", (), ())
        session.on("reconcile", told.append)
        for number in (1, 2, 3):
            setters[0](number)
        await asyncio.sleep(0)
        assert [each.reason for each in told] == ['session state "count" in Counting']
        assert told[0].timestamp > 0
        assert not told[0].deferred
        assert session.status == "idle"
        setters[0](4)
        await session.close()
        count = len(told)
        await asyncio.sleep(0)
        assert len(told) == count <= 2


async def test_n5_a_channel_names_stamps_and_delivers_in_order() -> None:
    async with talking() as session:
        channel = session.channel("news")
        assert session.channel("news") is channel
        heard: list[Any] = []

        def note(name: str) -> Callable[[Any], None]:
            def hear(event: Any) -> None:
                heard.append((name, event))

            return hear

        stop = channel.subscribe(note("one"))
        channel.subscribe(note("two"))
        sent = channel.publish({"type": "hello", "payload": 1, "metadata": {"by": "me"}, "channel": "other"})
        assert [(name, event.payload) for name, event in heard] == [("one", 1), ("two", 1)]
        assert (sent.channel, sent.metadata["by"]) == ("news", "me")
        assert isinstance(sent.metadata["timestamp"], int)
        stop()
        channel.publish({"type": "hello"})
        assert [name for name, _ in heard] == ["one", "two", "two"]


async def test_n5_a_channel_waits_for_a_response_also_for_one_that_came_early() -> None:
    async with talking() as session:
        channel = session.channel("questions")
        channel.publish({"type": "response", "id": "1", "payload": "early"})
        assert (await channel.wait_for_response("1")).payload == "early"
        waiting = asyncio.create_task(channel.wait_for_response("2"))
        await asyncio.sleep(0)
        channel.publish({"type": "response", "id": "2", "payload": "now"})
        assert (await waiting).payload == "now"
        with pytest.raises(TimeoutError, match='Request "3" timed out after 10ms'):
            await channel.wait_for_response("3", 0.01)
        waiting = asyncio.create_task(channel.wait_for_response("4"))
        await asyncio.sleep(0)
        await session.close()
        with pytest.raises(StateError, match="destroyed while waiting"):
            await waiting


async def test_a_subscriber_that_raises_does_not_keep_others_from_hearing() -> None:
    def fail(_: object) -> None:
        raise RuntimeError("no")

    async with talking() as session:
        heard: list[Any] = []
        session.channel("messages").subscribe(fail)
        session.channel("messages").subscribe(heard.append)
        message = await session.queue("x")
        assert [(event.type, event.payload) for event in heard] == [("message_queued", message)]


async def test_tools_speak_over_the_channels_of_their_session() -> None:
    @tool
    async def shout(ctx: Any = None) -> str:
        """Shout."""
        session.channel("news").publish({"type": "hello"})
        return "ok"

    async with talking(ScriptedModel(call("shout"), "ok"), tools=[shout]) as session:
        heard: list[Any] = []
        session.channel("news").subscribe(heard.append)
        await session.send("go").result
        assert len(heard) == 1


async def test_a_waiting_question_and_a_waiting_message_are_shown() -> None:
    async with talking(ScriptedModel(reply("x", hold=asyncio.Event()))) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        await session.queue("more")
        picture = session.inspect()
        assert (texts(picture.queued_messages), picture.status, picture.current_phase) == (
            ["more"],
            "running",
            "model",
        )
        handle.abort()
        assert session.inspect().is_aborted


async def test_two_that_wait_for_one_response_do_not_disturb_each_other() -> None:
    async with talking() as session:
        channel = session.channel("news")
        patient = asyncio.ensure_future(channel.wait_for_response("q"))
        with pytest.raises(TimeoutError):
            await channel.wait_for_response("q", 0.001)
        channel.publish({"type": "response", "id": "q", "payload": 1})
        assert (await patient).payload == 1


async def test_one_change_of_state_is_one_reason() -> None:
    setters: list[Any] = []

    @component
    def Counting() -> Nodes:
        setters[:] = [use_session_state("count", 0)[1]]
        yield Timeline()

    async with talking(agent=Counting) as session:
        await session.mount()
        await asyncio.sleep(0)
        setters[0](1)
        assert session.scheduler_state.pending_reasons == ('session state "count" in Counting',)
