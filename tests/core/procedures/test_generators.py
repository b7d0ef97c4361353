"""Procedures made of generators: what they yield is read, told and kept; what they return is the value."""

import asyncio
import functools
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest

from agentick_core.errors import AbortError
from agentick_core.procedures import Invocation, Next, ProcedureEvent, create_procedure

SOON = 5.0


@create_procedure
def counting(upto: int) -> Generator[int, None, str]:
    yield from range(upto)
    return f"{upto} in all"


@create_procedure
async def counting_slowly(upto: int) -> AsyncGenerator[int, None]:
    for number in range(upto):
        await asyncio.sleep(0)
        yield number


@create_procedure
def breaking() -> Generator[int]:
    yield 1
    raise ValueError("no more")


async def read(call: Any) -> list[Any]:
    return [chunk async for chunk in call]


async def test_awaiting_a_generator_drains_it_and_gives_what_it_returns() -> None:
    assert await counting(3) == "3 in all"
    assert await counting(3).result == "3 in all"
    assert await counting_slowly(3) is None


@pytest.mark.parametrize("procedure", [counting, counting_slowly])
async def test_every_reader_gets_all_that_was_yielded_also_late(procedure: Any) -> None:
    call = procedure(3)
    async with asyncio.timeout(SOON):
        assert await asyncio.gather(read(call), read(call)) == [[0, 1, 2], [0, 1, 2]]
        await call
        assert await read(call) == [0, 1, 2]
    assert call.status == "completed"


async def test_a_reader_has_what_was_yielded_before_the_generator_goes_on() -> None:
    step = asyncio.Event()

    async def stepping() -> AsyncGenerator[str, None]:
        yield "first"
        await step.wait()
        yield "second"

    call = create_procedure(stepping)()
    got: list[str] = []
    async with asyncio.timeout(SOON):
        async for chunk in call:
            got.append(chunk)
            step.set()
    assert got == ["first", "second"]


async def test_an_error_in_a_generator_is_that_of_the_call_and_of_its_readers() -> None:
    call = breaking()
    chunks = aiter(call)
    assert await anext(chunks) == 1
    with pytest.raises(ValueError, match="no more"):
        await anext(chunks)
    with pytest.raises(ValueError, match="no more"):
        await call
    assert call.status == "error"


async def test_leaving_the_loop_stops_nothing() -> None:
    call = counting(5)
    async for _ in call:
        break
    assert await call == "5 in all"


async def test_a_trace_is_told_once_of_each_value() -> None:
    told: list[ProcedureEvent] = []
    call = counting.with_context(trace=told.append)(2)
    assert await asyncio.gather(read(call), read(call), call) == [[0, 1], [0, 1], "2 in all"]
    assert [(event.type, event.payload, event.result) for event in told] == [
        ("procedure:start", None, None),
        ("stream:chunk", 0, None),
        ("stream:chunk", 1, None),
        ("procedure:end", None, "2 in all"),
    ]
    assert len({event.pid for event in told}) == 1


async def test_the_events_of_the_values_may_have_another_name() -> None:
    told: list[ProcedureEvent] = []

    def words() -> Generator[str]:
        yield "hi"

    await create_procedure(words, stream_event_type="words:one").with_context(trace=told.append)()
    assert [event.type for event in told] == ["procedure:start", "words:one", "procedure:end"]


async def test_a_generator_without_an_end_lets_others_have_their_turn() -> None:
    def endless() -> Generator[int]:
        while True:
            yield 1

    turns = 0
    call = create_procedure(endless)()
    async with asyncio.timeout(SOON):
        while turns < 50:
            await asyncio.sleep(0)
            turns += 1
    assert call.status == "running"
    call.abort()
    with pytest.raises(AbortError):
        await call


@pytest.mark.parametrize("stop", ["time", "abort"])
@pytest.mark.parametrize("sync", [True, False])
async def test_a_generator_that_is_stopped_is_closed(stop: str, sync: bool) -> None:
    ended: list[str] = []

    def endless() -> Generator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.append("closed")

    async def endless_too() -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(0)
            ended.append("closed")

    procedure: Any = create_procedure(endless if sync else endless_too)
    call = procedure.with_timeout(0.02 if stop == "time" else SOON)()
    async for _ in call:
        if stop == "abort":
            call.abort()
            break
        if ended:
            break
        await asyncio.sleep(0.005)
    with pytest.raises(AbortError) as caught:
        await call
    assert caught.value.code == ("ABORT_TIMEOUT" if stop == "time" else "ABORT_SIGNAL")
    assert (ended, call.status) == (["closed"], "aborted")


async def test_a_reader_learns_that_time_was_up() -> None:
    async def stuck() -> AsyncGenerator[int, None]:
        yield 1
        await asyncio.Event().wait()

    chunks = aiter(create_procedure(stuck).with_timeout(0.02)())
    assert await anext(chunks) == 1
    with pytest.raises(AbortError, match="timed out after 20ms"):
        await anext(chunks)


async def test_a_reader_of_an_aborted_call_ends_quietly() -> None:
    call = counting(10**9)
    got: list[int] = []
    async for chunk in call:
        got.append(chunk)
        if chunk == 2:
            call.abort()
    assert got == [0, 1, 2]


async def test_middleware_stands_around_the_whole_generator() -> None:
    async def loud(call: Invocation, next: Next) -> Any:
        return (await next(call)).upper()

    async def instead(call: Invocation, next: Next) -> str:
        return "nothing"

    call = counting.use(loud)(2)
    assert (await call, await read(call)) == ("2 IN ALL", [0, 1])
    call = counting.use(instead)(2)
    assert (await read(call), await call) == ([], "nothing")


async def test_a_generator_may_be_piped_into_another_procedure() -> None:
    told: list[ProcedureEvent] = []

    async def shout(text: str) -> str:
        return text.upper()

    piped = counting.pipe(create_procedure(shout)).with_context(trace=told.append)
    assert await piped(2) == "2 IN ALL"
    assert [event.payload for event in told if event.type == "stream:chunk"] == [0, 1]


async def test_methods_partials_and_objects_may_be_generators_too() -> None:
    class Source:
        def __call__(self, upto: int) -> Generator[int]:
            yield from range(upto)

        def read(self, upto: int) -> Generator[int]:
            yield from range(upto)

    for made in (Source(), Source().read, functools.partial(Source().read)):
        assert await read(create_procedure(made)(2)) == [0, 1]


async def test_what_is_no_generator_yields_nothing_and_ends_with_the_call() -> None:
    async def work(fails: bool) -> list[int]:
        if fails:
            raise ValueError("no")
        return [1, 2]

    procedure = create_procedure(work)
    assert await read(procedure(False)) == []
    with pytest.raises(ValueError, match="no"):
        await read(procedure(True))
