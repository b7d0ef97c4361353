"""Streams made of other streams: each value changed, looked at, or several streams as one."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any, TypeVar, cast, overload

T = TypeVar("T")
U = TypeVar("U")


async def map_stream(stream: AsyncIterable[T], change: Callable[[T], U]) -> AsyncGenerator[U]:
    """Give what the function makes of each value; closing this closes the stream too."""
    async with _reading(stream) as values:
        async for value in values:
            yield change(value)


async def tap_stream(stream: AsyncIterable[T], look: Callable[[T], object]) -> AsyncGenerator[T]:
    """Give each value after the function has seen it; closing this closes the stream too."""
    async with _reading(stream) as values:
        async for value in values:
            look(value)
            yield value


@overload
def merge_streams(streams: Mapping[str, AsyncIterable[T]]) -> AsyncGenerator[tuple[str, T]]: ...
@overload
def merge_streams(streams: Iterable[AsyncIterable[T]]) -> AsyncGenerator[T]: ...
def merge_streams(streams: Any) -> AsyncGenerator[Any]:
    """Give the values of all streams as they come; of a mapping each with the name of its stream.

    The first stream that raises ends the whole with its error. Closing this closes all of them.
    """
    if isinstance(streams, Mapping):
        return _merged(cast("Mapping[Any, AsyncIterable[Any]]", streams))
    return _untagged(dict(enumerate(cast("Iterable[AsyncIterable[Any]]", streams))))


async def _untagged(streams: Mapping[Any, AsyncIterable[T]]) -> AsyncGenerator[T]:
    async with aclosing(_merged(streams)) as merged:
        async for _, value in merged:
            yield value


async def _merged(streams: Mapping[Any, AsyncIterable[T]]) -> AsyncGenerator[tuple[Any, T]]:
    async with AsyncExitStack() as open_streams:
        readers = {
            tag: await open_streams.enter_async_context(_reading(each)) for tag, each in streams.items()
        }
        waiting = {tag: _read(reader) for tag, reader in readers.items()}
        open_streams.push_async_callback(_stop, waiting)
        while waiting:
            await asyncio.wait(waiting.values(), return_when=asyncio.FIRST_COMPLETED)
            for tag in [tag for tag, task in waiting.items() if task.done()]:
                for value in waiting.pop(tag).result():
                    waiting[tag] = _read(readers[tag])
                    yield tag, value


async def _stop(waiting: "Mapping[Any, asyncio.Task[Any]]") -> None:
    for task in waiting.values():
        task.cancel()
    await asyncio.gather(*waiting.values(), return_exceptions=True)


@asynccontextmanager
async def _reading(stream: AsyncIterable[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """Give the reader of a stream; afterwards it is closed, where that can be done."""
    reader = aiter(stream)
    try:
        yield reader
    finally:
        close = getattr(reader, "aclose", None)
        if close is not None:
            await close()


def _read(reader: AsyncIterator[T]) -> "asyncio.Task[tuple[T] | tuple[()]]":
    return asyncio.ensure_future(_next(reader))


async def _next(reader: AsyncIterator[T]) -> "tuple[T] | tuple[()]":
    """Give the next value, or nothing at the end: no task may end with StopAsyncIteration."""
    try:
        return (await anext(reader),)
    except StopAsyncIteration:
        return ()
