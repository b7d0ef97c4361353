"""The shared log of events, as its readers and listeners see it."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentick_core.events.buffer import EventBuffer

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Ping:
    number: int
    type: ClassVar[str] = "ping"


@dataclass(frozen=True)
class Pong:
    number: int
    type: ClassVar[str] = "pong"


Log = EventBuffer[Ping | Pong]


async def read(buffer: Log) -> list[int]:
    return [event.number async for event in buffer]


async def test_two_live_readers_each_see_everything_in_order() -> None:
    buffer: Log = EventBuffer()
    readers = [asyncio.create_task(read(buffer)) for _ in range(2)]
    for number in range(5):
        await asyncio.sleep(0)
        buffer.push(Ping(number))
    buffer.close()
    assert await asyncio.gather(*readers) == [[0, 1, 2, 3, 4]] * 2


async def test_a_late_reader_begins_at_the_start() -> None:
    buffer: Log = EventBuffer()
    buffer.push(Ping(1))
    buffer.close()
    assert await read(buffer) == [1]


async def test_an_error_comes_after_the_last_event() -> None:
    buffer: Log = EventBuffer()
    buffer.push(Ping(1))
    buffer.error(ValueError("boom"))
    reader = aiter(buffer)
    assert (await anext(reader)).number == 1
    with pytest.raises(ValueError, match="boom"):
        await anext(reader)


async def test_b5_nothing_is_added_after_close_and_closing_twice_is_harmless() -> None:
    buffer: Log = EventBuffer()
    buffer.close()
    buffer.close()
    assert buffer.push(Ping(1)) is False
    assert len(buffer) == 0


def test_b7_once_hears_one_event_and_off_knows_strangers() -> None:
    buffer: Log = EventBuffer()
    heard: list[int] = []
    buffer.once("ping", lambda event: heard.append(event.number))
    for number in range(3):
        buffer.push(Ping(number))
    assert heard == [0]
    assert buffer.off("ping", print) is False


def test_b4_a_replayed_listener_hears_the_past_and_the_future_of_its_type() -> None:
    buffer: Log = EventBuffer()
    heard: list[int] = []
    buffer.push(Ping(1))
    buffer.push(Pong(2))
    buffer.on_replay("ping", lambda event: heard.append(event.number))
    buffer.push(Ping(3))
    assert heard == [1, 3]


def test_a_listener_that_raises_harms_nobody() -> None:
    buffer: Log = EventBuffer()
    heard: list[int] = []

    def raises(event: Ping | Pong) -> None:
        raise RuntimeError(str(event))

    buffer.on("*", raises)
    buffer.on("*", lambda event: heard.append(event.number))
    assert buffer.push(Ping(1)) is True
    assert heard == [1]


async def test_what_a_listener_pushes_comes_after_what_it_heard_for_every_listener() -> None:
    buffer: Log = EventBuffer()
    first: list[int] = []
    second: list[int] = []
    once: list[int] = []

    def goes_on(event: Ping | Pong) -> None:
        first.append(event.number)
        if event.number < 3:
            assert buffer.push(Ping(event.number + 1)) is True

    buffer.on("ping", goes_on)
    buffer.once("ping", lambda event: once.append(event.number))
    buffer.on("*", lambda event: second.append(event.number))
    buffer.push(Ping(1))
    assert (first, second, once) == ([1, 2, 3], [1, 2, 3], [1])
    assert [event.number for event in buffer.to_list()] == [1, 2, 3]


async def test_b4_what_a_listener_pushes_while_it_hears_the_past_is_heard_once_too() -> None:
    buffer: Log = EventBuffer()
    heard: list[int] = []
    buffer.push(Ping(1))

    def goes_on(event: Ping | Pong) -> None:
        heard.append(event.number)
        if event.number < 3:
            buffer.push(Ping(event.number + 1))

    buffer.on_replay("ping", goes_on)
    buffer.push(Ping(4))
    assert heard == [1, 2, 3, 4]


async def test_a_listener_that_another_stopped_hears_no_more() -> None:
    buffer: Log = EventBuffer()
    heard: list[int] = []
    stops: list[Callable[[], None]] = []
    buffer.on("ping", lambda _: stops[0]())
    stops.append(buffer.on("ping", lambda event: heard.append(event.number)))
    buffer.push(Ping(1))
    assert heard == []


def test_a_listener_of_no_type_hears_everything() -> None:
    buffer: Log = EventBuffer()
    heard: list[int] = []

    def hear(event: Ping | Pong) -> None:
        heard.append(event.number)

    buffer.push(Ping(1))
    stop = buffer.on_replay(hear)
    buffer.once(hear)
    buffer.push(Pong(2))
    buffer.push(Ping(3))
    assert heard == [1, 2, 2, 3]
    assert (buffer.off(hear), buffer.off(hear)) == (True, False)
    stop()
    buffer.on(hear)
    buffer.push(Ping(4))
    assert heard[4:] == [4]
    with pytest.raises(TypeError, match="give a function"):
        buffer.on("ping")


async def test_a_filtered_reader_sees_one_type() -> None:
    buffer: Log = EventBuffer()
    for event in (Ping(1), Pong(2), Ping(3)):
        buffer.push(event)
    buffer.close()
    assert [event.number async for event in buffer.filter("ping")] == [1, 3]


@given(st.lists(st.sampled_from(["push", "open", "turn"]), max_size=40))
@settings(deadline=None, max_examples=100)
def test_any_interleaving_of_readers_loses_nothing(steps: list[str]) -> None:
    async def scenario() -> tuple[list[list[int]], int]:
        buffer: Log = EventBuffer()
        readers: list[asyncio.Task[list[int]]] = []
        pushed = 0
        for step in steps:
            match step:
                case "push":
                    buffer.push(Ping(pushed))
                    pushed += 1
                case "open":
                    readers.append(asyncio.create_task(read(buffer)))
                case _:
                    await asyncio.sleep(0)
        buffer.close()
        return await asyncio.gather(*readers), pushed

    seen, pushed = asyncio.run(scenario())
    assert all(numbers == list(range(pushed)) for numbers in seen)


def test_an_async_listener_is_refused_where_it_is_given() -> None:
    async def listen(_: object) -> None: ...

    log: Log = EventBuffer()
    with pytest.raises(TypeError, match="cannot be async"):
        log.on(listen)
