"""Sending and rendering: what a message goes through until it is answered."""

import asyncio
from typing import Any

import pytest

from agentick_core import (
    Nodes,
    Timeline,
    User,
    component,
    use_continuation,
)
from agentick_core.errors import (
    AbortError,
    NoModelError,
    NoRunningLoopError,
    PropsError,
    StateError,
    ValidationError,
)
from agentick_core.messages.blocks import JsonBlock, TextBlock
from agentick_core.messages.message import AssistantMessage, SystemMessage, UserMessage
from agentick_core.messages.request import ModelRequest
from agentick_core.procedures.token import CancelToken
from agentick_core.session.app.create import create_app
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import Adder, Plain, add, idle, mock, roles, seen, talking, texts


async def test_a1_a_send_is_answered_and_kept() -> None:
    async with talking() as session:
        result = await session.send(messages=[UserMessage("hi")]).result
        assert (result.response, result.usage.ticks) == ("Mock response", 1)
        assert roles(session.timeline) == ["user", "assistant"]
        assert texts(result.messages) == ["hi", "Mock response"]
        assert (session.status, session.current_tick) == ("idle", 2)


async def test_a2_props_of_a_send_reach_the_component_without_a_message() -> None:
    @component
    def Query(query: str = "none") -> Nodes:
        yield User(query)

    model = mock()
    async with talking(model, Query) as session:
        await session.send(props={"query": "from send"}).result
        assert [texts(request) for request in model.requests] == [["from send"]]


async def test_a_prop_that_does_not_exist_is_refused_and_nothing_is_queued() -> None:
    async with talking() as session:
        with pytest.raises(PropsError, match="colour"):
            await session.send("hi", props={"colour": "red"})
        assert session.queued_messages == ()


async def test_a4_rendering_with_empty_props_runs_a_tick() -> None:
    async with talking() as session:
        assert (await session.render({}).result).response == "Mock response"
        assert (await session.render(Plain("Ann")).result).response == "Mock response"
        assert (await session.render(Plain).result).response == "Mock response"


async def test_a5_a_handle_runs_from_the_moment_it_is_given() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("slow", hold=hold))) as session:
        handle = await session.render({})
        assert (handle.status, handle.session_id) == ("running", session.id)
        hold.set()
        await handle.result
        assert handle.status == "completed"


async def test_a7_sends_of_one_moment_share_one_handle_and_one_model_call() -> None:
    model = mock()
    async with talking(model) as session:
        handles = await asyncio.gather(*(session.send(text) for text in ("one", "two", "three")))
        await handles[0].result
        assert len({id(handle) for handle in handles}) == 1
        assert [texts(request) for request in model.requests] == [["one", "two", "three"]]


async def test_a8_rendering_while_it_runs_joins_and_the_next_tick_has_the_new_props() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply(calls=[call("add", a=1, b=1)], hold=hold), "done")

    @component
    def Named(name: str = "nobody") -> Nodes:
        yield User(name)
        yield add
        yield Timeline()

    async with talking(model, Named) as session:
        handle = await session.send("go")
        await seen(handle, "tool_call_start")
        assert await session.render({"name": "Ann"}) is handle
        hold.set()
        await handle.result
        assert [texts(request)[0] for request in model.requests] == ["nobody", "Ann"]


@pytest.mark.parametrize("nothing", [{}, {"messages": []}, None])
async def test_a10_a_send_of_nothing_is_an_empty_completed_handle(nothing: Any) -> None:
    async with talking() as session:
        heard: list[object] = []
        session.on("event", heard.append)
        handle = await session.send(nothing)
        assert handle.status == "completed"
        result = await handle.result
        assert (result.response, result.usage.total_tokens, heard) == ("", 0, [])
        assert [event async for event in handle] == []
        handle.abort("too late")
        handle.queue_message("later")
        assert texts(session.queued_messages) == ["later"]


async def test_a11_metadata_of_a_send_is_on_its_messages() -> None:
    async with talking() as session:
        await session.send(messages=[UserMessage("hi", metadata={"b": 2})], metadata={"a": 1}).result
        assert session.timeline[0].message.metadata == {"a": 1}


async def test_a20_after_a_failure_the_message_is_in_the_history_and_the_next_send_shows_it() -> None:
    model = ScriptedModel(RuntimeError("down"), "back")
    async with talking(model) as session:
        with pytest.raises(RuntimeError, match="down"):
            await session.send("hi").result
        assert texts(session.timeline) == ["hi"]
        assert (await session.render({}).result).response == "back"
        assert texts(model.requests[1]) == ["hi"]


