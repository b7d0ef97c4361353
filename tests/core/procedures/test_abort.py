"""The call of a procedure as something to hold: how it stands, its trace, and stopping it."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from agentick_core import SendResult, ToolContext, create_app, offline, tool
from agentick_core.errors import AbortError, StateError
from agentick_core.procedures import Invocation, Next, Procedure, create_procedure
from agentick_core.testing import ScriptedModel, reply

SOON = 5.0


class Work:
    """Work that waits until it is stopped or let go, and notes its end."""

    def __init__(self) -> None:
        self.began, self.go, self.cleaned = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self) -> str:
        self.began.set()
        try:
            await self.go.wait()
        finally:
            await asyncio.sleep(0)
            self.cleaned.set()
        return "done"


async def test_a_call_says_how_it_stands() -> None:
    async def fail() -> None:
        raise ValueError

    async def stop() -> None:
        raise AbortError("enough")

    work = Work()
    call = create_procedure(work)()
    assert (call.status, call.done) == ("running", False)
    work.go.set()
    await call
    assert (call.status, call.done) == ("completed", True)
    for function, status in ((fail, "error"), (stop, "aborted")):
        failing = create_procedure(function)()
        await asyncio.wait({asyncio.ensure_future(failing)})
        assert failing.status == status


async def test_an_abort_stops_the_work_and_says_why() -> None:
    work = Work()
    call = create_procedure(work)()
    waiting = asyncio.ensure_future(call)
    await work.began.wait()
    call.abort("enough")
    assert (call.status, call.done) == ("aborted", False)
    for result in (waiting, call, call.result):
        with pytest.raises(AbortError, match="enough") as caught:
            await result
        assert (caught.value.code, caught.value.reason) == ("ABORT_SIGNAL", "enough")
        assert work.cleaned.is_set()
    assert (call.status, call.done) == ("aborted", True)


async def test_an_abort_without_a_reason_says_what_happened() -> None:
    call = create_procedure(Work())()
    call.abort()
    with pytest.raises(AbortError, match="Operation aborted") as caught:
        await call
    assert caught.value.reason is None


async def test_a_call_that_is_aborted_at_once_never_begins() -> None:
    work = Work()
    call = create_procedure(work)()
    call.abort()
    with pytest.raises(AbortError):
        await call
    assert not work.began.is_set()


@pytest.mark.parametrize("anyway", [lambda: "a value", lambda: 1 // 0], ids=["value", "error"])
async def test_work_that_ends_all_the_same_was_aborted(anyway: Callable[[], Any]) -> None:
    async def stubborn() -> Any:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return anyway()

    call = create_procedure(stubborn)()
    await asyncio.sleep(0)
    call.abort()
    with pytest.raises(AbortError):
        await call
    assert call.status == "aborted"


async def test_an_abort_after_the_end_does_nothing_and_the_first_of_two_counts() -> None:
    async def give() -> int:
        return 1

    call = create_procedure(give)()
    await call
    call.abort()
    assert (await call, call.status) == (1, "completed")
    call = create_procedure(give)()
    call.abort("first")
    call.abort("second")
    with pytest.raises(AbortError, match="first"):
        await call


async def test_a_waiter_that_is_cancelled_is_cancelled_and_the_call_goes_on() -> None:
    work = Work()
    call = create_procedure(work)()
    waiting = asyncio.ensure_future(call)
    await work.began.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert call.status == "running"
    work.go.set()
    assert await call == "done"


async def test_a_waiter_that_is_cancelled_as_the_call_is_aborted_is_cancelled() -> None:
    async def wait() -> None:
        await call

    work = Work()
    call = create_procedure(work)()
    waiting = asyncio.create_task(wait())
    await work.began.wait()
    call.abort()
    while not call.done:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_task_that_cleans_up_reads_that_it_has_aborted_the_call() -> None:
    seen: list[str] = []

    async def wait() -> None:
        work = Work()
        call = create_procedure(work)()
        try:
            await call
        finally:
            call.abort("no longer wanted")
            with pytest.raises(AbortError) as aborted:
                await call
            seen.append(aborted.value.reason or "")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert seen == ["no longer wanted"]


async def passing(call: Invocation, next: Next) -> Any:
    return await next(call)


Of = Procedure[[], str]
WRAPPED: dict[str, Callable[[Of], Procedure[..., Any]]] = {
    "middleware": lambda work: work.use(passing),
    "time": lambda work: work.with_timeout(SOON),
    "both": lambda work: work.use(passing).with_timeout(SOON),
    "first of a pipe": lambda work: work.pipe(create_procedure(len)),
    "last of a pipe": lambda work: create_procedure(str).pipe(create_procedure(lambda _: work.as_part())),
    "trace": lambda work: work.with_context(trace=print),
}


@pytest.mark.parametrize("around", WRAPPED)
async def test_an_abort_reaches_the_work_through_all_that_stands_around_it(around: str) -> None:
    work = Work()
    call = WRAPPED[around](create_procedure(work))()
    async with asyncio.timeout(SOON):
        await work.began.wait()
        call.abort()
        with pytest.raises(AbortError):
            await call
    assert work.cleaned.is_set()


async def test_another_thread_may_not_abort() -> None:
    call = create_procedure(Work())()
    raised: list[StateError] = []

    def stop() -> None:
        try:
            call.abort()
        except StateError as error:
            raised.append(error)

    thread = threading.Thread(target=stop)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert "call_soon_threadsafe" in raised[0].hint
    assert call.status == "running"
    call.abort()


async def test_a_call_belongs_to_the_trace_around_it_or_to_one_of_its_own() -> None:
    async def nothing() -> None:
        return None

    procedure = create_procedure(nothing)
    assert procedure.with_context(trace_id="t1")().trace_id == "t1"
    call = procedure()
    assert call.trace_id == call.trace_id
    assert call.trace_id != procedure().trace_id

    async def around() -> str:
        return procedure().trace_id

    assert await create_procedure(around).with_context(trace_id="t2")() == "t2"


async def test_an_aborted_command_stops_its_tool_and_the_session_goes_on() -> None:
    began, cancelled = asyncio.Event(), asyncio.Event()

    @tool(audience="user")
    async def wait() -> str:
        """Wait."""
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return ""

    async with create_app({"tools": [wait]}, model=offline()) as app, asyncio.timeout(SOON):
        session = await app.session()
        heard: list[Any] = []
        session.on("event", heard.append)
        call = session.dispatch("wait")
        await began.wait()
        call.abort("enough")
        with pytest.raises(AbortError, match="enough"):
            await call
        assert cancelled.is_set()
        assert (heard[-1].type, heard[-1].is_error) == ("tool_result", True)
        assert (await session.send("hi").result).response


@pytest.mark.parametrize("timed", [False, True])
async def test_an_aborted_command_tells_a_tool_in_a_thread_at_once(timed: bool) -> None:
    began, learned = threading.Event(), threading.Event()

    @tool(audience="user")
    def poll(ctx: ToolContext) -> str:
        """Look whether anybody still wants it."""
        began.set()
        stopped = threading.Event()
        while not ctx.token.cancelled and not stopped.wait(0.001):
            pass
        learned.set()
        return ""

    async with create_app({"tools": [poll]}, model=offline()) as app:
        session = await app.session()
        dispatch = session.dispatch.with_timeout(SOON) if timed else session.dispatch
        call = dispatch("poll")
        assert await asyncio.to_thread(began.wait, SOON)
        call.abort()
        assert await asyncio.to_thread(learned.wait, SOON)
        with pytest.raises(AbortError):
            await call


async def test_an_aborted_command_no_longer_asks() -> None:
    @tool(audience="user", requires_confirmation=True)
    async def pay() -> str:
        """Pay."""
        return "paid"

    async with create_app({"tools": [pay]}, model=offline()) as app, asyncio.timeout(SOON):
        session = await app.session()
        asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def hear(event: Any) -> None:
            if event.type == "tool_confirmation_required":
                asked.set_result(event.call_id)

        session.on("event", hear)
        call = session.dispatch("pay", confirm=True)
        call_id = await asked
        call.abort()
        with pytest.raises(AbortError):
            await call
        assert not session.submit_tool_result(call_id, approved=True)


async def test_what_was_queued_before_the_abort_stays_queued() -> None:
    async with create_app({"system": "Be brief."}, model=offline()) as app:
        session = await app.session()
        call = session.queue("later")
        call.abort()
        with pytest.raises(AbortError):
            await call
        assert [message.text for message in session.queued_messages] == ["later"]


async def test_a_send_is_aborted_by_its_handle_and_says_so() -> None:
    model = ScriptedModel(reply("x", hold=asyncio.Event()))
    async with create_app({"system": "Be brief."}, model=model) as app:
        session = await app.session()
        call: Any = session.send("hi")
        with pytest.raises(AttributeError, match=r"\(await call\) is its handle"):
            call.abort()
        handle = await call
        assert handle.status == "running"
        handle.abort("enough")
        with pytest.raises(AbortError, match="enough"):
            await call.result


async def test_an_abort_of_a_send_that_is_piped_stops_the_execution() -> None:
    async def text_of(result: SendResult) -> str:
        return result.response

    model = ScriptedModel(reply("x", hold=asyncio.Event()))
    async with create_app({"system": "Be brief."}, model=model) as app, asyncio.timeout(SOON):
        session = await app.session()
        begun: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        session.on("event", lambda event: event.type != "content_delta" or begun.set_result(None))
        follow = session.send.pipe(create_procedure(text_of))("hi")
        await begun
        follow.abort()
        with pytest.raises(AbortError):
            await follow
        await session.ended()
