"""Procedures: calls that start at once, and what can stand around them."""

import asyncio
from typing import Any

import pytest

from agentick_core.errors import AbortError, NoRunningLoopError, ValidationError
from agentick_core.procedures.ambient import current
from agentick_core.procedures.middleware import Invocation, MiddlewareRegistry, Next
from agentick_core.procedures.procedure import Procedure, Wrapping, compose_procedures, create_procedure, pipe
from agentick_core.procedures.tracing import ProcedureEvent


async def double(number: int) -> int:
    return number * 2


async def add_ten(number: int) -> int:
    return number + 10


async def test_a_call_starts_before_anybody_awaits_it() -> None:
    began = asyncio.Event()

    async def work() -> str:
        began.set()
        return "done"

    call = create_procedure(work)()
    await asyncio.wait_for(began.wait(), 1)
    assert await call == "done"
    assert await call.result == "done"


async def test_the_synchronous_part_of_calls_runs_in_the_order_they_were_made() -> None:
    order: list[int] = []

    def handler(number: int) -> "asyncio.Future[None]":
        order.append(number)
        return asyncio.get_running_loop().create_future()

    procedure = create_procedure(handler)
    calls = [procedure(number) for number in range(3)]
    assert order == [0, 1, 2]
    assert not any(call.done for call in calls)


async def test_a_procedure_may_be_made_of_a_function_that_waits_for_nothing() -> None:
    def half(number: int) -> float:
        if number % 2:
            raise ValueError(number)
        return number / 2

    async def passing(call: Invocation, next: Next) -> Any:
        return await next(call)

    procedure = create_procedure(half)
    assert await procedure(4) == 2.0
    assert await procedure.use(passing).with_timeout(1)(6) == 3.0
    assert await create_procedure(double).pipe(procedure)(5) == 5.0
    with pytest.raises(ValueError, match="3"):
        await procedure(3)


async def test_m1_middleware_runs_outermost_first_and_leaves_the_original_alone() -> None:
    def tagged(tag: str) -> Any:
        async def layer(call: Invocation, next: Next) -> list[str]:
            return [*await next(call), tag]

        return layer

    async def handler() -> list[str]:
        return []

    procedure = create_procedure(handler)
    wrapped = procedure.use(tagged("mw1")).use(tagged("mw2")).use(tagged("mw3"))
    assert await wrapped() == ["mw3", "mw2", "mw1"]
    assert await procedure() == []


async def test_m2_middleware_may_replace_the_arguments_for_everything_inside() -> None:
    async def two(call: Invocation, next: Next) -> Any:
        return await next(call.replace(2))

    async def three(call: Invocation, next: Next) -> Any:
        return await next(call.replace(3))

    async def same(call: Invocation, next: Next) -> Any:
        return await next(call)

    assert await create_procedure(double).use(two, three, same)(1) == 6


async def test_m2_middleware_that_names_no_call_goes_on_with_the_one_it_got() -> None:
    async def keep(call: Invocation, next: Next) -> Any:
        return await next()

    async def change(call: Invocation, next: Next) -> Any:
        return await next(call.replace(3))

    assert await create_procedure(double).use(change, keep)(1) == 6


async def test_middleware_may_answer_by_itself() -> None:
    async def refuse(call: Invocation, next: Next) -> str:
        return f"no {call.name}"

    assert await create_procedure(double, name="doubling").use(refuse)(1) == "no doubling"


async def test_middleware_of_the_registry_stands_outside_and_can_be_removed() -> None:
    seen: list[str] = []

    def noting(tag: str) -> Any:
        async def layer(call: Invocation, next: Next) -> Any:
            seen.append(tag)
            return await next(call)

        return layer

    registry = MiddlewareRegistry()
    procedure = Procedure(double, Wrapping(name="session:send", registry=registry)).use(noting("own"))
    registry.use("session:send", noting("exact"))
    registry.use("session:*", noting("category"))
    remove = registry.use("*", noting("all"))
    registry.use("tool:run", noting("other"))
    assert await procedure(2) == 4
    remove()
    assert await procedure(2) == 4
    assert seen == ["all", "category", "exact", "own", "category", "exact", "own"]


async def test_m4_a_call_that_takes_too_long_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(AbortError, match="Operation timed out after 50ms") as caught:
        await create_procedure(slow).with_timeout(0.05)()
    assert caught.value.code == "ABORT_TIMEOUT"
    assert cancelled.is_set()