async def test_what_is_queued_runs_by_itself_after_a_failure() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply("", hold=hold, error=RuntimeError("down")), "back")
    async with talking(model) as session:
        handle = await session.send("one")
        await seen(handle, "model_request")
        await session.queue("two")
        hold.set()
        with pytest.raises(RuntimeError, match="down"):
            await handle.result
        await idle(session)
        assert texts(session.timeline) == ["one", "two", "back"]


@pytest.mark.parametrize("form", ["Hello!", {"content": "Hello!"}, ["Hello!"], {"messages": ["Hello!"]}])
async def test_a22_plain_text_reaches_the_model_in_every_form(form: Any) -> None:
    model = mock()
    async with talking(model) as session:
        await session.send(form).result
        assert texts(model.requests[0]) == ["Hello!"]
        assert model.requests[0].messages[0].content[0].type == "text"


@pytest.mark.parametrize(
    "empty", ["", "  \n", {"content": ""}, {"role": "nobody", "content": "x"}, {"speed": 1}]
)
async def test_what_cannot_be_a_message_is_refused(empty: Any) -> None:
    async with talking() as session:
        with pytest.raises(ValidationError, match="Validation failed"):
            await session.send(empty)
        assert (session.status, session.queued_messages) == ("idle", ())


async def test_text_blocks_that_stand_side_by_side_stay_apart_and_the_response_joins_them() -> None:
    two = [TextBlock("one"), TextBlock("two")]
    for model in (ScriptedModel(reply(two, chunk=2)), FunctionModel(lambda _: two)):
        async with talking(model) as session:
            result = await session.send("hi").result
            assert result.response == "one\n\ntwo"
            assert [getattr(block, "text", "") for block in result.messages[-1].content] == ["one", "two"]


async def test_every_role_that_is_sent_is_kept() -> None:
    async with talking() as session:
        await session.send([SystemMessage("be kind"), AssistantMessage("I said"), "hi"]).result
        assert roles(session.timeline) == ["system", "assistant", "user", "assistant"]


@component
def Endless() -> Nodes:
    use_continuation(lambda: True)
    yield Timeline()


async def test_a23_the_limit_of_ticks_is_told_and_what_waits_goes_on_waiting() -> None:
    model = FunctionModel(lambda _: "again")
    async with talking(model, Endless, max_ticks=10) as session:
        handle = await session.send("go", max_ticks=2)
        await session.queue("later", when="next_execution")
        result = await handle.result
        assert (result.stop_reason, result.tick, len(model.requests)) == ("max_ticks", 2, 2)
        assert texts(session.queued_messages) == ["later"]
        assert session.status == "idle"
        ends = [event for event in handle.events.to_list() if event.type == "tick_end"]
        assert [event.should_continue for event in ends] == [True, False]


async def test_a25_five_exchanges_make_ten_entries_and_nothing_is_said_twice() -> None:
    model = FunctionModel(lambda request: f"answer to {request.messages[-1].text}")
    async with talking(model) as session:
        for number in range(5):
            await session.send(f"Message {number}").result
        said = texts(session.timeline)
        assert (len(said), len(set(said))) == (10, 10)
        for number, request in enumerate(model.requests):
            assert texts(request) == said[: 2 * number + 1]


async def test_a26_only_the_newest_entries_are_shown_where_that_is_wanted() -> None:
    async with talking(max_timeline_entries=4) as session:
        for number in range(3):
            await session.send(f"Message {number}").result
        assert texts(session.timeline) == ["Message 1", "Mock response", "Message 2", "Mock response"]
        assert session.snapshot().timeline == session.timeline


async def test_a_waiting_message_can_be_taken_back_and_others_put_first() -> None:
    async with talking() as session:
        one, two, three = [await session.queue(text) for text in ("one", "two", "three")]
        session.requeue([three.id])
        assert session.unqueue(one.id) == one
        assert session.unqueue(one.id) is None
        assert session.queued_messages == (three, two)


async def test_a_send_with_tools_of_its_own_waits_for_the_next_execution() -> None:
    hold = asyncio.Event()
    model = ScriptedModel(reply("first", hold=hold), "second")
    async with talking(model) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        second = await session.send("two", tools=[add], props={"name": "Ann"})
        third = await session.send("three", max_ticks=3)
        assert (second is first, third is second) == (False, True)
        hold.set()
        assert (await first.result).response == "first"
        assert (await second.result).response == "second"
        assert texts(model.requests[1])[-2:] == ["two", "three"]
        assert [bool(request.tools) for request in model.requests] == [False, True]
        assert [request.system for request in model.requests] == [("Be brief.",), ("Be brief, Ann.",)]


