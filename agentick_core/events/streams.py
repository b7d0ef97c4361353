"""Streams made of other streams: each value changed, looked at, or several streams as one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar, cast, overload

T = TypeVar("T")
U = TypeVar("U")


async def map_stream(stream: AsyncIterable[T], change: Callable[[T], U]) -> AsyncGenerator[U]:
    """Give what the function makes of each value."""
    async for value in stream:
        yield change(value)


async def tap_stream(stream: AsyncIterable[T], look: Callable[[T], object]) -> AsyncGenerator[T]:
    """Give each value after the function has seen it."""
    async for value in stream:
        look(value)
        yield value


@overload
def merge_streams(streams: Mapping[str, AsyncIterable[T]]) -> AsyncGenerator[tuple[str, T]]: ...
@overload
def merge_streams(streams: Iterable[AsyncIterable[T]]) -> AsyncGenerator[T]: ...
def merge_streams(streams: Any) -> AsyncGenerator[Any]:
    """Give the values of all streams as they come; of a mapping each with the name of its stream.

    The first stream that raises ends the whole with its error. Whoever leaves early stops reading all of them.
    """
    if isinstance(streams, Mapping):
        return _merged(cast("Mapping[Any, AsyncIterable[Any]]", streams))
    return _untagged(dict(enumerate(cast("Iterable[AsyncIterable[Any]]", streams))))


async def _untagged(streams: Mapping[Any, AsyncIterable[T]]) -> AsyncGenerator[T]:
    async with aclosing(_merged(streams)) as merged:
        async for _, value in merged:
            yield value


async def _merged(streams: Mapping[Any, AsyncIterable[T]]) -> AsyncGenerator[tuple[Any, T]]:
    readers = {tag: aiter(stream) for tag, stream in streams.items()}
    waiting = {tag: _read(reader) for tag, reader in readers.items()}
    try:
        while waiting:
            await asyncio.wait(waiting.values(), return_when=asyncio.FIRST_COMPLETED)
            for tag in [tag for tag, task in waiting.items() if task.done()]:
                for value in waiting.pop(tag).result():
                    waiting[tag] = _read(readers[tag])
                    yield tag, value
    finally:
        for task in waiting.values():
            task.cancel()
        if waiting:
            await asyncio.wait(waiting.values())


def _read(reader: AsyncIterator[T]) -> "asyncio.Task[tuple[T] | tuple[()]]":
    return asyncio.ensure_future(_next(reader))


async def _next(reader: AsyncIterator[T]) -> "tuple[T] | tuple[()]":
    """Give the next value, or nothing at the end: no task may end with StopAsyncIteration."""
    try:
        return (await anext(reader),)
    except StopAsyncIteration:
        return ()