async def test_m4_a_time_limit_of_zero_is_none() -> None:
    assert await create_procedure(double).with_timeout(0)(2) == 4
    for wrong in (
        lambda: create_procedure(double).with_timeout(-1),
        lambda: create_procedure(double, timeout=-1),
    ):
        with pytest.raises(ValidationError, match="Validation failed: timeout: -1") as refused:
            wrong()
        assert refused.value.hint


async def test_m5_pipes_hand_the_value_on_and_stop_at_an_error() -> None:
    assert await create_procedure(double).pipe(create_procedure(add_ten))(5) == 20
    assert await compose_procedures(create_procedure(double), create_procedure(add_ten))(5) == 30
    alone = create_procedure(double)
    assert pipe(alone) is alone
    with pytest.raises(ValidationError):
        compose_procedures()

    async def fails(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="5"):
        await create_procedure(fails).pipe(create_procedure(add_ten))(5)


async def test_m5_a_chain_of_nothing_and_a_procedure_of_no_function_are_refused() -> None:
    nothing: Any = None
    make: Any = create_procedure
    for refused in (pipe, compose_procedures, make, lambda: create_procedure(nothing)):
        with pytest.raises(ValidationError) as caught:
            refused()
        assert (caught.value.code, bool(caught.value.hint)) == ("VALIDATION_REQUIRED", True)


async def test_m7_one_start_is_told_with_the_trace_that_the_handler_sees() -> None:
    told: list[ProcedureEvent] = []

    async def traced() -> str | None:
        return current().trace_id

    procedure = create_procedure(traced, name="traced", metadata={"a": 1})
    assert await procedure.with_context(trace_id="t1", trace=told.append)() == "t1"
    [start, end] = told
    assert (start.type, start.name, start.trace_id, start.parent_pid) == (
        "procedure:start", "traced", "t1", None,
    )  # fmt: skip
    assert (end.type, end.pid, end.result, end.metadata) == ("procedure:end", start.pid, "t1", {"a": 1})
    assert end.duration_ms is not None


async def test_a_trace_follows_the_calls_inside_and_their_errors() -> None:
    told: list[ProcedureEvent] = []

    async def broken() -> None:
        raise ZeroDivisionError

    inner = create_procedure(broken, name="inner")

    async def around() -> str:
        with pytest.raises(ZeroDivisionError):
            await inner()
        return "done"

    outer = create_procedure(around, name="outer")
    assert await outer.with_context(trace=told.append)() == "done"
    assert [(event.name, event.type.removeprefix("procedure:")) for event in told] == [
        ("outer", "start"), ("inner", "start"), ("inner", "error"), ("outer", "end"),
    ]  # fmt: skip
    assert told[1].parent_pid == told[0].pid
    assert isinstance(told[2].error, ZeroDivisionError)


async def test_a_trace_that_raises_harms_no_call(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: ProcedureEvent) -> None:
        raise RuntimeError("no room")

    async def work() -> int:
        return 1

    assert await create_procedure(work).with_context(trace=broken)() == 1
    assert "A trace raised" in caplog.text


async def test_m7_the_handler_sees_the_context_and_middleware_sees_the_call_once() -> None:
    calls: list[tuple[str, str | None]] = []

    async def note(call: Invocation, next: Next) -> Any:
        calls.append((call.name, call.context.trace_id))
        return await next(call)

    async def traced() -> str | None:
        return current().trace_id

    registry = MiddlewareRegistry((note,))
    procedure = Procedure(traced, Wrapping(name="session:send", registry=registry))
    assert await procedure.with_context(user="ada").with_context(trace_id="t1").with_timeout(5)() == "t1"
    assert calls == [("session:send", "t1")]


async def test_the_context_of_a_call_is_seen_inside_and_not_outside() -> None:
    async def who() -> tuple[Any, Any]:
        return current().user, current().metadata.get("tenant")

    procedure = create_procedure(who)
    assert await procedure.with_context(user="ada", tenant="t1").with_context(tenant="t2")() == ("ada", "t2")
    assert await procedure() == (None, None)


async def test_waiting_for_a_call_never_cancels_it() -> None:
    release = asyncio.Event()

    async def work() -> str:
        await release.wait()
        return "done"

    call = create_procedure(work)()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call, 0.01)
    release.set()
    assert await call == "done"


async def test_a_failure_that_nobody_awaits_is_silent() -> None:
    reports: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, report: reports.append(report))

    async def fails() -> None:
        raise ValueError("unheard")

    call = create_procedure(fails)()
    while not call.done:
        await asyncio.sleep(0)
    del call
    assert reports == []


def test_without_an_event_loop_the_error_says_what_to_do() -> None:
    with pytest.raises(NoRunningLoopError) as caught:
        create_procedure(double)(1)
    assert "asyncio.run" in caught.value.hint
