"""What a generator yields in a call: kept for whoever reads it, told as it comes, and closed when the call ends."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from agentick_core.procedures.futures import failure

if TYPE_CHECKING:
    from agentick_core.events.buffer import EventBuffer


@dataclass(frozen=True, slots=True)
class Chunk:
    """One value that a generator yielded."""

    type: ClassVar[str] = "chunk"
    value: Any


def opened() -> "EventBuffer[Chunk]":
    """Give what takes the chunks of a call."""
    # Whoever decorates a tool loads procedures, and need not load every event.
    from agentick_core.events.buffer import EventBuffer

    return EventBuffer[Chunk]()


def is_generator(function: object) -> bool:
    """Tell whether calling this gives a generator, async or not."""
    return any(
        test(each)
        for test in (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
        for each in (function, type(function).__call__)
    )


def drained(
    generator: Callable[..., Any], chunks: "EventBuffer[Chunk] | None", tell: Callable[[Any], object] | None
) -> Callable[..., Awaitable[Any]]:
    """Make a function of a generator: awaited, it gives what the generator returns, or None of an async one."""

    def hear(value: Any) -> None:
        if chunks is not None:
            chunks.push(Chunk(value))
        if tell is not None:
            tell(value)

    def handle(*args: Any, **kwargs: Any) -> Awaitable[Any]:
        begun = generator(*args, **kwargs)
        return _drain(begun, hear) if inspect.isgenerator(begun) else _drain_async(begun, hear)

    return handle


def ended(chunks: "EventBuffer[Chunk]", future: "asyncio.Future[Any]") -> None:
    """Let the readers end as the call did."""
    if (error := failure(future)) is not None:
        chunks.error(error)
    else:
        chunks.close()


async def _drain(generator: Generator[Any, Any, Any], hear: Callable[[Any], None]) -> Any:
    with closing(generator):
        while True:
            try:
                value = next(generator)
            except StopIteration as end:
                return end.value
            hear(value)
            # Others have their turn, and a call that was stopped ends here.
            await asyncio.sleep(0)


async def _drain_async(generator: AsyncGenerator[Any, Any], hear: Callable[[Any], None]) -> None:
    async with aclosing(generator):
        async for value in generator:
            hear(value)
            await asyncio.sleep(0)