async def test_a_send_from_a_listener_of_the_last_tick_gets_the_next_execution() -> None:
    model = ScriptedModel("first", "second")
    async with talking(model) as session:
        later: list[Any] = []

        def again(event: Any) -> None:
            if event.type in ("tick_end", "context_update", "execution_end") and len(later) < 3:
                later.append(session.send(event.type))

        session.on("event", again)
        handle = await session.send("one")
        assert (await handle.result).response == "first"
        following = [await each for each in later]
        assert len({id(each) for each in following}) == 1
        assert following[0] is not handle
        assert (await following[0].result).response == "second"
        assert texts(model.requests[1])[-3:] == ["tick_end", "context_update", "execution_end"]


async def test_a_send_in_the_turn_in_which_the_model_failed_gets_a_live_handle() -> None:
    sent: list[Any] = []

    def fail_once(_: ModelRequest) -> str:
        if sent:
            return "back"
        asyncio.get_running_loop().call_soon(lambda: sent.append(session.send("two")))
        raise RuntimeError("down")

    async with talking(FunctionModel(fail_once)) as session:
        first = await session.send("one")
        with pytest.raises(RuntimeError, match="down"):
            await first.result
        second = await sent[0]
        assert second is not first
        assert (await second.result).response == "back"


async def test_l10_structural_input_holds_for_every_tick_of_its_send_only() -> None:
    model = ScriptedModel(call("add", a=1, b=2), "three", "four")
    async with talking(model, Adder) as session:
        await session.send(
            "go", system=["Today."], sections=[{"id": "s", "text": "notes"}], ephemeral=["psst"]
        ).result
        await session.send("on").result
        first, second, third = model.requests
        for request in (first, second):
            assert "Today." in request.system
            assert request.sections == {"s": "notes"}
            assert any("psst" in text for text in texts(request))
        assert "Today." not in third.system
        assert third.sections == {}
        assert not any("psst" in text for text in texts(third))


async def test_j11_without_a_model_the_error_says_how_to_give_one() -> None:
    async with create_app(Plain) as app:
        session = await app.session("s")
        handle = await session.send("hi")
        with pytest.raises(NoModelError, match="No model configured"):
            await handle.result
        assert [event.type for event in handle.events.to_list()] == [
            "execution_start", "tick_start", "compiled", "entry_committed", "execution_end",
        ]  # fmt: skip


async def test_a_session_says_so_when_it_is_used_from_another_thread() -> None:
    async with talking() as session:

        def call_without_a_loop() -> None:
            session.send("hi")

        async def call_in_another_loop() -> None:
            await session.send("hi")

        with pytest.raises(NoRunningLoopError, match="outside an event loop"):
            await asyncio.to_thread(call_without_a_loop)
        with pytest.raises(NoRunningLoopError, match="outside its event loop"):
            await asyncio.to_thread(session.interrupt)
        with pytest.raises(StateError, match="belongs to the event loop"):
            await asyncio.to_thread(asyncio.run, call_in_another_loop())
        assert session.queued_messages == ()


async def test_nothing_reaches_a_session_from_another_thread_but_through_its_loop() -> None:
    go, signal = asyncio.Event(), CancelToken()

    async def answer(_: Any) -> str:
        await go.wait()
        return "late"

    async with talking(FunctionModel(answer)) as session:
        handle = await session.send("hi", signal=signal)
        await seen(handle, "model_request")
        uses: tuple[Any, ...] = (
            handle.abort,
            signal.cancel,
            session.interrupt,
            lambda: session.submit_tool_result("c1", "yes"),
            lambda: session.push_event("custom"),
            lambda: session.fork(),
            lambda: asyncio.run(session.close()),
        )
        for use in uses:
            with pytest.raises(StateError) as failure:
                await asyncio.to_thread(use)
            assert "threadsafe" in failure.value.hint
        assert (handle.status, session.status, signal.cancelled) == ("running", "running", False)
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(loop.call_soon_threadsafe, handle.abort, "from afar")
        with pytest.raises(AbortError, match="from afar"):
            await handle.result


async def test_what_could_not_be_stored_is_refused_before_anything_is_queued() -> None:
    async with talking() as session:
        for refused in (
            session.send("hi", metadata={"at": object()}),
            session.send(UserMessage([JsonBlock(float("nan"))])),
            session.send({"role": "user", "content": "hi", "metadata": "label"}),
        ):
            with pytest.raises(ValidationError):
                await refused
        assert session.queued_messages == ()
