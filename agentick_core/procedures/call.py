"""A started call: awaiting it gives what it returns, and waiting never cancels it."""

import asyncio
from collections.abc import Awaitable, Generator
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

T = TypeVar("T")


class Call(Generic[T]):
    """The call of a procedure, already under way.

    Await it for its value. Nobody has to: a failure that nobody awaits is silent.
    """

    __slots__ = ("_future",)

    def __init__(self, future: "asyncio.Future[T]") -> None:
        self._future = future
        future.add_done_callback(look_at)

    def __await__(self) -> Generator[Any, None, T]:
        return asyncio.shield(self._future).__await__()

    @property
    def result(self) -> Awaitable[T]:
        """The final value of the call."""
        return self

    @property
    def done(self) -> bool:
        """Whether the call has ended."""
        return self._future.done()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(f"A call has no {name!r}; what it gives may have: (await call).{name}")


def look_at(future: "asyncio.Future[Any]") -> None:
    """Take note of the failure, so that asyncio does not report it as never retrieved."""
    if not future.cancelled():
        future.exception()


def failed(error: BaseException) -> "asyncio.Future[Any]":
    """Give a future that has failed already."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    future.add_done_callback(look_at)
    future.exception()
    return future
