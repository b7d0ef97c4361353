"""Streams made of other streams."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from agentick_core.events import map_stream, merge_streams, tap_stream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


async def counting(*numbers: int, gate: asyncio.Event | None = None) -> "AsyncGenerator[int]":
    for number in numbers:
        if gate is not None:
            await gate.wait()
        yield number


async def test_each_value_is_changed_or_looked_at() -> None:
    seen: list[int] = []
    assert [text async for text in map_stream(tap_stream(counting(1, 2), seen.append), str)] == ["1", "2"]
    assert seen == [1, 2]


async def test_several_streams_are_read_as_one_as_their_values_come() -> None:
    gate = asyncio.Event()
    seen: list[int] = []
    async for number in merge_streams([counting(1, 2, gate=gate), counting(3, 4)]):
        seen.append(number)
        if number == 4:
            gate.set()
    assert seen == [3, 4, 1, 2]
    none: list[AsyncGenerator[int]] = []
    assert [number async for number in merge_streams(none)] == []


async def test_named_streams_give_their_names_with_their_values() -> None:
    merged = merge_streams({"a": counting(1), "b": counting(2)})
    assert sorted([value async for value in merged]) == [("a", 1), ("b", 2)]


async def test_a_stream_that_raises_ends_the_whole_and_stops_the_others() -> None:
    async def failing() -> "AsyncGenerator[int]":
        yield 1
        raise ValueError("broken")

    stopped = asyncio.Event()

    async def endless() -> "AsyncGenerator[int]":
        try:
            await asyncio.Event().wait()
            yield 0
        finally:
            stopped.set()

    with pytest.raises(ValueError, match="broken"):
        async for _ in merge_streams([failing(), endless()]):
            pass
    assert stopped.is_set()


@pytest.mark.parametrize("how", ["map", "tap", "merge", "merge named"])
async def test_whoever_leaves_early_and_closes_what_was_read_closes_its_sources(how: str) -> None:
    closed: list[str] = []
    seen: list[int] = []

    async def numbers(name: str) -> "AsyncGenerator[int]":
        try:
            yield 1
            await asyncio.sleep(0)
            yield 2
        finally:
            closed.append(name)

    one, other = numbers("one"), numbers("other")
    streams: dict[str, AsyncGenerator[object]] = {
        "map": map_stream(one, str),
        "tap": tap_stream(one, seen.append),
        "merge": merge_streams([one, other]),
        "merge named": merge_streams({"a": one, "b": other}),
    }
    async with aclosing(streams[how]) as values:
        await anext(values)
    assert sorted(closed) == (["one", "other"] if how.startswith("merge") else ["one"])


async def test_a_stream_that_cannot_be_closed_is_read_all_the_same() -> None:
    class Once:
        def __init__(self) -> None:
            self.left = [1]

        def __aiter__(self) -> "Once":
            return self

        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            return self.left.pop()

    assert [value async for value in map_stream(merge_streams([Once()]), str)] == ["1"]
