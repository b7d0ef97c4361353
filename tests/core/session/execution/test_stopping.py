"""Abort, interrupt and signals: what each does, when it does it, and what is left."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agentick_core import (
    AbortError,
    CancelToken,
    ToolContext,
)
from agentick_core.components.entries import INTERRUPTED
from agentick_core.errors import GuardError, ValidationError
from agentick_core.procedures import Invocation, Next
from agentick_core.testing import FunctionModel, ScriptedModel, call, reply
from tests.core.session.talk import (
    SOON,
    held,
    idle,
    kinds,
    mock,
    result_texts,
    roles,
    seen,
    stopped,
    talking,
    texts,
    told,
    tool,
)


async def test_c1_an_abort_fails_the_result_at_once_with_the_callers_words() -> None:
    async with talking(ScriptedModel(held())) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort("User cancelled")
        assert (handle.status, session.is_aborted) == ("aborted", True)
        error = await stopped(handle)
        assert (str(error), error.code, error.reason) == ("User cancelled", "ABORT_SIGNAL", "User cancelled")


async def test_the_error_of_an_abort_carries_what_the_model_had_said() -> None:
    async with talking(ScriptedModel(held("So far"))) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        error = await stopped(handle)
        await idle(session)
        assert error.partial == session.timeline[-1].message.text != ""


async def test_c2_an_aborted_handle_stays_aborted_and_is_no_error() -> None:
    errors: list[Any] = []
    aborts: list[Any] = []
    async with talking(ScriptedModel(held()), on_error=errors.append, on_abort=aborts.append) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        await idle(session)
        assert (handle.status, session.status, session.is_aborted) == ("aborted", "idle", False)
        assert (errors, [str(error) for error in aborts]) == ([], ["Aborted via handle"])
        events = [event async for event in handle]
        assert (events[-1].type, events[-1].aborted, events[-1].error) == ("execution_end", True, None)
        assert events[-1].output is None


async def test_what_was_said_before_an_abort_is_kept_and_marked() -> None:
    model = ScriptedModel(held("I was about to"), "sorry")
    async with talking(model) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort("enough")
        await idle(session)
        user, partial = session.timeline
        assert (user.message.text, user.tags) == ("hi", ("user_input",))
        assert (partial.message.text, partial.tags) == ("I was about to", ("model_output", "interrupted"))
        assert partial.metadata == {"reason": "enough"}
        await session.send("go on").result
        assert model.requests[1].messages[1].content[-1] == INTERRUPTED


async def test_c4_a_send_right_after_an_abort_gets_a_live_handle() -> None:
    async with talking(ScriptedModel(held(), "second")) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        first.abort()
        second = session.send("two")
        assert (await second) is not first
        async with asyncio.timeout(SOON):
            assert (await second.result).response == "second"


async def test_c5_an_abort_reaches_the_model_call() -> None:
    cancelled = asyncio.Event()

    async def answer(_: Any) -> AsyncIterator[str]:
        try:
            yield "one"
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with talking(FunctionModel(answer)) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        async with asyncio.timeout(SOON):
            await cancelled.wait()


async def test_c7_a_signal_that_was_aborted_before_refuses_the_send_and_the_message_waits() -> None:
    signal = CancelToken()
    signal.cancel("too late")
    async with talking() as session:
        heard: list[Any] = []
        session.on("event", heard.append)
        error = await stopped(await session.send("hi", signal=signal))
        assert (str(error), error.reason) == ("Session aborted", "too late")
        assert (session.status, texts(session.queued_messages), heard) == ("idle", ["hi"], [])


async def test_a_signal_stops_what_it_was_given_to_and_what_it_joined() -> None:
    app_signal, late = CancelToken(), CancelToken()
    async with talking(ScriptedModel(held(), held()), signal=app_signal) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        await session.send("two", signal=late)
        late.cancel("no more")
        error = await stopped(first)
        assert (str(error), error.code, error.reason) == ("Execution aborted", "ABORT_SIGNAL", "no more")
        second = await session.send("three")
        await seen(second, "content_delta")
        app_signal.cancel()
        await stopped(second)
        assert str(await stopped(await session.send("four"))) == "Session aborted"


async def test_c8_interrupting_an_idle_session_only_queues() -> None:
    model = mock()
    async with talking(model) as session:
        session.interrupt("m")
        assert (texts(session.queued_messages), session.status, model.requests) == (["m"], "idle", [])
        await session.render().result
        assert texts(model.requests[0]) == ["m"]


async def test_an_interrupt_with_a_message_stops_and_answers_it() -> None:
    async with talking(ScriptedModel(held(), "changed")) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        session.interrupt("no, this", "better idea")
        error = await stopped(first)
        assert (str(error), error.code, error.reason) == (
            "Execution aborted",
            "ABORT_CANCELLED",
            "better idea",
        )
        await idle(session)
        assert texts(session.timeline) == ["one", "partial", "no, this", "changed"]


async def test_after_an_interrupt_without_a_message_what_is_queued_waits() -> None:
    async with talking(ScriptedModel(held(), "both")) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        await session.queue("two")
        session.interrupt()
        await stopped(first)
        await idle(session)
        assert texts(session.queued_messages) == ["two"]
        await session.send("three").result
        assert texts(session.timeline)[-3:] == ["two", "three", "both"]


@pytest.mark.parametrize("moment", ["tick_end", "result", "execution_end"])
async def test_what_is_queued_waits_however_late_the_interrupt_comes(moment: str) -> None:
    async with talking(ScriptedModel("one", "two")) as session:

        def interrupt(event: Any) -> None:
            if event.type == moment and not session.queued_messages:
                session.queue("b", when="next_execution")
                session.interrupt()

        stop = session.on("event", interrupt)
        handle = await session.send("a")
        await handle.settled()
        await idle(session)
        stop()
        assert texts(session.queued_messages) == ["b"]
        assert (await session.render().result).response == "two"


async def test_c11_an_abort_can_be_forgotten() -> None:
    async with talking(ScriptedModel(held())) as session:
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        handle.abort()
        session.clear_abort()
        assert session.is_aborted is False


async def test_calls_of_one_moment_take_effect_in_the_order_they_were_made() -> None:
    model = ScriptedModel("second")
    async with talking(model) as session:
        one = session.send("one")
        session.interrupt(reason="stop")
        two = session.send("two")
        with pytest.raises(AbortError):
            await one.result
        assert (await two.result).response == "second"
        assert texts(session.timeline) == ["one", "two", "second"]
        last = session.send("three")
        closing = asyncio.create_task(session.close())
        with pytest.raises(AbortError):
            await last.result
        await closing


async def test_a_message_whose_send_is_aborted_in_the_same_moment_is_kept_once() -> None:
    async with talking(ScriptedModel("later")) as session:
        call_ = session.send("hi")
        session.interrupt()
        handle = await call_
        await stopped(handle)
        await idle(session)
        assert kinds(handle) == ["execution_start", "entry_committed", "execution_end"]
        assert (texts(session.timeline), session.queued_messages) == (["hi"], ())
        assert (await session.render({}).result).response == "later"


async def test_aborting_a_send_that_waits_leaves_the_running_one_alone() -> None:
    hold = asyncio.Event()
    async with talking(ScriptedModel(reply("first", hold=hold))) as session:
        first = await session.send("one")
        await seen(first, "content_delta")
        second = await session.send("two", max_ticks=1)
        second.abort("changed my mind")
        await stopped(second)
        assert [event async for event in second] == []
        assert first.status == "running"
        hold.set()
        assert (await first.result).response == "first"
        await idle(session)
        assert texts(session.queued_messages) == ["two"]


async def test_an_abort_ends_a_tool_and_its_call_still_has_a_result() -> None:
    cancelled: list[bool] = []

    @tool
    async def slow(ctx: ToolContext) -> str:
        """Wait."""
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(ctx.token.cancelled)
        return "never"

    async with talking(ScriptedModel(call("slow")), tools=[slow]) as session:
        handle = await session.send("hi")
        await seen(handle, "tool_result_start")
        handle.abort()
        await stopped(handle)
        await idle(session)
        assert cancelled == [True]
        assert kinds(handle)[-6:] == [
            "entry_committed", "entry_committed", "entry_committed", "tick_end", "context_update",
            "execution_end",
        ]  # fmt: skip
        assert roles(session.timeline) == ["user", "assistant", "tool"]


async def test_c17_an_abort_between_two_tools_leaves_no_call_without_a_result() -> None:
    @tool(parallel=False)
    async def stop_here() -> str:
        """Stop."""
        execution = session.execution
        assert execution is not None
        execution.abort()
        return "stopped"

    model = ScriptedModel(reply(calls=[call("stop_here"), call("stop_here")]), "fine")
    async with talking(model, tools=[stop_here]) as session:
        handle = await session.send("hi")
        await stopped(handle)
        await idle(session)
        _, answer, results = session.timeline
        asked = [use.tool_use_id for use in answer.message.tool_uses]
        assert [result.tool_use_id for result in results.message.tool_results] == asked
        assert len(asked) == 2
        await session.send("again").result


async def test_c16_an_abort_while_a_person_is_asked_ends_the_question() -> None:
    @tool(requires_confirmation=True)
    async def danger() -> str:
        """Do it."""
        return "done"

    async with talking(ScriptedModel(call("danger")), tools=[danger]) as session:
        handle = await session.send("hi")
        asked = await seen(handle, "tool_confirmation_required")
        handle.abort()
        await stopped(handle)
        await idle(session)
        assert session.timeline[-1].message.tool_results[0].is_error
        assert session.inspect().pending_confirmations == ()
        assert session.submit_tool_result(asked.call_id, approved=True) is False


async def test_a_call_that_was_asked_about_when_it_was_stopped_says_that_the_question_was_cancelled() -> None:
    @tool(requires_confirmation=True)
    async def danger() -> str:
        """Do it."""
        return "done"

    @tool
    async def slow() -> str:
        """Wait."""
        await asyncio.Event().wait()
        return "never"

    async with talking(ScriptedModel([call("danger"), call("slow")]), tools=[danger, slow]) as session:
        handle = await session.send("hi")
        asked = await seen(handle, "tool_confirmation_required")
        await seen(handle, "tool_result_start", lambda event: event.name == "slow")
        handle.abort()
        await idle(session)
        question, work = result_texts(session)
        assert f"Tool confirmation cancelled: {asked.call_id}" in question
        assert 'Tool \\"slow\\" was cancelled' in work


async def test_an_interrupt_with_a_message_that_is_none_stops_nothing() -> None:
    async with talking(ScriptedModel(reply("x", hold=asyncio.Event()))) as session:
        handle = await session.send("hi")
        with pytest.raises(ValidationError):
            session.interrupt("  ")
        assert handle.status == "running"
        handle.abort()


@pytest.mark.parametrize("how", ["interrupt", "interrupt_idle", "queue_message"])
async def test_a_message_that_nobody_waits_for_and_that_is_refused_is_told_as_an_error(how: str) -> None:
    async def refuse(call: Invocation, next: Next) -> Any:
        if call.name == "session:queue":
            raise GuardError("no queueing")
        return await next(call)

    async with talking(ScriptedModel(held()), middleware=[refuse]) as session:
        telling = asyncio.ensure_future(told(session, "error"))
        await asyncio.sleep(0)
        if how == "interrupt_idle":
            session.interrupt("more")
        handle = await session.send("hi")
        await seen(handle, "content_delta")
        if how == "queue_message":
            handle.queue_message("more")
        if how == "interrupt":
            session.interrupt("more")
        async with asyncio.timeout(SOON):
            assert "no queueing" in (await telling).message
        handle.abort()
        await idle(session)
